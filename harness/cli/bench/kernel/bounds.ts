import { err, ok, type Result } from "../../../base/index.ts";
import type { Baseline } from "./baseline.ts";

/** The proof that holds the kernel to the baseline. */
export const measureProof = "proofs/run-measure.cue";

/** What each figure may come to in the proof: the baseline and its tolerance. */
export function boundLines({ tolerance, instructions }: Baseline): readonly string[] {
  return [...instructions].map(
    ([name, count]) => `\t\t{capture: "measure.${name}.cost", max: ${Math.floor(count * (1 + tolerance))}},`,
  );
}

/** The proof with the bounds of this baseline; an error sentence where it has none to replace. */
export function withBounds(proof: string, baseline: Baseline): Result<string, string> {
  const lines = proof.split("\n");
  const from = lines.indexOf("\tbounds: [");
  const to = lines.indexOf("\t]", from);
  if (from === -1 || to === -1) return err("it has no list `bounds` of its own lines");
  return ok([...lines.slice(0, from + 1), ...boundLines(baseline), ...lines.slice(to)].join("\n"));
}
