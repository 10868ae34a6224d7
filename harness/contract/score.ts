import type { MutantScore } from "./mutants.ts";

/** What is told of a score: changes by what was changed. */
export interface ToldScore extends Omit<MutantScore, "survivors"> {
  readonly survivors: readonly string[];
}

export function toldScore(score: MutantScore): ToldScore {
  return { ...score, survivors: score.survivors.map((s) => s.mutant.what) };
}

/** A proof that looks away from something proves less than it says. */
export function isFlawless({ survivors, dead }: ToldScore): boolean {
  return survivors.length === 0 && dead.length === 0;
}
