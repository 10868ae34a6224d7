import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import { canonicalJson, fail, ok, problem, type Result, sha256 } from "../../base/index.ts";
import {
  type BootInput,
  type BootJudge,
  type BootJudgement,
  type Crash,
  crashMoments,
  crashStatesAction,
  crashStatesStopped,
  createBootJudge,
  type CrashMoment,
  type DiskHistory,
  freshnessOf,
  type JudgeOutput,
  recoveryProof,
} from "../../contract/index.ts";
import type { BootRequest } from "../../machine/index.ts";
import { proveCodes } from "../codes.ts";
import type { Companion, CompanionContext, Hand } from "../companion.ts";
import { buildState, readExtents } from "./build.ts";
import { checkStates, type Checked } from "./check.ts";
import { type BadState, badStates, describeState } from "./consistency.ts";
import { ordersFor } from "./orders.ts";
import type { Recorder } from "./recorder.ts";
import { recordOf } from "./write-log.ts";
import { allowedRecoveries, bootSample, type SampleResult } from "./sample.ts";
import { type CrashStates, crashStates, type DiskState } from "./states.ts";
import { storeState, storedStateText } from "./stored-state.ts";

/**
 * Tries the crash states of a boot when it is over: makes every state, has each checked, boots some, and puts what it
 * found into the boot's record, where it is judged.
 */
export class CrashTrial implements Companion {
  readonly #context: CompanionContext;
  readonly #crash: Crash;
  readonly #recorder: Recorder;
  readonly #ends = new Map<string, number>();
  #hand: Hand | undefined;
  #judge: BootJudge | undefined;

  constructor(context: CompanionContext, crash: Crash, recorder: Recorder) {
    this.#context = context;
    this.#crash = crash;
    this.#recorder = recorder;
  }

  prepare(request: BootRequest): Promise<Result<BootRequest>> {
    // Judged here as well, because the states are made before the boot's own judge has come to its end.
    const { proof, boot, index, lab } = this.#context;
    const { nonce = "", boot: number = 0 } = request.identity ?? {};
    this.#judge = createBootJudge(recoveryProof(proof, index, boot), 0, {
      identity: { nonce, boot: number, systemDigest: lab.systemDigest },
      freshness: freshnessOf(proof.guest, lab.machine.freshness),
    });
    return Promise.resolve(this.#recorder.prepare(request));
  }

  started(hand: Hand): void {
    this.#hand = hand;
    this.#recorder.listen(hand.trace);
  }

  saw(input: BootInput, said: readonly JudgeOutput[]): void {
    this.#judge?.feed(input);
    if (input.kind === "bytes") this.#recorder.shown(input.bytes);
    for (const what of said) {
      if (what.type !== "landmark") continue;
      const { name, offset, length } = what.landmark;
      if (!this.#ends.has(name)) this.#ends.set(name, offset + length);
    }
  }

  async ended(): Promise<Result<undefined>> {
    const hand = this.#hand;
    try {
      if (hand === undefined) return ok(undefined);
      const crashed = this.#judge?.finish();
      const tried = crashed?.verdict === "proved" ? await this.#try(hand, crashed) : ok(undefined);
      const kept = this.#context.disks.map(({ serial }) => this.#recorder.keepAll(serial));
      return kept.find((k) => !k.ok) ?? tried;
    } finally {
      this.#recorder.close();
    }
  }

  async #try(hand: Hand, crashed: BootJudgement): Promise<Result<undefined>> {
    const began = performance.now();
    const { window, disk: serial, check, reorder, torn } = this.#crash;
    const disk = this.#context.disks.find((d) => d.serial === serial);
    const [from, until] = window.map((name) => this.#ends.get(name) ?? 0);
    if (disk === undefined || from === undefined || until === undefined)
      throw new Error("the window was checked");
    const history = this.#recorder.history(serial, until);
    if (!history.ok) return history;
    const marks = [...this.#ends.values()];
    const moments = crashMoments(history.value, from, until, marks);
    try {
      const made = await crashStates(history.value, disk.file, moments, { reorder, torn });
      const trial: Trial = { history: history.value, base: disk.file, moments, made, bad: [] };
      if (check !== undefined) {
        const checked = await this.#check(trial, `check-${check}`);
        if (this.#context.stopping.aborted) return this.#stopped(hand);
        if (!checked.ok) return checked;
        trial.bad = badStates(trial.history, moments, made, checked.value);
        trial.contents = contentsOf(checked.value);
      }
      const samples = trial.bad.length > 0 ? ok([]) : await this.#sample(hand, trial, crashed);
      if (!samples.ok) return samples;
      if (this.#context.stopping.aborted) return this.#stopped(hand);
      this.#tell(hand, trial, samples.value, Math.round(performance.now() - began));
      return ok(undefined);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return fail(
        problem(proveCodes, "CAPOS_PROVE_DISK", `the crash states of ${serial} could not be made: ${why}`),
      );
    }
  }

  /** What was cut off in the middle says nothing of the states. */
  #stopped(hand: Hand): Result<undefined> {
    hand.note({ source: "tool", name: crashStatesStopped, detail: "the run was interrupted", ok: false });
    return ok(undefined);
  }

  async #check({ history, base, moments, made }: Trial, tool: string): Promise<Result<readonly Checked[]>> {
    const { lab, supervisor, stopping } = this.#context;
    const program = await lab.hostTool(tool);
    if (!program.ok) return program;
    const orders = ordersFor(readExtents(base), history, moments, made.states);
    return checkStates(supervisor, program.value, orders, made.states.length, stopping);
  }

  /** Boots some of the states, spread evenly over them. */
  async #sample(hand: Hand, trial: Trial, crashed: BootJudgement): Promise<Result<readonly Sampled[]>> {
    const { proof, index, root, scratch } = this.#context;
    const { states } = trial.made;
    const count = Math.min(this.#crash.sample, states.length);
    const sampled: Sampled[] = [];
    for (let i = 0; i < count; i++) {
      const state =
        states[count === 1 ? states.length - 1 : Math.round((i * (states.length - 1)) / (count - 1))];
      const moment = trial.moments[state?.moment ?? -1];
      if (state === undefined || moment === undefined || this.#context.stopping.aborted) break;
      const file = join(scratch, "disks", `state-${i}.raw`);
      buildState(trial.base, file, trial.history, moment, state);
      const passed = [...state.moments].map((m) => this.#passedNames(trial.moments[m]));
      const boot = proof.boots.length + 1 + i;
      const recovers = allowedRecoveries(proof, index, passed);
      const result = await bootSample(this.#context, crashed, { file: relative(root, file), recovers, boot });
      if (!result.ok) return result;
      hand.attach(`crash-${i + 1}.raw`, result.value.console);
      hand.attach(`crash-${i + 1}.jsonl`, Buffer.from(result.value.timeline));
      sampled.push({ state, result: result.value });
    }
    return ok(sampled);
  }

  #passedNames(moment: CrashMoment | undefined): ReadonlySet<string> {
    const names = [...this.#ends].filter(([, end]) => moment?.passed.has(end) === true);
    return new Set(names.map(([name]) => name));
  }

  #tell(hand: Hand, trial: Trial, samples: readonly Sampled[], ms: number): void {
    const { history, moments, made } = trial;
    const count = made.states.length;
    const unproved = samples.find(({ result }) => result.proved === undefined);
    const [smallest] = trial.bad;
    const show = (state: DiskState): string => describeState(history, moments, state);
    let detail = `${count} states, all consistent; ${samples.length} of them booted${boundWords(trial)}`;
    if (smallest !== undefined) {
      detail = `${trial.bad.length} of ${count} states are bad; the smallest: ${show(smallest.state)}: ${smallest.why}`;
    } else if (unproved !== undefined) {
      detail = `of ${samples.length} booted states one does not recover: ${show(unproved.state)}: ${unproved.result.why}`;
    }
    const worst = smallest?.state ?? unproved?.state;
    if (worst !== undefined) this.#keep(hand, trial, worst, smallest?.why ?? unproved?.result.why ?? "");
    const { record, data } = recordOf(history);
    hand.attach("crash-writes.jsonl", record);
    hand.attach("crash-writes.raw", data);
    hand.attach("crash-states.json", Buffer.from(this.#report(trial, samples, ms)));
    hand.note({ source: "tool", name: crashStatesAction, detail, ok: worst === undefined });
  }

  /** Keeps a state that should not be as a case for tests. */
  #keep(hand: Hand, trial: Trial, state: DiskState, why: string): void {
    const file = join(this.#context.scratch, "disks", "worst.raw");
    const moment = trial.moments[state.moment];
    if (moment === undefined || existsSync(file)) return;
    buildState(trial.base, file, trial.history, moment, state);
    const stored = storeState(file, this.#crash.check ?? "boot", why);
    hand.attach("crash-worst.json", Buffer.from(storedStateText(stored)));
  }

  #report({ history, moments, made, bad, contents }: Trial, samples: readonly Sampled[], ms: number): string {
    const { window, disk, check = "none", reorder, torn } = this.#crash;
    const report = {
      v: 1,
      window,
      disk,
      check,
      bounds: { reorder, torn },
      writes: history.writes.length,
      moments: moments.map((moment, m) => ({
        after: [...this.#passedNames(moment)],
        durable: moment.durable.length,
        pending: moment.pending.length,
        states: made.states.filter((state) => state.moment === m).length,
        ...made.tried[m],
      })),
      survivals: made.survivals,
      states: made.states.length,
      /** Over the digests of all states, sorted: equal records give equal states. */
      digest: sha256(
        made.states
          .map(({ digest }) => digest)
          .toSorted()
          .join("\n"),
      ),
      contents: contents ?? {},
      bad: bad.length,
      smallest: bad
        .slice(0, 8)
        .map(({ state, why }) => ({ how: describeState(history, moments, state), why })),
      booted: samples.map(({ state, result: { proved, why, identity } }) => ({
        how: describeState(history, moments, state),
        identity,
        recovery: proved ?? null,
        why,
      })),
      ms,
    };
    return `${canonicalJson(report)}\n`;
  }
}

interface Trial {
  readonly history: DiskHistory;
  /** The disk as the boot found it. */
  readonly base: string;
  readonly moments: readonly CrashMoment[];
  readonly made: CrashStates;
  bad: readonly BadState[];
  contents?: Readonly<Record<string, number>>;
}

interface Sampled {
  readonly state: DiskState;
  readonly result: SampleResult;
}

/** Where not all subsets could be tried: how far it went. */
function boundWords({ moments, made }: Trial): string {
  const bounds = made.tried.flatMap(({ subsets }) => (subsets === "all" ? [] : [subsets]));
  if (bounds.length === 0) return "";
  const most = Math.max(...moments.map(({ pending }) => pending.length));
  return `; of up to ${most} pending writes at most ${Math.min(...bounds)} were kept or lost`;
}

/** How many states hold what. */
function contentsOf(checked: readonly Checked[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { text } of checked) counts[text] = (counts[text] ?? 0) + 1;
  return counts;
}
