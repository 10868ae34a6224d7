import { type Verdict, verdicts } from "../../contract/index.ts";

/** One case that was run to a verdict: a line of `.capos/history.jsonl`. */
export interface HistoryRecord {
  readonly v: 1;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly run: string;
  /** Identity of the case, without the number of its attempt. */
  readonly case: string;
  readonly attempt: number;
  readonly verdict: Verdict;
  readonly cause: string;
  /** Wall time from power-on of the first boot to the verdict, builds not included. */
  readonly ms: number;
  /** Wall time of its boots. */
  readonly guestMs: number;
  /** Processor time that its guests received. */
  readonly cpuMs: number;
  /** Digest of the declared inputs; empty where the case never got so far. */
  readonly digest: string;
  readonly accelerator: string;
  /** What besides the declared inputs could lead to another verdict: judge, tool and processor. */
  readonly under: string;
}

/** A line of a history file; undefined for what is none, such as the torn end of a killed write. */
export function parseRecord(line: string): HistoryRecord | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const r = new Map<string, unknown>(Object.entries(value));
  const text = (name: string): string | undefined => {
    const field = r.get(name);
    return typeof field === "string" ? field : undefined;
  };
  const amount = (name: string): number | undefined => {
    const field = r.get(name);
    return typeof field === "number" && Number.isFinite(field) && field >= 0 ? field : undefined;
  };
  const [at, run, id, cause] = [text("at"), text("run"), text("case"), text("cause")];
  const [digest, accelerator, under] = [text("digest"), text("accelerator"), text("under")];
  const [attempt, ms, guestMs, cpuMs] = ["attempt", "ms", "guestMs", "cpuMs"].map(amount);
  const verdict = verdicts.find((name) => name === r.get("verdict"));
  if (r.get("v") !== 1 || verdict === undefined) return undefined;
  if (at === undefined || run === undefined || id === undefined || cause === undefined) return undefined;
  if (digest === undefined || accelerator === undefined || under === undefined) return undefined;
  if (attempt === undefined || ms === undefined || guestMs === undefined || cpuMs === undefined)
    return undefined;
  return { v: 1, at, run, case: id, attempt, verdict, cause, ms, guestMs, cpuMs, digest, accelerator, under };
}

/** The key under which two runs of a case must come to the same verdict. */
export function sameInputs(
  a: HistoryRecord,
  b: Pick<HistoryRecord, "case" | "digest" | "accelerator" | "under">,
): boolean {
  return a.case === b.case && a.digest === b.digest && a.accelerator === b.accelerator && a.under === b.under;
}

/** Whether the guest was found to be at fault: what a verdict says when neither host nor person ended the case. */
export function blamesGuest(verdict: Verdict): boolean {
  return verdict === "refuted" || verdict === "guest-died" || verdict === "no-progress";
}
