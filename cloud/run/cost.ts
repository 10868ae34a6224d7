import type { Scope } from "../types.ts";

/** US dollars, on demand, in the dearer of the usual regions, as published in November 2026; a bound, not a bill. */
const prices = {
  /** An hour of a machine type; what is not listed cannot be run. */
  hourly: { "e2-micro": 0.0105, "e2-small": 0.021 } as Readonly<Record<string, number>>,
  diskGbMonth: 0.052,
  imageGbMonth: 0.065,
  objectGbMonth: 0.026,
  /** Per request that changes something in the object store. */
  write: 0.000005,
} as const;

const hoursInMonth = 730;
/** What is forgotten is found by the provider or a sweep within that time. */
const longestHours = 24;

/** The most that a run can cost: every limit used up, and what has no limit of its own kept for a day. */
export function costBound(scope: Scope, archiveBytes: number): number | undefined {
  const machine = Math.max(...scope.machineTypes.map((type) => prices.hourly[type] ?? Number.NaN));
  if (Number.isNaN(machine)) return undefined;
  const running = (machine * Math.max(60, scope.maxRunSeconds)) / 3600;
  const gb = Math.max(1, Math.ceil(archiveBytes / 1e9));
  const stored = gb * (prices.imageGbMonth + prices.objectGbMonth) + scope.diskGb * prices.diskGbMonth;
  return running + (stored * longestHours) / hoursInMonth + 1000 * prices.write;
}
