import { relative } from "node:path";
import { isFlawless, scoreMutants, toldScore } from "../../contract/index.ts";
import { judgedCase, packCase } from "../../evidence/index.ts";
import type { CaseResult } from "../case.ts";
import { emitProblems } from "../problems.ts";
import type { RunContext } from "../run.ts";

/**
 * Derives the mutants of each proved case, when nothing is booted any more, so that judging them takes no time from a
 * guest. Reads the sealed evidence, as anybody could, also that of an earlier run which answered for this one.
 * Returns whether every proof noticed all that was changed.
 */
export function scoreProved(results: readonly CaseResult[], context: RunContext): boolean {
  const proved = results.filter(({ verdict }) => verdict === "proved");
  return proved.map((result) => scoreCase(result, context)).every((isNoticing) => isNoticing);
}

function scoreCase({ case: one, dir }: CaseResult, { emit, root, clock }: RunContext): boolean {
  const packed = packCase(dir, relative(root, dir));
  if (!packed.ok) {
    emitProblems(emit, root, packed.error);
    return false;
  }
  const began = clock.monotonic();
  const { proof, boots } = judgedCase(packed.value.case);
  const score = toldScore(scoreMutants(proof, boots));
  const { total, killed, survivors, dead, untried, loose } = score;
  const ms = Math.round(Number(clock.monotonic() - began) / 1e6);
  emit({ type: "mutants", case: one.ref, total, killed, survivors, dead, untried, loose, ms });
  return isFlawless(score);
}
