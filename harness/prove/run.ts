import { rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { relative } from "node:path";
import { type Clock, exitCodes, problem, type Result } from "../base/index.ts";
import type { Emit } from "../events/index.ts";
import type { CacheOptions } from "./cached.ts";
import { type ArtifactSource, runCase, type CaseContext, type CaseResult } from "./case.ts";
import { proveCodes } from "./codes.ts";
import type { Expected } from "./history/durations.ts";
import type { HistoryRecord } from "./history/record.ts";
import { attemptOf, baseRef, type PlacedCase } from "./plan.ts";
import { recordResult } from "./recording.ts";
import { Admission, costOf } from "./schedule/admission.ts";
import { type Amount, readHost } from "./schedule/host.ts";
import { runPool, type Work } from "./schedule/pool.ts";
import { startUsage } from "./schedule/usage.ts";
import { longestFirst } from "./shard.ts";
import { countEnded, type Ended, exitOfRun, isFailed } from "./tally.ts";

export interface RunContext extends Omit<CaseContext, "emit" | "artifacts"> {
  readonly emit: Emit;
  readonly artifacts: ArtifactSource;
  readonly clock: Clock;
  /** Fires at the first interrupt: nothing new is started. */
  readonly stopping: AbortSignal;
  /** Cases at a time; as many as the host has room for unless given. */
  readonly jobs?: number;
  /** What cases are expected to cost; without it they run in the order given. */
  readonly expected?: Expected;
  /** How often each case is run; with `untilFail`, at most. */
  readonly repeat?: number;
  /** Runs each case again and again until one fails. */
  readonly untilFail?: boolean;
  /** Changes the evidence of each proved case, when all have ended, in every way that its proof should notice. */
  readonly mutants?: boolean;
  /** Starts nothing more once a case has failed. */
  readonly failFast?: boolean;
  /** How often a case that the host or the cloud has failed is tried again. A pass is then still no success. */
  readonly retries?: number;
  /** Answers cases from earlier runs of the same inputs. */
  readonly cached?: CacheOptions;
  /** A case without KVM, once the host has lost it. */
  readonly withoutKvm?: (one: PlacedCase, reason: string) => Promise<Result<PlacedCase | undefined>>;
  readonly host?: Amount;
}

export interface RunResult {
  readonly cases: readonly CaseResult[];
  /** Exit code by the rules of docs/errors.md; an interrupt's code is the caller's. */
  readonly exit: number;
}

/** Runs the cases, as many at a time as there is room for, and sums them up. */
export async function runCases(cases: readonly PlacedCase[], context: RunContext): Promise<RunResult> {
  const { emit } = context;
  const usage = startUsage(context.clock);
  const run = new Run(context);
  const planned = run.planned(cases);
  emit({
    type: "run-started",
    capos: context.capos,
    cases: planned.map((c) => c.ref),
    dir: relative(context.root, context.runDir),
  });
  await run.all(planned);
  const used = usage();
  const results = run.ended.map((e) => e.result);
  const counts = countEnded(run.ended, planned);
  const ended = exitOfRun(run.ended, context.stopping.aborted && counts.skipped > 0);
  const exit = (await isCleanAtClose(cases, results, context)) ? ended : withDoubt(ended);
  const { passed, failed, skipped, cached, tolerated, flaky, guestMs } = counts;
  emit({
    type: "run-finished",
    passed,
    failed,
    skipped,
    exit,
    ...used,
    guestMs,
    cpus: run.host.cpus,
    ...(cached > 0 ? { cached } : {}),
    ...(tolerated > 0 ? { tolerated } : {}),
    ...(flaky > 0 ? { flaky } : {}),
  });
  return { cases: results, exit };
}

/** Most runs have nothing that is asked of them as a whole, and load nothing for it. */
async function isCleanAtClose(
  cases: readonly PlacedCase[],
  results: readonly CaseResult[],
  context: RunContext,
): Promise<boolean> {
  const isAsked = context.mutants === true || cases.some(({ proof }) => proof.everywhere !== undefined);
  return !isAsked || (await import("./closing/index.ts")).closeRun(cases, results, context);
}

/** A graver cause than a proof's own keeps its code. */
function withDoubt(exit: number): number {
  return exit === exitCodes.proved ? exitCodes.notProved : exit;
}

class Run {
  readonly host: Amount;
  readonly ended: Ended[] = [];
  readonly #context: RunContext;
  readonly #admission: Admission;
  /** Cached verdicts that are being confirmed, by case. */
  #sampled: ReadonlyMap<string, HistoryRecord> = new Map();
  /** Why KVM is no longer used, once it is not. */
  #kvmLost: string | undefined;

  constructor(context: RunContext) {
    this.#context = context;
    this.host = context.host ?? readHost();
    this.#admission = new Admission(this.host);
  }

  /** The longest first, round by round. */
  planned(cases: readonly PlacedCase[]): readonly PlacedCase[] {
    const { expected, repeat = 1, untilFail } = this.#context;
    const ordered =
      expected === undefined
        ? cases
        : longestFirst(
            cases,
            (one) => one.ref.id,
            (one) => expected(baseRef(one.ref).id).ms,
          );
    const rounds = untilFail === true ? 1 : repeat;
    return Array.from({ length: rounds }, (_, i) => ordered.map((one) => attemptOf(one, i + 1))).flat();
  }

  async all(planned: readonly PlacedCase[]): Promise<void> {
    const { cached, jobs } = this.#context;
    let rest = planned;
    if (cached !== undefined) {
      const { answerFromCache } = await import("./cached.ts");
      const answered = await answerFromCache(planned, this.#context, cached);
      this.ended.push(...answered.hits);
      this.#sampled = answered.sampled;
      rest = answered.rest;
    }
    await runPool(
      rest.map((one) => this.#work(one)),
      {
        admission: this.#admission,
        // Guests that idle may be many, but not without bound.
        jobs: jobs ?? 4 * availableParallelism(),
        stopped: () => this.#stopped(),
      },
    );
  }

  #stopped(): boolean {
    const { stopping, failFast, untilFail } = this.#context;
    const oneIsEnough = failFast === true || untilFail === true;
    return stopping.aborted || (oneIsEnough && this.ended.some(({ result }) => isFailed(result)));
  }

  #work(planned: PlacedCase): Work {
    const { artifacts, expected } = this.#context;
    const load = expected?.(baseRef(planned.ref).id).load;
    const cost = costOf(planned.proof, this.host, load);
    const one = this.#admission.couldEver(cost) ? planned : { ...planned, refusal: noRoom(cost, this.host) };
    return {
      // What is refused takes nothing.
      cost: one === planned ? cost : { memoryBytes: 0, cpus: 0 },
      prepare: () => artifacts.get(one.proof.image, one.path),
      run: () => this.#run(one),
    };
  }

  async #run(one: PlacedCase): Promise<readonly Work[]> {
    const placed = this.#kvmLost === undefined ? one : await this.#placed(one, this.#kvmLost);
    const result = await runCase(placed, this.#context);
    const flaky = recordResult(result, this.#context);
    const next = await this.#fallback(result);
    const record = this.#sampled.get(one.ref.id);
    const disagrees = record !== undefined && (await this.#tellDisagreement(record, result));
    this.ended.push({ result, flaky, disagrees, superseded: next !== undefined });
    const again = next ?? this.#again(result);
    return again === undefined ? [] : [this.#work(again)];
  }

  async #tellDisagreement(record: HistoryRecord, result: CaseResult): Promise<boolean> {
    const { disagreement } = await import("./cached.ts");
    const found = disagreement(record, result);
    if (found === undefined) return false;
    const { emitProblems } = await import("./problems.ts");
    emitProblems(this.#context.emit, this.#context.root, [found]);
    return true;
  }

  /** The same case without KVM, when the host has just lost it and the proof can do without. */
  async #fallback(result: CaseResult): Promise<PlacedCase | undefined> {
    const lost = result.problems.find((p) => p.code === "CAPOS_PROVE_KVM_LOST");
    if (lost === undefined) return undefined;
    this.#kvmLost ??= `kvm is no longer used: ${lost.message}`;
    const one = await this.#placed(result.case, this.#kvmLost);
    return one === result.case ? undefined : attemptOf(one, (one.attempt ?? 1) + 1);
  }

  async #placed(one: PlacedCase, reason: string): Promise<PlacedCase> {
    if (one.facts.accelerator?.accelerator !== "kvm") return one;
    const without = await this.#context.withoutKvm?.(one, reason);
    if (without?.ok !== true || without.value === undefined) return one;
    const text = `${one.ref.id} runs under tcg: ${reason}`;
    this.#context.emit({ type: "notice", level: "warning", text });
    return without.value;
  }

  /** The case once more: the next of its repetitions, or a retry of what the host has failed. */
  #again({ case: one, verdict, dir }: CaseResult): PlacedCase | undefined {
    const { untilFail, repeat, retries = 0, mutants } = this.#context;
    const attempt = one.attempt ?? 1;
    const next = attemptOf(one, attempt + 1);
    if ((verdict === "host-error" || verdict === "cloud-error") && attempt <= retries) return next;
    if (untilFail !== true || verdict !== "proved" || attempt >= (repeat ?? Infinity)) return undefined;
    // A night of passes says nothing that the first does not, unless each is to be changed and judged again: what
    // would fill the disk is given back.
    if (attempt > 1 && mutants !== true) rmSync(dir, { recursive: true, force: true });
    return next;
  }
}

function noRoom(cost: Amount, host: Amount): NonNullable<PlacedCase["refusal"]> {
  const [needs, has] = [cost.memoryBytes, host.memoryBytes].map((bytes) => Math.floor(bytes / 2 ** 20));
  const message = `the machine needs ${needs} MiB with its emulator, and this host has ${has} MiB to give`;
  return problem(proveCodes, "CAPOS_PROVE_NO_MEMORY", message);
}
