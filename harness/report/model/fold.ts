import type { CaseRef, Event, EventBody } from "../../events/index.ts";
import type { ActionMark, BootReport, CaseReport, Mark, MutantReport, RunReport } from "./types.ts";
import type { Stream } from "./stream.ts";

type Of<T extends EventBody["type"]> = Extract<Event, { type: T }>;

/** A report from events alone: everything but consoles, patterns and what else only the evidence holds. */
export function foldEvents({ events, strange }: Pick<Stream, "events" | "strange">): RunReport {
  const fold = new Fold();
  for (const event of events) fold.on(event);
  return fold.report(events, strange);
}

class Fold {
  #started: Of<"run-started"> | undefined;
  #finished: Of<"run-finished"> | undefined;
  readonly #cases = new Map<string, OpenCase>();
  readonly #builds: Of<"build-finished">[] = [];
  readonly #accelerators: Of<"accelerator">[] = [];
  readonly #notices: Of<"notice">[] = [];
  readonly #problems: Of<"problem">[] = [];

  on(event: Event): void {
    if ("case" in event) {
      this.#case(event.case).on(event);
      return;
    }
    switch (event.type) {
      case "run-started":
        this.#started = event;
        for (const ref of event.cases) this.#case(ref);
        break;
      case "run-finished":
        this.#finished = event;
        break;
      case "build-finished":
        this.#builds.push(event);
        break;
      case "accelerator":
        this.#accelerators.push(event);
        break;
      case "notice":
        this.#notices.push(event);
        break;
      case "problem":
        this.#problems.push(event);
        break;
      default:
        break;
    }
  }

  report(events: readonly Event[], strange: RunReport["strange"]): RunReport {
    const [first] = events;
    const state = this.#finished === undefined ? "died" : "finished";
    // Merged shards each tell the same.
    const told = new Map(this.#accelerators.map((a) => [`${a.accelerator} ${a.reason}`, a]));
    const accelerators = [...told.values()].map(({ accelerator, reason }) => ({ accelerator, reason }));
    // One accelerator for the whole run is also that of each case; of several, the evidence knows.
    const [only, more] = accelerators;
    const accelerator = only !== undefined && more === undefined ? only.accelerator : "";
    return {
      v: 1,
      run: first?.run ?? "",
      capos: this.#started?.capos ?? "",
      startedAt: first?.at ?? "",
      ms: this.#finished?.ms ?? events.at(-1)?.elapsedMs ?? 0,
      state,
      exit: this.#finished?.exit ?? null,
      dir: this.#started?.dir ?? "",
      usage: usageOf(this.#finished),
      accelerators,
      builds: this.#builds.map(({ image, path, digest, ms }) => ({ image, path, digest, ms })),
      cases: withFlaky([...this.#cases.values()].map((c) => c.report(accelerator))),
      notices: this.#notices.map(({ level, text }) => ({ level, text })),
      problems: this.#problems.map(({ code, text }) => ({ code, text })),
      strange,
    };
  }

  #case(ref: CaseRef): OpenCase {
    const known = this.#cases.get(ref.id);
    if (known !== undefined) return known;
    const fresh = new OpenCase(ref);
    this.#cases.set(ref.id, fresh);
    return fresh;
  }
}

function usageOf(finished: Of<"run-finished"> | undefined): RunReport["usage"] {
  if (finished?.guestMs === undefined) return null;
  return { guestMs: finished.guestMs, cpuMs: finished.cpuMs ?? null, cpus: finished.cpus ?? null };
}

/** Attempts of one case are told apart by `#2` behind its id; where their verdicts differ, each is flaky. */
function withFlaky(cases: readonly CaseReport[]): readonly CaseReport[] {
  const verdicts = new Map<string, Set<string>>();
  const baseOf = (id: string): string => id.replace(/#\d+$/u, "");
  for (const { id, verdict } of cases) {
    verdicts.set(baseOf(id), (verdicts.get(baseOf(id)) ?? new Set()).add(verdict));
  }
  return cases.map((one) => ({ ...one, flaky: (verdicts.get(baseOf(one.id))?.size ?? 0) > 1 }));
}

type CaseEvent = Extract<Event, { readonly case: CaseRef }>;

class OpenCase {
  readonly #ref: CaseRef;
  readonly #boots = new Map<string, OpenBoot>();
  #started: Of<"case-started"> | undefined;
  #finished: Of<"case-finished"> | undefined;
  #slowMs = 0;
  #mutants: MutantReport | null = null;
  #lastMs = 0;

  constructor(ref: CaseRef) {
    this.#ref = ref;
  }

  on(event: CaseEvent): void {
    // Told when all cases have ended; the case's own time is over by then.
    if (event.type === "mutants") {
      const { total, killed, survivors, dead, untried, loose } = event;
      this.#mutants = { total, killed, survivors, dead, untried, loose };
      return;
    }
    this.#lastMs = event.elapsedMs;
    if (event.type === "case-started") {
      this.#started = event;
      for (const name of event.boots) this.#boot(name);
    } else if (event.type === "case-finished") this.#finished = event;
    else {
      if (event.type === "slow") this.#slowMs = Math.max(this.#slowMs, event.ms);
      this.#boot(event.boot).on(event);
    }
  }

  report(accelerator: string): CaseReport {
    const started = this.#started;
    const finished = this.#finished;
    const startedMs = started?.elapsedMs ?? null;
    const { id, proof, path } = this.#ref;
    const cut = startedMs === null ? "not-run" : "died";
    return {
      id,
      proof,
      path,
      accelerator: /\+(kvm|tcg)(?:#\d+)?$/u.exec(id)?.[1] ?? accelerator,
      title: started?.title ?? "",
      verdict: finished?.verdict ?? cut,
      cause: finished?.cause ?? (cut === "died" ? "the run ended before this case did" : ""),
      report: finished?.report ?? [],
      span: finished?.span ?? null,
      dir: finished?.dir ?? started?.dir ?? "",
      again: finished?.again ?? "",
      ms: finished?.ms ?? (startedMs === null ? 0 : this.#lastMs - startedMs),
      startedMs,
      boots: [...this.#boots.values()].map((b) => b.report()),
      slowMs: this.#slowMs,
      cached: finished?.cached ?? null,
      tolerated: finished?.tolerated ?? null,
      flaky: false,
      mutants: this.#mutants,
    };
  }

  #boot(name: string): OpenBoot {
    const known = this.#boots.get(name);
    if (known !== undefined) return known;
    const fresh = new OpenBoot(name, this.#boots.size);
    this.#boots.set(name, fresh);
    return fresh;
  }
}

type BootEvent = Exclude<CaseEvent, { type: "case-started" | "case-finished" }>;

class OpenBoot {
  readonly #name: string;
  readonly #index: number;
  readonly #marks: Mark[] = [];
  readonly #actions: ActionMark[] = [];
  readonly #waits = new Map<string, number>();
  #startedMs: number | null = null;
  #bannerMs: number | null = null;
  #ended: Of<"boot-ended"> | undefined;

  constructor(name: string, index: number) {
    this.#name = name;
    this.#index = index;
  }

  on(event: BootEvent): void {
    switch (event.type) {
      case "boot-started":
        this.#startedMs = event.elapsedMs;
        break;
      case "banner":
        this.#bannerMs = event.wallMs;
        break;
      case "landmark": {
        const { name, wallMs, offset, captures } = event;
        this.#marks.push({ name, wallMs, offset, length: null, torn: false, captures, line: "" });
        break;
      }
      case "action": {
        const { source, name, detail, ok, offset, wallMs } = event;
        this.#actions.push({ source, name, detail, ok, offset, wallMs });
        break;
      }
      case "slow":
        this.#waits.set(event.awaiting, event.ms);
        break;
      case "boot-ended":
        this.#ended = event;
        break;
      default:
        break;
    }
  }

  report(): BootReport {
    return {
      name: this.#name,
      index: this.#index,
      startedMs: this.#startedMs,
      how: this.#ended?.how ?? "",
      wallMs: this.#ended?.wallMs ?? null,
      bannerMs: this.#bannerMs,
      marks: this.#marks,
      missing: [],
      actions: this.#actions,
      waits: [...this.#waits].map(([awaiting, ms]) => ({ awaiting, ms })),
      console: null,
      attached: [],
    };
  }
}
