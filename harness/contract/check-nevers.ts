import { nearest } from "../base/index.ts";
import { holds } from "./check-guest.ts";
import type { PlacedBoot, PlacedLandmark, Report } from "./check.ts";
import { parsePattern } from "./pattern.ts";
import { caposSpeech } from "./speech.ts";
import type { Never, Proof } from "./types.ts";

/** Forbidden texts: that they can be printed at all, that their windows exist, and that nothing asked for holds them. */
export function checkNevers(proof: Proof, boots: readonly PlacedBoot[], report: Report): void {
  for (const [i, never] of proof.never.entries()) {
    const path = `never.${i}`;
    checkText(never, path, report);
    if (never.from !== undefined || never.until !== undefined) {
      const message = "a window between landmarks belongs to a boot";
      report(
        "CAPOS_PROOF_UNKNOWN_NAME",
        message,
        path,
        "move it into `never` of the boot that has the landmarks",
      );
      continue;
    }
    for (const boot of boots) checkContradictions(proof, boot, never, path, report);
  }
  for (const boot of boots) {
    for (const [i, never] of boot.boot.never.entries()) {
      const path = `${boot.path}.never.${i}`;
      checkText(never, path, report);
      if (proof.never.some((whole) => whole.text !== "" && never.text.includes(whole.text))) {
        report(
          "CAPOS_PROOF_DEAD",
          `\`${never.text}\` is forbidden for the whole run already`,
          `${path}.text`,
        );
      }
      if (checkWindow(boot, never, path, report)) checkContradictions(proof, boot, never, path, report);
    }
  }
}

function checkText({ text }: Never, path: string, report: Report): void {
  if (text === "") report("CAPOS_PROOF_DEAD", "an empty text stands in every line", `${path}.text`);
  else if (/\p{Cc}/u.test(text)) {
    report("CAPOS_PROOF_DEAD", "a text with a control character is in no console line", `${path}.text`);
  }
}

/** Whether both ends of the window exist. */
function checkWindow({ boot, landmarks }: PlacedBoot, never: Never, path: string, report: Report): boolean {
  const find = (end: "from" | "until"): PlacedLandmark | undefined => {
    const name = never[end];
    const found = landmarks.find((l) => l.landmark.name === name);
    if (name === undefined || found !== undefined) return found;
    const meant = nearest(
      name,
      landmarks.map((l) => l.landmark.name),
    );
    const next = meant === undefined ? undefined : `did you mean \`${meant}\`?`;
    report(
      "CAPOS_PROOF_UNKNOWN_NAME",
      `boot \`${boot.name}\` has no landmark \`${name}\``,
      `${path}.${end}`,
      next,
    );
    return undefined;
  };
  const [from, until] = [find("from"), find("until")];
  if (from !== undefined && until !== undefined && until.item < from.item) {
    const message = `\`${never.until}\` comes before \`${never.from}\`, so the text is never forbidden`;
    report("CAPOS_PROOF_DEAD", message, path);
    return false;
  }
  return (
    (never.from === undefined || from !== undefined) && (never.until === undefined || until !== undefined)
  );
}

/** A text that stands in the literal part of a line which must come while the text is forbidden. */
function checkContradictions(
  proof: Proof,
  placed: PlacedBoot,
  never: Never,
  path: string,
  report: Report,
): void {
  if (never.text === "") return;
  const { boot, landmarks } = placed;
  const itemOf = (name: string | undefined, otherwise: number): number =>
    landmarks.find((l) => l.landmark.name === name)?.item ?? otherwise;
  const [first, last] = [itemOf(never.from, -1), itemOf(never.until, Infinity)];
  for (const { landmark, pattern, item } of landmarks) {
    if (pattern === undefined || item < first || item > last || !holds(pattern, never.text)) continue;
    const message = `\`${never.text}\` is forbidden, and the landmark \`${landmark.name}\` of boot \`${boot.name}\` holds it`;
    report("CAPOS_PROOF_CONTRADICTION", message, `${path}.text`);
    return;
  }
  const trailer = parsePattern((proof.guest ?? caposSpeech).trailer);
  if (
    boot.ends.how === "halt" &&
    never.until === undefined &&
    trailer.ok &&
    holds(trailer.value, never.text)
  ) {
    const message = `\`${never.text}\` is forbidden, and the line with which boot \`${boot.name}\` ends holds it`;
    report("CAPOS_PROOF_CONTRADICTION", message, `${path}.text`);
  }
}
