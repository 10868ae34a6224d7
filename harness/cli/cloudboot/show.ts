import type { CloudRoom } from "./room.ts";

type Calls = ReturnType<CloudRoom["plannedCalls"]>;
type Findings = Awaited<ReturnType<CloudRoom["preflight"]>>;
type Sweep = Awaited<ReturnType<CloudRoom["sweep"]>>;

/** Every call in order, and the most that all of it can cost. */
export function showPlan(run: string, calls: Calls, costUsd: number): string {
  const lines = calls.map(
    ({ phase, method, path, repeated }) =>
      `  ${phase.padEnd(9)}  ${method.padEnd(6)} ${path}${repeated ? "  (repeated until done)" : ""}`,
  );
  const head = `run ${run}: ${calls.length} kinds of call in this order, at most ${costUsd.toFixed(4)} USD`;
  return [head, ...lines].join("\n");
}

const fates = { ok: "     ok", failed: " FAILED", "not-run": "not run" } as const;

export function showFindings(findings: Findings): string {
  const width = Math.max(...findings.map((f) => f.what.length));
  return findings
    .map(({ what, fate, detail }) => `${fates[fate]}  ${what.padEnd(width)}  ${detail}`.trimEnd())
    .join("\n");
}

export function showSweep(sweep: Sweep): string {
  const items = sweep.items.map(
    ({ ref, fate, why }) => `${fate.toUpperCase().padStart(9)}  ${ref.kind} ${ref.name}: ${why}`,
  );
  const unlisted = sweep.unlisted.map((what) => `   FAILED  ${what}`);
  const counted = (fate: string): number => sweep.items.filter((i) => i.fate === fate).length;
  const sum = `${sweep.items.length} found, ${counted("removed")} removed, ${counted("kept")} kept, ${counted("left")} left, ${counted("reported")} reported`;
  return [...items, ...unlisted, sum].join("\n");
}
