import { availableParallelism } from "node:os";
import { relative } from "node:path";
import { type Clock, exitCodes } from "../base/index.ts";
import { exitOf } from "../contract/index.ts";
import type { Emit } from "../events/index.ts";
import { type ArtifactSource, runCase, type CaseContext, type CaseResult } from "./case.ts";
import type { PlacedCase } from "./plan.ts";

export interface RunContext extends Omit<CaseContext, "emit" | "artifacts"> {
  readonly emit: Emit;
  readonly artifacts: ArtifactSource;
  readonly clock: Clock;
  /** Fires at the first interrupt: nothing new is started. */
  readonly stopping: AbortSignal;
  /** Cases at a time; as many as there are processors unless given. */
  readonly jobs?: number;
}

export interface RunResult {
  readonly cases: readonly CaseResult[];
  /** Exit code by the rules of docs/errors.md; an interrupt's code is the caller's. */
  readonly exit: number;
}

/** Runs the cases, at most `jobs` at a time, and sums them up. */
export async function runCases(cases: readonly PlacedCase[], context: RunContext): Promise<RunResult> {
  const began = context.clock.monotonic();
  context.emit({
    type: "run-started",
    capos: context.capos,
    cases: cases.map((c) => c.ref),
    dir: relative(context.root, context.runDir),
  });
  const results: CaseResult[] = [];
  const waiting = cases.values();
  const worker = async (): Promise<void> => {
    for (const one of waiting) {
      if (context.stopping.aborted) return;
      results.push(await runCase(one, context));
    }
  };
  const width = Math.min(context.jobs ?? availableParallelism(), cases.length);
  await Promise.all(Array.from({ length: width }, worker));
  const exit = exitCode(results, cases.length);
  const passed = results.filter((r) => r.verdict === "proved").length;
  const failed = results.filter(
    (r) => r.verdict !== "proved" && r.verdict !== "not-run" && r.verdict !== "filtered",
  ).length;
  context.emit({
    type: "run-finished",
    passed,
    failed,
    skipped: cases.length - passed - failed,
    exit,
    ms: Math.round(Number(context.clock.monotonic() - began) / 1e6),
  });
  return { cases: results, exit };
}

/** A problem that kept a case from running (a failed build) outranks the verdicts; then DESIGN's order holds. */
function exitCode(results: readonly CaseResult[], planned: number): number {
  const [kept] = results.flatMap((r) => r.problems);
  if (kept !== undefined && kept.exit !== "host") return exitCodes[kept.exit];
  return results.length < planned ? exitCodes.interrupted : exitOf(results.map((r) => r.verdict));
}
