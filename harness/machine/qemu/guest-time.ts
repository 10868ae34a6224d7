import { readFileSync } from "node:fs";

/**
 * Milliseconds of processor time that a guest has received: what the host's scheduler gave to the threads that run
 * its processors. Not the whole emulator's time, because starting up and disk threads are not the guest's; not the
 * tick counters of /proc/PID/stat where it can be helped, because they count in steps of ten milliseconds.
 */
export class GuestTime {
  readonly #pid: number;
  #threads: readonly number[] = [];
  #ms = 0;
  #readAt = -Infinity;

  constructor(pid: number) {
    this.#pid = pid;
  }

  /** Threads of the guest's processors, once the emulator has named them. Until then no time has passed. */
  setThreads(threads: readonly number[]): void {
    this.#threads = threads;
  }

  /** Never goes back, and stands still when the emulator is gone. Looks at most once a millisecond: `nowMs`. */
  read(nowMs: number): number {
    if (nowMs - this.#readAt >= 1) {
      this.#readAt = nowMs;
      const sum = this.#threads.reduce((ms, thread) => ms + threadMs(this.#pid, thread), 0);
      this.#ms = Math.max(this.#ms, sum);
    }
    return this.#ms;
  }
}

function threadMs(pid: number, thread: number): number {
  const folder = `/proc/${pid}/task/${thread}`;
  try {
    // Nanoseconds on a processor, nanoseconds waiting for one, number of turns.
    return parseSchedstat(readFileSync(`${folder}/schedstat`, "latin1")) ?? 0;
  } catch {
    try {
      return parseStatTicks(readFileSync(`${folder}/stat`, "latin1")) ?? 0;
    } catch {
      return 0;
    }
  }
}

export function parseSchedstat(text: string): number | undefined {
  const ns = Number(text.split(" ")[0]);
  return Number.isFinite(ns) ? ns / 1e6 : undefined;
}

/** User and system time, in ticks of 1/100 s on every Linux that runs here. */
export function parseStatTicks(text: string): number | undefined {
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const ticks = Number(fields[11]) + Number(fields[12]);
  return Number.isFinite(ticks) ? ticks * 10 : undefined;
}
