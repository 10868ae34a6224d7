import { readFileSync } from "node:fs";
import type { Clock } from "../../base/index.ts";

/** Linux counts processor time for user space in hundredths of a second, on every architecture. */
const tickMs = 10;

/** How well a run has used the host's processors. */
export interface Usage {
  readonly ms: number;
  /** Processor time of the tool and of everything that it has started and waited for. */
  readonly cpuMs: number;
}

/** Measures from now on; what still runs when it is asked is not yet counted. */
export function startUsage(clock: Clock): () => Usage {
  const began = clock.monotonic();
  const before = processorMs();
  return () => ({
    ms: Math.round(Number(clock.monotonic() - began) / 1e6),
    cpuMs: Math.max(0, processorMs() - before),
  });
}

function processorMs(): number {
  try {
    const stat = readFileSync("/proc/self/stat", "latin1");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    // utime, stime, cutime, cstime: fields 14 to 17, of which two are cut off with the name.
    return fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0) * tickMs;
  } catch {
    return 0;
  }
}
