/** Reads of a stored console what a report shows of it: all, or its beginning, its end and what lies around landmarks. */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { encodeLine } from "./console-text.ts";
import type { ConsolePart, ConsoleReport } from "./types.ts";

export interface ConsoleWanted {
  /** Most bytes to take. */
  readonly limit: number;
  /** Offsets that must be among them, such as those of landmarks. */
  readonly around: readonly number[];
  /** When bytes came: how many up to and with each entry, and its time; in order. */
  readonly arrivals: readonly Arrival[];
}

export interface Arrival {
  readonly end: number;
  readonly wallMs: number;
}

/** Bytes on each side of a landmark that are kept of a console which is too long. */
const margin = 4096;
/** Longer lines are cut: nobody reads them, and they would make every view wide. */
const lineLimit = 4096;

/** Undefined when the file cannot be read. */
export function readConsole(file: string, shown: string, wanted: ConsoleWanted): ConsoleReport | undefined {
  let fd: number;
  try {
    fd = openSync(file, "r");
  } catch {
    return undefined;
  }
  try {
    const { size } = fstatSync(fd);
    const parts: ConsolePart[] = [];
    let line = 1;
    let at = 0;
    for (const [from, until] of rangesOf(size, wanted)) {
      line += countLines(fd, at, from);
      const { part, end } = readPart(fd, from, until, size, line, wanted.arrivals);
      if (part.lengths.length > 0) parts.push(part);
      line = part.line + part.lengths.length;
      at = end;
    }
    return { bytes: size, file: shown, parts };
  } catch {
    return undefined;
  } finally {
    closeSync(fd);
  }
}

/** What to read, in order and without overlap. */
export function rangesOf(
  size: number,
  { limit, around }: Pick<ConsoleWanted, "limit" | "around">,
): readonly (readonly [number, number])[] {
  if (size <= limit) return size === 0 ? [] : [[0, size]];
  // A third is kept for the beginning and half for the end: a boot fails at its end.
  const spots = around.slice(0, Math.floor(limit / 6 / (2 * margin)));
  const wanted: (readonly [number, number])[] = [
    [0, Math.floor(limit / 3)],
    ...spots.map((o): readonly [number, number] => [Math.max(0, o - margin), Math.min(size, o + margin)]),
    [size - Math.floor(limit / 2), size],
  ];
  const merged: [number, number][] = [];
  for (const [from, until] of wanted.toSorted((a, b) => a[0] - b[0])) {
    const last = merged.at(-1);
    if (last !== undefined && from <= last[1]) last[1] = Math.max(last[1], until);
    else merged.push([from, until]);
  }
  return merged;
}

interface PartRead {
  readonly part: ConsolePart;
  /** Offset behind the last line of the part. */
  readonly end: number;
}

function readPart(
  fd: number,
  from: number,
  until: number,
  size: number,
  line: number,
  arrivals: readonly Arrival[],
): PartRead {
  const bytes = readBytes(fd, from, until - from);
  // A part begins behind a line end and stops at one; what it loses at its borders is left out with the rest.
  const start = from === 0 ? 0 : bytes.indexOf(0x0a) + 1;
  const lines: string[] = [];
  const lengths: number[] = [];
  const times: number[] = [];
  let arrival = firstAfter(arrivals, from + start);
  let at = start;
  while (at < bytes.length) {
    const lf = bytes.indexOf(0x0a, at);
    if (lf < 0 && until < size) break;
    const next = lf < 0 ? bytes.length : lf + 1;
    lines.push(shownLine(bytes.subarray(at, lf < 0 ? next : lf)));
    lengths.push(next - at);
    while (arrival < arrivals.length && (arrivals[arrival]?.end ?? 0) < from + next) arrival++;
    const time = arrivals[arrival]?.wallMs;
    if (time !== undefined) times.push(Math.round(time * 10) / 10);
    at = next;
  }
  const part: ConsolePart = {
    offset: from + start,
    line: start === 0 ? line : line + 1,
    text: lines.join("\n"),
    lengths,
    times: times.length === lengths.length ? times : [],
  };
  return { part, end: from + at };
}

function shownLine(bytes: Uint8Array): string {
  const whole = bytes.at(-1) === 0x0d ? bytes.subarray(0, -1) : bytes;
  if (whole.length <= lineLimit) return encodeLine(whole);
  return `${encodeLine(whole.subarray(0, lineLimit))} … ${whole.length - lineLimit} bytes more`;
}

function firstAfter(arrivals: readonly Arrival[], offset: number): number {
  let low = 0;
  let high = arrivals.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((arrivals[middle]?.end ?? 0) > offset) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Line ends between two offsets, read in blocks. */
function countLines(fd: number, from: number, until: number): number {
  const block = Buffer.alloc(1 << 20);
  let count = 0;
  for (let at = from; at < until;) {
    const got = readSync(fd, block, 0, Math.min(block.length, until - at), at);
    if (got === 0) break;
    for (let lf = block.indexOf(0x0a); lf >= 0 && lf < got; lf = block.indexOf(0x0a, lf + 1)) count++;
    at += got;
  }
  return count;
}

function readBytes(fd: number, from: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let done = 0;
  while (done < length) {
    const got = readSync(fd, bytes, done, length - done, from + done);
    if (got === 0) break;
    done += got;
  }
  return bytes.subarray(0, done);
}
