import { setTimeout as sleep } from "node:timers/promises";
import { type ProcessStat, livesStill, processesWith } from "./procfs.ts";

/** Environment marker of everything that a run starts. */
export const runMarker = "CAPOS_RUN";
/** Environment marker of one job within its run. */
export const jobMarker = "CAPOS_JOB";

export interface Owned {
  readonly run: string;
  readonly job?: number;
}

/** What runs under a run's marker (or one job's), however far it has moved from its process group. */
export function survivors(owned: Owned): ProcessStat[] {
  const run = `${runMarker}=${owned.run}`;
  return processesWith(owned.job === undefined ? [run] : [run, `${jobMarker}=${owned.job}`]);
}

/**
 * Kills what `survivors` finds until nothing is found any more, because a process may fork while it is being killed.
 * Returns what was found; gives up after a second, which only a process stuck in the host's kernel outlasts.
 */
export async function sweep(owned: Owned): Promise<readonly ProcessStat[]> {
  const found = new Map<number, ProcessStat>();
  const end = Date.now() + 1_000;
  for (;;) {
    const left = survivors(owned);
    if (left.length === 0 || Date.now() >= end) return [...found.values()];
    for (const stat of left) {
      found.set(stat.pid, stat);
      // Asked again right before the signal: the pid may belong to a stranger by now.
      if (livesStill(stat)) kill(stat.pid);
    }
    await sleep(5);
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has just ended by itself, or is not ours to kill; the next look tells.
  }
}
