import { appendFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../base/index.ts";
import type { Emit, Event } from "../events/index.ts";

/**
 * The one place where events get their number and time. Each goes to `events.jsonl` of the run and to the
 * listener; neither can fail the run.
 */
export function createEmitter(
  run: string,
  dir: string,
  clock: Clock,
  listener: (event: Event) => void,
): Emit {
  const file = join(dir, "events.jsonl");
  const began = clock.monotonic();
  let seq = 0;
  let stored = true;
  mkdirSync(dir, { recursive: true });
  return (body) => {
    const at = new Date(clock.now()).toISOString();
    const elapsedMs = Math.round(Number(clock.monotonic() - began) / 1e6);
    const event: Event = { v: 1, seq: seq++, at, elapsedMs, run, ...body };
    try {
      if (stored) appendFileSync(file, `${JSON.stringify(event)}\n`);
    } catch {
      // A full disk: the screen still shows the run, and the evidence writer reports the disk.
      stored = false;
    }
    listener(event);
  };
}
