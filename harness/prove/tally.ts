import { exitCodes } from "../base/index.ts";
import { exitOf, type Verdict } from "../contract/index.ts";
import type { CaseResult } from "./case.ts";
import type { HistoryRecord } from "./history/record.ts";
import type { PlacedCase } from "./plan.ts";

/** A case that has ended, and what became of its end. */
export interface Ended {
  readonly result: CaseResult;
  /** It was not run: this earlier run answered for it. */
  readonly cached?: HistoryRecord;
  /** It was run although a cached verdict was there, and did not confirm it. */
  readonly disagrees?: boolean;
  /** Another attempt took its place, as on another accelerator, so it counts for nothing. */
  readonly superseded?: boolean;
  readonly flaky?: boolean;
}

export interface Counts {
  readonly passed: number;
  readonly cached: number;
  readonly failed: number;
  readonly tolerated: number;
  readonly skipped: number;
  readonly flaky: number;
  readonly guestMs: number;
}

/** What a run came to; `planned` are the cases that it meant to run. */
export function countEnded(all: readonly Ended[], planned: readonly PlacedCase[]): Counts {
  const ended = new Set(all.map((e) => e.result.case.ref.id));
  const counting = all.filter((e) => e.superseded !== true);
  const tolerated = counting.filter((e) => e.result.tolerance !== undefined).length;
  const passed = counting.filter((e) => e.result.verdict === "proved").length;
  const failed = counting.filter((e) => isFailed(e.result)).length;
  return {
    passed,
    cached: counting.filter((e) => e.cached !== undefined).length,
    failed,
    tolerated,
    skipped:
      planned.filter((one) => !ended.has(one.ref.id)).length +
      counting.filter((e) => e.result.verdict === "not-run" || e.result.verdict === "filtered").length,
    flaky: all.filter((e) => e.flaky === true).length,
    guestMs: Math.round(all.reduce((sum, e) => sum + (e.cached === undefined ? guestMsOf(e.result) : 0), 0)),
  };
}

/**
 * The exit code of a run. A problem that kept a case from running (a failed build) outranks the verdicts; then
 * DESIGN's order holds. Failures that are tolerated count as if they were none.
 */
export function exitOfRun(all: readonly Ended[], interrupted: boolean): number {
  const counting = all.filter((e) => e.superseded !== true);
  const [kept] = counting.flatMap((e) => e.result.problems);
  if (kept !== undefined && kept.exit !== "host") return exitCodes[kept.exit];
  if (interrupted) return exitCodes.interrupted;
  return exitOf(counting.map(countedVerdict));
}

/** Whether the run has failed by this result. */
export function isFailed(result: CaseResult): boolean {
  const { verdict, tolerance } = result;
  return verdict !== "proved" && verdict !== "not-run" && verdict !== "filtered" && tolerance === undefined;
}

/** Wall time of a case's boots, in milliseconds. */
export function guestMsOf({ judgement }: CaseResult): number {
  return (judgement?.boots ?? []).reduce((sum, boot) => sum + boot.last.wallMs, 0);
}

/** Processor time that its guests received, in milliseconds. */
export function guestCpuMsOf({ judgement }: CaseResult): number {
  return (judgement?.boots ?? []).reduce((sum, boot) => sum + boot.last.cpuMs, 0);
}

function countedVerdict({ result, disagrees }: Ended): Verdict {
  if (disagrees === true) return "refuted";
  return result.tolerance === undefined ? result.verdict : "proved";
}
