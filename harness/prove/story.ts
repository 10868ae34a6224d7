import type { ActionEvent, BootInput, BootJudge, Cause, JudgeOutput, Moment } from "../contract/index.ts";
import type { CaseRef, Emit } from "../events/index.ts";
import type { BootDirectory } from "../evidence/index.ts";
import type { RunningBoot } from "../machine/index.ts";
import type { Hand } from "./companion.ts";
import type { Company } from "./company.ts";
import { SlowWatch } from "./slow.ts";
import { ConsoleTail } from "./tail.ts";

export interface StoryParts {
  readonly boot: RunningBoot;
  readonly judge: BootJudge;
  readonly stored: BootDirectory;
  readonly company: Company;
  /** Its guest stays on when it is done, so that its console can be read: then the tool ends it. */
  readonly staysOn: boolean;
  /** Never pulls the cord: an emulator that is cut off leaves half a log, from which nothing can be run again. */
  readonly gently: boolean;
  readonly ref: CaseRef;
  readonly name: string;
  readonly emit: Emit;
}

/**
 * One boot as it happens: each input is judged, stored, shown and handed to the companions, in that order, and what the
 * judge says of it is done to the machine.
 */
export class BootStory {
  readonly tail = new ConsoleTail();
  readonly #parts: StoryParts;
  readonly #slow: SlowWatch;
  #last: Moment = { wallMs: 0, cpuMs: 0 };
  /** Somebody looks at the machine, which stands still: that time passes is not part of the story. */
  #isHeld = false;
  /** Somebody has the machine for good: nothing more of it is. */
  #isTaken = false;
  /** The machine is gone. */
  #isOver = false;

  constructor(parts: StoryParts) {
    this.#parts = parts;
    const { ref, name, emit } = parts;
    this.#slow = new SlowWatch((awaiting, ms) => emit({ type: "slow", case: ref, boot: name, awaiting, ms }));
  }

  /** Reads the boot to its end. What a shared boot has shown before it comes first, and its time with it. */
  async follow(past: readonly BootInput[] | undefined): Promise<void> {
    for (const input of past ?? []) this.take(input);
    const since = this.#last;
    for await (const input of this.#parts.boot.inputs)
      this.take(past === undefined ? input : later(input, since));
    this.#isOver = true;
  }

  take(input: BootInput): void {
    const { judge, stored, company } = this.#parts;
    if (this.#isHeld && input.kind === "tick") return;
    if (this.#isTaken) return company.saw(input, []);
    this.#last = input.at;
    if (input.kind === "bytes") this.tail.add(input.bytes);
    const said = judge.feed(input);
    // A tick that decided nothing is not part of the story; one that did is why the story ends.
    if (input.kind !== "tick" || said.length > 0) stored.append(input);
    for (const what of said) this.#heed(what);
    if (input.kind === "control" && input.event.type === "action") this.#show(input.event, input.at);
    company.saw(input, said);
    this.#slow.look(judge.awaiting(), input.at.wallMs);
  }

  /** Ends the machine because the run is stopped. */
  interrupt(): void {
    this.#end("cut", "interrupted");
  }

  /** What the companions may do to the boot. */
  get hand(): Hand {
    const { boot, stored } = this.#parts;
    return {
      act: (action) => boot.act(action),
      note: (event) => this.#note({ type: "action", ...event }),
      attach: (name, bytes) => stored.attach(name, bytes),
      fail: (why) => boot.end("cut", "host", why),
      takeOver: (until) => this.#handOver(until),
      trace: boot.trace,
      network: boot.network,
      monitor: boot.monitor,
    };
  }

  #heed(what: JudgeOutput): void {
    const { company, emit, ref, name: boot, staysOn } = this.#parts;
    switch (what.type) {
      case "banner":
        return emit({ type: "banner", case: ref, boot, wallMs: what.at.wallMs });
      case "landmark": {
        const { seen, of } = what;
        const { name, captures, offset, at } = what.landmark;
        return emit({
          type: "landmark",
          case: ref,
          boot,
          name,
          captures,
          offset,
          wallMs: at.wallMs,
          seen,
          of,
        });
      }
      case "decided": {
        const looking = isOfTheGuest(what.cause) ? company.failed(what) : undefined;
        if (looking === undefined) return this.#end(what.end, what.why);
        this.#isHeld = true;
        void looking.then(() => this.#end(what.end, what.why));
        return;
      }
      case "halted":
        if (staysOn) this.#end("quit", "planned");
        return;
      default:
        // What else the judge says is for those who take part in the boot.
        return;
    }
  }

  #note(event: ActionEvent): void {
    // What is found out when the machine is gone stands behind its exit, at the same moment.
    if (this.#isOver) this.take({ kind: "control", at: this.#last, event });
    else this.#parts.boot.note(event);
  }

  #show({ source, name, detail, ok }: ActionEvent, { wallMs }: Moment): void {
    const { emit, ref, name: boot } = this.#parts;
    emit({ type: "action", case: ref, boot, source, name, detail, ok, offset: this.tail.bytes, wallMs });
  }

  #handOver(until: Promise<void>): void {
    const { boot, judge, stored } = this.#parts;
    const detail = "somebody looks at the machine";
    const input: BootInput = {
      kind: "control",
      at: this.#last,
      event: { type: "ended-by-tool", why: "interrupted", detail },
    };
    stored.append(input);
    judge.feed(input);
    this.#isTaken = true;
    void until.finally(() => boot.end("cut", "interrupted"));
  }

  #end(how: "quit" | "cut", why: Parameters<RunningBoot["end"]>[1]): void {
    const { boot, gently } = this.#parts;
    boot.end(gently ? "quit" : how, why);
  }
}

/** Whether a machine stands to be looked at: where the run was stopped or the host failed, it is already being ended. */
function isOfTheGuest(cause: Cause | undefined): boolean {
  return cause !== undefined && !["interrupted", "host", "cloud"].includes(cause.kind);
}

/** What comes behind a past counts on from its end. */
function later(input: BootInput, since: Moment): BootInput {
  const at = { wallMs: since.wallMs + input.at.wallMs, cpuMs: since.cpuMs + input.at.cpuMs };
  return { ...input, at };
}
