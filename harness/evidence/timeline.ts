/**
 * The time index of a console: one line of JSON for each thing the judge was fed, in order. Bytes stand in
 * `console.raw`; here is only how many came and when, so that the pair gives back exactly what was judged.
 */
import { type Result, canonicalJson, err, ok, type Problem, problem } from "../base/index.ts";
import type { BootInput } from "../contract/index.ts";
import { evidenceCodes } from "./codes.ts";
import * as d from "./decode.ts";

const at = d.object({ wallMs: d.number, cpuMs: d.number });

const control = d.tagged("type", {
  exit: d.object({ type: d.oneOf(["exit"]), code: d.nullable(d.number), signal: d.nullable(d.string) }),
  reset: d.object({ type: d.oneOf(["reset"]) }),
  shutdown: d.object({ type: d.oneOf(["shutdown"]), guest: d.boolean }),
  "triple-fault": d.object({ type: d.oneOf(["triple-fault"]) }),
  devices: d.object({ type: d.oneOf(["devices"]), present: d.array(d.string) }),
  action: d.object({
    type: d.oneOf(["action"]),
    source: d.oneOf(["send", "fault", "peer", "tool"]),
    name: d.string,
    detail: d.string,
    ok: d.boolean,
  }),
  "ended-by-tool": d.object(
    {
      type: d.oneOf(["ended-by-tool"]),
      why: d.oneOf(["planned", "decided", "interrupted", "host", "cloud"]),
    },
    { detail: d.string },
  ),
});

const entry = d.tagged("kind", {
  bytes: d.object({ kind: d.oneOf(["bytes"]), at, length: d.count }),
  terminal: d.object({ kind: d.oneOf(["terminal"]), at, length: d.count }),
  control: d.object({ kind: d.oneOf(["control"]), at, event: control }),
  tick: d.object({ kind: d.oneOf(["tick"]), at }),
});

/** One line, with its LF. */
export function timelineLine(input: BootInput): string {
  // The annotation makes the compiler refuse an event that the decoder does not know.
  const stored: d.Decoded<typeof entry> =
    input.kind === "bytes" || input.kind === "terminal"
      ? { kind: input.kind, at: input.at, length: input.bytes.length }
      : input;
  return `${canonicalJson(stored)}\n`;
}

/** One line read back, without its LF; undefined when it is none. */
export function timelineEntry(line: string): d.Decoded<typeof entry> | undefined {
  const decoded = d.decode(entry, parseJson(line));
  return "value" in decoded ? decoded.value : undefined;
}

/** What the serial ports of a boot have shown. */
export interface Transcripts {
  readonly console: Uint8Array;
  /** Empty where the machine has no second port. */
  readonly terminal: Uint8Array;
}

/** What the judge was fed, from the files of a boot; `file` names the time index in problems. */
export function joinTimeline(shown: Transcripts, index: string, file: string): Result<readonly BootInput[]> {
  const inputs: BootInput[] = [];
  const taken = { console: 0, terminal: 0 };
  const fault = (line: number, message: string): Result<never> =>
    err<readonly Problem[]>([
      problem(evidenceCodes, "CAPOS_EVIDENCE_FORMAT", message, { span: { file, line, col: 1 } }),
    ]);
  const lines = index.split("\n");
  if (lines.pop() !== "") return fault(lines.length + 1, "the last line is not complete");
  for (const [i, line] of lines.entries()) {
    const value = parseJson(line);
    const decoded = d.decode(entry, value);
    if (!("value" in decoded)) return fault(i + 1, `${decoded.at} ${decoded.message}`);
    if (canonicalJson(value) !== line) return fault(i + 1, "the line is not in canonical form");
    const stored = decoded.value;
    if (stored.kind !== "bytes" && stored.kind !== "terminal") {
      inputs.push(stored);
      continue;
    }
    const port = stored.kind === "bytes" ? "console" : "terminal";
    const bytes = shown[port].subarray(taken[port], taken[port] + stored.length);
    if (bytes.length < stored.length) return fault(i + 1, `the ${port} ends at byte ${shown[port].length}`);
    inputs.push({ kind: stored.kind, at: stored.at, bytes });
    taken[port] += stored.length;
  }
  for (const port of ["console", "terminal"] as const) {
    const rest = shown[port].length - taken[port];
    if (rest !== 0) return fault(lines.length, `${rest} bytes of the ${port} have no time`);
  }
  return ok(inputs);
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
