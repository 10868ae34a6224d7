import { nearest } from "../base/index.ts";
import { pointsOf } from "./axes.ts";
import type { PlacedBoot, Report } from "./check.ts";
import type { CaptureType } from "./pattern.ts";
import type { CaptureRef, Proof } from "./types.ts";

/** Equalities and bounds: that what they name exists and can be compared. */
export function checkRelations(proof: Proof, boots: readonly PlacedBoot[], report: Report): void {
  const paths = pathsOfPairs(proof);
  for (const [i, [a, b]] of proof.same.entries()) {
    const [pathA, pathB] = paths[i] ?? ["same", "same"];
    const [typeA, typeB] = [find(boots, a, pathA, report), find(boots, b, pathB, report)];
    if (show(a) === show(b)) {
      report("CAPOS_PROOF_DEAD", `\`${show(a)}\` is always the same as itself`, pathB);
    } else if (typeA !== undefined && typeB !== undefined && !canBeEqual(typeA, typeB)) {
      const message = `\`${show(a)}\` is \`${typeA}\` and \`${show(b)}\` is \`${typeB}\`, which are never the same`;
      report("CAPOS_PROOF_TYPES", message, pathB);
    }
  }
  checkEverywhere(proof, boots, report);
  for (const [i, { capture, min, max }] of proof.bounds.entries()) {
    const path = `bounds.${i}`;
    const type = find(boots, capture, `${path}.capture`, report);
    if (type !== undefined && type !== "int" && type !== "float") {
      const message = `\`${show(capture)}\` is \`${type}\`, and only \`int\` and \`float\` have bounds`;
      report("CAPOS_PROOF_TYPES", message, `${path}.capture`, "capture it as `int` or `float`");
    }
    if (min === undefined && max === undefined)
      report("CAPOS_PROOF_DEAD", "a bound needs `min`, `max` or both", path);
    else if (min !== undefined && max !== undefined && min > max) {
      report(
        "CAPOS_PROOF_CONTRADICTION",
        `no number is at least ${min} and at most ${max}`,
        path,
        "swap `min` and `max`",
      );
    }
  }
}

/** Captures that every target must show alike: that they exist, and that there is more than one target. */
function checkEverywhere(proof: Proof, boots: readonly PlacedBoot[], report: Report): void {
  const { everywhere, machine } = proof;
  if (everywhere === undefined) return;
  for (const [i, ref] of everywhere.entries()) {
    find(boots, ref, `everywhere.${i}`, report);
    if (everywhere.findIndex((other) => show(other) === show(ref)) < i) {
      report("CAPOS_PROOF_DUPLICATE", `\`${show(ref)}\` is named twice`, `everywhere.${i}`);
    }
  }
  if (machine.boot.length * pointsOf(proof).length === 1 && machine.accel !== "both") {
    const message =
      "the proof has one boot path, accelerator and size of machine: there is nothing to compare";
    report("CAPOS_PROOF_DEAD", message, "everywhere");
  }
}

/** The type of a capture. What does not exist is reported; a landmark whose line is broken has been already. */
function find(
  boots: readonly PlacedBoot[],
  ref: CaptureRef,
  path: string,
  report: Report,
): CaptureType | undefined {
  const miss = (what: string, name: string, names: readonly string[]): undefined => {
    const meant = nearest(name, names);
    const next = meant === undefined ? undefined : `did you mean \`${meant}\`?`;
    report("CAPOS_PROOF_UNKNOWN_NAME", `${what} \`${name}\``, path, next);
  };
  const boot = boots.find((b) => b.boot.name === ref.boot);
  if (boot === undefined)
    return miss(
      "there is no boot",
      ref.boot,
      boots.map((b) => b.boot.name),
    );
  const placed = boot.landmarks.find((l) => l.landmark.name === ref.landmark);
  if (placed === undefined) {
    return miss(
      `boot \`${ref.boot}\` has no landmark`,
      ref.landmark,
      boot.landmarks.map((l) => l.landmark.name),
    );
  }
  if (placed.pattern === undefined) return undefined;
  const capture = placed.pattern.captures.find((c) => c.name === ref.capture);
  if (capture === undefined) {
    const names = placed.pattern.captures.map((c) => c.name);
    return miss(`the landmark \`${ref.boot}.${ref.landmark}\` has no capture`, ref.capture, names);
  }
  return capture.type;
}

/** Values of these types can be equal, and comparing them means one thing. */
function canBeEqual(a: CaptureType, b: CaptureType): boolean {
  if (a === b) return true;
  const isHex = (t: CaptureType): boolean => t === "hex32" || t === "hex64";
  const isWords = (t: CaptureType): boolean => t === "word" || t === "text";
  return (a === "hex" && isHex(b)) || (b === "hex" && isHex(a)) || (isWords(a) && isWords(b));
}

function show(ref: CaptureRef): string {
  return `${ref.boot}.${ref.landmark}.${ref.capture}`;
}

/**
 * Where the pairs of `same` stand in the source: a list of n captures there is n - 1 pairs here, each of one
 * capture with the first.
 */
function pathsOfPairs(proof: Proof): readonly (readonly [string, string])[] {
  const paths: (readonly [string, string])[] = [];
  for (let i = 0; proof.spans.has(`same.${i}.0`); i++) {
    for (let j = 1; proof.spans.has(`same.${i}.${j}`); j++) paths.push([`same.${i}.0`, `same.${i}.${j}`]);
  }
  return paths;
}
