import type { BootJudgement, CauseKind } from "./judgement.ts";
import type { Proof } from "./types.ts";

/** Lines for a person: where the failed boot stood, and the nearest thing that was seen. */
export function reportMiss(
  _proof: Proof,
  _boots: readonly BootJudgement[],
  failed: BootJudgement,
  _kind: CauseKind,
): readonly string[] {
  const last = failed.landmarks.at(-1);
  return [
    `last landmark  ${last?.name ?? "none"}`,
    `awaited        ${failed.awaited.join(", ") || "the end"}`,
  ];
}
