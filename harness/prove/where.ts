import type { Span } from "../base/index.ts";
import type { CaptureRef, Judgement, Proof } from "../contract/index.ts";

/**
 * Where the proof declares what a run missed: the landmark of the cause, else the one that was awaited, else the boot.
 * Undefined when all is proved, or when nobody knows where the proof was written.
 */
export function placeOfFailure(proof: Proof, judgement: Judgement): Span | undefined {
  const relation = placeOfRelation(proof, judgement);
  if (relation !== undefined) return relation;
  const index = proof.boots.findIndex((b) => b.name === judgement.boot);
  const judged = judgement.boots.find((b) => b.boot === judgement.boot);
  if (index < 0 || judged === undefined) return undefined;
  const name = judged.cause?.landmark ?? judged.awaited[0];
  const landmark = name === undefined ? undefined : pathOfLandmark(proof, index, name);
  const paths = [`${landmark}.line`, landmark, `boots.${index}`, ""];
  return paths
    .map((path) => (path === undefined ? undefined : proof.spans.get(path)))
    .find((s) => s !== undefined);
}

/** A broken equality or bound is declared apart from the landmarks; its sentence names the captures. */
function placeOfRelation(proof: Proof, { kind, cause }: Judgement): Span | undefined {
  const names = (ref: CaptureRef): boolean =>
    cause.includes(`\`${ref.boot}.${ref.landmark}.${ref.capture}\``);
  if (kind === "mismatch")
    return proof.spans.get(`same.${proof.same.findIndex((pair) => pair.every(names))}`);
  if (kind === "bound") return proof.spans.get(`bounds.${proof.bounds.findIndex((b) => names(b.capture))}`);
  return undefined;
}

function pathOfLandmark(proof: Proof, boot: number, name: string): string | undefined {
  const chain = proof.boots[boot]?.chain ?? [];
  for (const [i, item] of chain.entries()) {
    const at = `boots.${boot}.landmarks.${i}`;
    if (item.kind === "one") {
      if (item.landmark.name === name) return at;
      continue;
    }
    const j = item.landmarks.findIndex((l) => l.name === name);
    if (j >= 0) return `${at}.any.${j}`;
  }
  return undefined;
}
