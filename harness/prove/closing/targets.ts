import type { Problem } from "../../base/index.ts";
import { compareTargets, type Judgement } from "../../contract/index.ts";
import type { CaseResult } from "../case.ts";
import type { Case } from "../plan.ts";

/** What is read of a result here. */
interface Shown extends Pick<CaseResult, "verdict"> {
  readonly case: Pick<Case, "ref">;
  readonly judgement: Pick<Judgement, "captures"> | undefined;
}

/** What differs between the targets of a run although its proof says that it is the same everywhere. */
export function targetProblems(
  cases: readonly Pick<Case, "proof">[],
  results: readonly Shown[],
): readonly Problem[] {
  const proofs = new Map(cases.map(({ proof }) => [proof.name, proof]));
  return [...proofs.values()].flatMap((proof) =>
    compareTargets(
      proof,
      results.flatMap(({ case: { ref }, verdict, judgement }) =>
        // Of a verdict that was taken from a cache nothing was seen.
        ref.proof === proof.name && verdict === "proved" && judgement !== undefined
          ? [{ name: ref.id, captures: judgement.captures }]
          : [],
      ),
    ),
  );
}
