import { err, ok, type Result } from "../../../base/index.ts";
import type { Figures } from "./figures.ts";

/** What the operations have cost when somebody last said that it is well so; stored in the tree. */
export interface Baseline {
  /** Part by which a figure may grow, such as 0.02. */
  readonly tolerance: number;
  readonly instructions: Figures;
}

export const baselineFile = "proofs/baselines/measure.json";

/** Counts repeat exactly for the same binaries; what is left is how a compiler of another version lays them out. */
export const usualTolerance = 0.02;

export interface Change {
  readonly name: string;
  readonly before: number | undefined;
  readonly now: number | undefined;
  /** `more` is what a check refuses, and `gone`; `new` and `less` ask for a new baseline. */
  readonly kind: "more" | "gone" | "new" | "less";
}

/** Figures that are not what the baseline says, by more than its tolerance. */
export function compare(baseline: Baseline, found: Figures): readonly Change[] {
  const names = new Set([...baseline.instructions.keys(), ...found.keys()]);
  return [...names].flatMap((name): readonly Change[] => {
    const [before, now] = [baseline.instructions.get(name), found.get(name)];
    if (before === undefined) return [{ name, before, now, kind: "new" }];
    if (now === undefined) return [{ name, before, now, kind: "gone" }];
    if (now > before * (1 + baseline.tolerance)) return [{ name, before, now, kind: "more" }];
    return now < before * (1 - baseline.tolerance) ? [{ name, before, now, kind: "less" }] : [];
  });
}

export function isRefused({ kind }: Change): boolean {
  return kind === "more" || kind === "gone";
}

export function showChange({ name, before = 0, now = 0, kind }: Change): string {
  switch (kind) {
    case "new":
      return `${name}: ${now} instructions, and the baseline does not have it`;
    case "gone":
      return `${name}: not measured; the baseline says ${before} instructions`;
    case "more":
    case "less":
      return `${name}: ${now} instructions, ${percent(now / before - 1)} against ${before} of the baseline`;
  }
}

function percent(part: number): string {
  return `${part < 0 ? "" : "+"}${(100 * part).toFixed(1)} %`;
}

/** One sentence when the text is no baseline. */
export function readBaseline(text: string): Result<Baseline, string> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return err("it is no JSON");
  }
  if (typeof value !== "object" || value === null || !("v" in value) || value.v !== 1) {
    return err("it is no baseline of version 1");
  }
  const tolerance = "tolerance" in value ? value.tolerance : undefined;
  if (typeof tolerance !== "number" || !(tolerance >= 0 && tolerance <= 1)) {
    return err("`tolerance` is not a number from 0 to 1");
  }
  const found = "instructions" in value ? value.instructions : undefined;
  if (typeof found !== "object" || found === null) return err("`instructions` is missing");
  const instructions = new Map<string, number>();
  for (const [name, count] of Object.entries(found)) {
    if (!isCount(count)) return err(`\`${name}\` is not a count of instructions`);
    instructions.set(name, count);
  }
  return ok({ tolerance, instructions });
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

export function writeBaseline({ tolerance, instructions }: Baseline): string {
  return `${JSON.stringify({ v: 1, tolerance, instructions: Object.fromEntries(instructions) }, undefined, 2)}\n`;
}
