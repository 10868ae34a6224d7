import { type Problem, problem } from "../base/index.ts";
import { contractCodes } from "./codes.ts";
import { isSame, showRef, typeOf } from "./run.ts";
import type { Proof } from "./types.ts";

/** What one proved case of a proof showed. */
export interface Target {
  /** As a case is named: `run-smoke@uefi`. */
  readonly name: string;
  /** By `boot.landmark.capture`. */
  readonly captures: Readonly<Record<string, string>>;
}

/**
 * Holds the targets of one run against each other: what `everywhere` names must be the same on all of them. A target
 * that was not proved has a cause of its own, and is not to be given; of fewer than two nothing can be said.
 */
export function compareTargets(proof: Proof, targets: readonly Target[]): readonly Problem[] {
  return (proof.everywhere ?? []).flatMap((ref): readonly Problem[] => {
    const name = showRef(ref);
    const type = typeOf(proof, ref);
    const shown = targets.flatMap((t) =>
      name in t.captures ? [{ on: t.name, value: t.captures[name] ?? "" }] : [],
    );
    const [first] = shown;
    const other = shown.find(({ value }) => first !== undefined && !isSame(type, first.value, value));
    if (first === undefined || other === undefined) return [];
    const message = `\`${name}\` is ${first.value} on ${first.on}, and ${other.value} on ${other.on}`;
    const span = proof.spans.get("everywhere");
    return [
      problem(contractCodes, "CAPOS_PROOF_TARGETS_DIFFER", message, span === undefined ? {} : { span }),
    ];
  });
}
