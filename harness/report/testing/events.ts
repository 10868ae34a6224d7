/** Events of runs that never were; only *.test.ts import this. */
import type { CaseRef, Event, EventBody } from "../../events/index.ts";

export type CaseFinished = Extract<EventBody, { type: "case-finished" }>;

export function caseRef(proof: string, path = "direct"): CaseRef {
  return { id: `${proof}@${path}`, proof, path };
}

/** Numbers bodies as the engine does; one event a millisecond. */
export function stream(run = "1800000000-0001"): (body: EventBody) => Event {
  let seq = 0;
  const began = Date.UTC(2026, 10, 21, 4, 0, 0);
  return (body) => {
    const at = new Date(began + seq).toISOString();
    return { v: 1, seq, at, elapsedMs: seq++, run, ...body };
  };
}

export function started(cases: readonly CaseRef[]): EventBody {
  return { type: "run-started", capos: "0.1.0", cases, dir: ".capos/runs/1800000000-0001" };
}

export function finished(ref: CaseRef, more: Partial<CaseFinished> = {}): CaseFinished {
  return {
    type: "case-finished",
    case: ref,
    verdict: "proved",
    cause: "",
    report: [],
    dir: `.capos/runs/1800000000-0001/${ref.id}`,
    again: `capos prove ${ref.proof} --boot ${ref.path}`,
    ms: 428,
    ...more,
  };
}

export function over(more: Partial<Extract<EventBody, { type: "run-finished" }>> = {}): EventBody {
  return { type: "run-finished", passed: 1, failed: 0, skipped: 0, exit: 0, ms: 1234, ...more };
}

/** What the judge tells of a landmark that never came. */
export const nearMiss: readonly string[] = [
  "boot           read-back (2 of 2), refuted",
  "last landmark  mounted  (byte 167, 0.10 s)",
  "awaited        got: [client] got bytes=<size:int>",
  "nearest        [client] gat bytes=4096",
  "                         ^",
  "               (byte 197)",
  "",
  "last lines of the console:",
  "  [client] gat bytes=4096",
];
