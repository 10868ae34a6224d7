import { join } from "node:path";
import type { Verdict } from "../../contract/index.ts";
import { appendBounded, historyLines, newestWith } from "./file.ts";
import type { HistoryRecord } from "./record.ts";

/** The same inputs failed and then passed: one of the two verdicts was luck. A line of `.capos/flakes.jsonl`. */
export interface Flake {
  readonly v: 1;
  readonly at: string;
  readonly case: string;
  readonly digest: string;
  readonly failed: {
    readonly run: string;
    readonly attempt: number;
    readonly verdict: Verdict;
    readonly cause: string;
  };
  readonly passed: { readonly run: string; readonly attempt: number };
}

const limitBytes = 1 << 18;

export function flakesFile(root: string): string {
  return join(root, ".capos", "flakes.jsonl");
}

/**
 * The pass-after-fail that a new record completes: the newest verdict of the same inputs before it was a failure, of
 * whatever cause. So each failure is counted once, however often the case passes behind it.
 */
export function flakeIn(newestFirst: Iterable<HistoryRecord>, now: HistoryRecord): Flake | undefined {
  if (now.verdict !== "proved" || now.digest === "") return undefined;
  for (const last of newestFirst) {
    if (last.run === now.run && last.attempt === now.attempt) continue;
    if (last.case !== now.case || last.digest !== now.digest || last.accelerator !== now.accelerator)
      continue;
    if (!isFailure(last.verdict)) return undefined;
    const { run, attempt, verdict, cause } = last;
    return {
      v: 1,
      at: now.at,
      case: now.case,
      digest: now.digest,
      failed: { run, attempt, verdict, cause },
      passed: { run: now.run, attempt: now.attempt },
    };
  }
  return undefined;
}

/** Looks in the history for a flake that the record completes, and counts it. */
export function noteFlake(root: string, history: string, now: HistoryRecord): Flake | undefined {
  if (now.verdict !== "proved" || now.digest === "") return undefined;
  const flake = flakeIn(newestWith(history, now.digest), now);
  if (flake !== undefined) appendBounded(flakesFile(root), `${JSON.stringify(flake)}\n`, limitBytes);
  return flake;
}

/** Every counted flake, oldest first. */
export function readFlakes(root: string): readonly Flake[] {
  return historyLines(flakesFile(root)).flatMap((line) => parseFlake(line) ?? []);
}

function isFailure(verdict: Verdict): boolean {
  return verdict !== "proved" && verdict !== "not-run" && verdict !== "filtered";
}

function parseFlake(line: string): Flake | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isFlake(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isFlake(value: unknown): value is Flake {
  if (typeof value !== "object" || value === null || !("v" in value) || value.v !== 1) return false;
  if (!("at" in value) || typeof value.at !== "string" || !("case" in value)) return false;
  if (typeof value.case !== "string" || !("digest" in value) || typeof value.digest !== "string")
    return false;
  return "failed" in value && isAttempt(value.failed) && "passed" in value && isAttempt(value.passed);
}

function isAttempt(value: unknown): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    "run" in value &&
    typeof value.run === "string" &&
    "attempt" in value &&
    typeof value.attempt === "number"
  );
}
