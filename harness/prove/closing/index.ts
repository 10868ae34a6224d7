/**
 * What is asked of a run once none of its cases is left to run, and before it is told that it is over. Each part can
 * only take a success back: what was refuted has its cause already.
 */
import type { CaseResult } from "../case.ts";
import type { PlacedCase } from "../plan.ts";
import { emitProblems } from "../problems.ts";
import type { RunContext } from "../run.ts";
import { scoreProved } from "./mutants.ts";
import { targetProblems } from "./targets.ts";

/** Tells what it finds. Returns whether the run may still count as proved. */
export function closeRun(
  cases: readonly PlacedCase[],
  results: readonly CaseResult[],
  context: RunContext,
): boolean {
  const problems = targetProblems(cases, results);
  emitProblems(context.emit, context.root, problems);
  const isNoticing = context.mutants !== true || scoreProved(results, context);
  return problems.length === 0 && isNoticing;
}
