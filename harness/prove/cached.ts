/** Answers cases from earlier runs where that is asked for, and runs some of them again to see whether it may. */
import { relative } from "node:path";
import { problem, type Problem } from "../base/index.ts";
import type { LoadOptions } from "../manifest/index.ts";
import { type CacheAnswer, cachedVerdict, sampleOf } from "./history/cached.ts";
import { blamesGuest, type HistoryRecord } from "./history/record.ts";
import { historyFile } from "./history/file.ts";
import type { CaseResult } from "./case.ts";
import { proveCodes } from "./codes.ts";
import { declaredNow } from "./inputs.ts";
import { againCommand, baseRef, type PlacedCase } from "./plan.ts";
import { underOf } from "./recording.ts";
import type { RunContext } from "./run.ts";
import type { Ended } from "./tally.ts";

export interface CacheOptions {
  readonly load: LoadOptions;
  /** From 0 to 1: how many of the hits are run again. */
  readonly sample: number;
  /** Decides which; told with the run, so that it can be repeated. */
  readonly seed: string;
}

export interface Answered {
  readonly hits: readonly Ended[];
  /** What must be run. */
  readonly rest: readonly PlacedCase[];
  /** Of these, cases with a cached verdict that is to be confirmed, by identity. */
  readonly sampled: ReadonlyMap<string, HistoryRecord>;
}

/** Looks up every case; tells which are answered, and which of those are run again. */
export async function answerFromCache(
  cases: readonly PlacedCase[],
  context: RunContext,
  options: CacheOptions,
): Promise<Answered> {
  const answers = new Map<PlacedCase, Extract<CacheAnswer, { hit: true }>>();
  for (const one of cases) {
    const answer = await lookUp(one, context, options.load);
    if (answer.hit) answers.set(one, answer);
  }
  const hits = [...answers.keys()];
  const again = new Set(sampleOf(hits, options.sample, options.seed, (one) => one.ref.id));
  if (again.size > 0) {
    const text = `${again.size} of ${hits.length} cached verdicts are run again (--seed ${options.seed})`;
    context.emit({ type: "notice", level: "info", text });
  }
  const sampled = new Map<string, HistoryRecord>();
  const ended: Ended[] = [];
  for (const [one, { record, dir }] of answers) {
    if (again.has(one)) sampled.set(one.ref.id, record);
    else ended.push(tell(one, record, dir, context));
  }
  return { hits: ended, rest: cases.filter((one) => !answers.has(one) || again.has(one)), sampled };
}

/** What is wrong when a case that was run again does not confirm its cached verdict. */
export function disagreement(record: HistoryRecord, result: CaseResult): Problem | undefined {
  if (!blamesGuest(result.verdict)) return undefined;
  const message =
    `${record.case} was proved in run ${record.run} on ${record.at}, ` +
    `and is ${result.verdict} now, under the same inputs`;
  return problem(proveCodes, "CAPOS_PROVE_CACHE_DISAGREES", message);
}

async function lookUp(one: PlacedCase, context: RunContext, load: LoadOptions): Promise<CacheAnswer> {
  const { root, cacheDir, capos } = context;
  const declared = await declaredNow(one.declared, { root, cacheDir, load });
  if (!declared.ok) return { hit: false, why: declared.error[0]?.message ?? "its inputs cannot be read" };
  return cachedVerdict(root, historyFile(root), {
    case: baseRef(one.ref).id,
    digest: declared.value.digest,
    accelerator: one.facts.accelerator?.accelerator ?? "none",
    under: underOf(capos, one.facts),
  });
}

function tell(one: PlacedCase, record: HistoryRecord, dir: string, context: RunContext): Ended {
  const { emit, root } = context;
  const shown = relative(root, dir);
  const boots = one.proof.boots.map((b) => b.name);
  emit({ type: "case-started", case: one.ref, title: one.proof.title, boots, dir: shown });
  emit({
    type: "case-finished",
    case: one.ref,
    verdict: "proved",
    cause: "",
    report: [],
    dir: shown,
    again: againCommand(one),
    ms: 0,
    cached: { at: record.at, run: record.run },
  });
  const result: CaseResult = { case: one, verdict: "proved", judgement: undefined, problems: [], dir, ms: 0 };
  return { result, cached: record };
}
