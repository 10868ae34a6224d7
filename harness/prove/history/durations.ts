import type { HistoryRecord } from "./record.ts";

/** What a case is expected to cost, from what it has cost. */
export interface Expectation {
  readonly ms: number;
  /**
   * Processors that its guests keep busy, on average; undefined where nobody has measured it. The largest of what was
   * measured: on a loaded host a guest gets less than it would take, which must not let still more run beside it.
   */
  readonly load?: number;
  /** Whether it was measured; otherwise it is the median of the others. */
  readonly measured: boolean;
}

export type Expected = (caseId: string) => Expectation;

/** The newest runs count; a median of them forgives a loaded host. */
const counted = 5;
/** A case that nobody has ever run, where nothing at all is known. */
const unknownMs = 5_000;

/** Durations by case, from its newest proved runs, or from those that failed where it was never proved. */
export function expectedFrom(history: readonly HistoryRecord[]): Expected {
  const byCase = groupByCase(history);
  const known = new Map<string, Expectation>();
  for (const [id, records] of byCase) {
    const proved = records.filter((r) => r.verdict === "proved");
    const newest = (proved.length > 0 ? proved : records).slice(-counted);
    const loads = newest.filter((r) => r.guestMs > 0).map((r) => r.cpuMs / r.guestMs);
    const ms = Math.round(median(newest.map((r) => r.ms)));
    known.set(id, { ms, measured: true, ...(loads.length === 0 ? {} : { load: Math.max(...loads) }) });
  }
  const middle = known.size === 0 ? unknownMs : Math.round(median([...known.values()].map((e) => e.ms)));
  const unknown: Expectation = { ms: middle, measured: false };
  return (id) => known.get(id) ?? unknown;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  const upper = sorted[half] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? upper) + upper) / 2;
}

function groupByCase(history: readonly HistoryRecord[]): Map<string, HistoryRecord[]> {
  const groups = new Map<string, HistoryRecord[]>();
  for (const record of history) {
    const group = groups.get(record.case);
    if (group === undefined) groups.set(record.case, [record]);
    else group.push(record);
  }
  return groups;
}
