import { unreachable } from "../base/index.ts";
import { type CaptureType, mayHold, type Pattern, stampSpaces, type Token } from "./pattern.ts";

/**
 * Matches a whole line, `bytes[start, end)`, and returns the captures by name; undefined when it does not
 * match. Time is linear in the line times the number of captures, whatever the line holds: which rest of the
 * pattern can match from which place is computed once, from the back, so that nothing is ever tried twice.
 */
export function matchLine(
  pattern: Pattern,
  bytes: Uint8Array,
  start: number,
  end: number,
): Readonly<Record<string, string>> | undefined {
  const { tokens } = pattern;
  let from = start;
  let until = end;
  // Fixed text at both ends is compared in place; it decides nearly every line.
  const first = tokens[0];
  if (first?.kind === "literal") {
    if (!hasAt(bytes, from, until, first.bytes)) return undefined;
    from += first.bytes.length;
  }
  if (tokens.length === 1 && first?.kind === "literal") return from === until ? {} : undefined;
  const last = tokens[tokens.length - 1];
  if (last?.kind === "literal") {
    until -= last.bytes.length;
    if (until < from || !hasAt(bytes, until, end, last.bytes)) return undefined;
  }
  const middle = tokens.slice(first?.kind === "literal" ? 1 : 0, last?.kind === "literal" ? -1 : undefined);
  const cuts = cutMiddle(middle, bytes.subarray(from, until));
  if (cuts === undefined) return undefined;
  const captures: Record<string, string> = {};
  for (const [i, token] of middle.entries()) {
    if (token.kind === "literal") continue;
    captures[token.name] = decodeCapture(bytes.subarray(from + (cuts[i] ?? 0), from + (cuts[i + 1] ?? 0)));
  }
  return captures;
}

/**
 * For each place of a text, the nearest places from which the rest of a pattern matches to the end:
 * `least[p]` at or behind p (the text's length + 1 if none), `most[p]` at or before p (-1 if none).
 */
interface Reach {
  readonly least: Int32Array;
  readonly most: Int32Array;
}

/** Where each token begins, and behind the last one the end; undefined when the text does not match. */
function cutMiddle(tokens: readonly Token[], text: Uint8Array): readonly number[] | undefined {
  const reach: Reach[] = [];
  const runs: (Int32Array | undefined)[] = [];
  let rest = reachOf(text.length, (p) => p === text.length);
  reach[tokens.length] = rest;
  for (let t = tokens.length - 1; t >= 0; t--) {
    const token = tokens[t];
    if (token === undefined) return undefined;
    const run = token.kind === "capture" ? runsOf(token.type, text) : undefined;
    const after = rest;
    rest = reachOf(text.length, (p) => tokenEnd(token, text, p, run, after) >= 0);
    runs[t] = run;
    reach[t] = rest;
  }
  if (rest.least[0] !== 0) return undefined;
  const cuts = [0];
  let p = 0;
  for (const [t, token] of tokens.entries()) {
    p = tokenEnd(token, text, p, runs[t], reach[t + 1] ?? rest);
    cuts.push(p);
  }
  return cuts;
}

function reachOf(length: number, matchesFrom: (p: number) => boolean): Reach {
  const least = new Int32Array(length + 1);
  const most = new Int32Array(length + 1);
  let near = length + 1;
  for (let p = length; p >= 0; p--) {
    if (matchesFrom(p)) near = p;
    least[p] = near;
  }
  let last = -1;
  for (let p = 0; p <= length; p++) {
    if (least[p] === p) last = p;
    most[p] = last;
  }
  return { least, most };
}

/** Where a token that begins at `p` should end so that the rest still matches; -1 when it cannot. */
function tokenEnd(
  token: Token,
  text: Uint8Array,
  p: number,
  run: Int32Array | undefined,
  rest: Reach,
): number {
  if (token.kind === "literal") {
    return hasAt(text, p, text.length, token.bytes)
      ? within(rest, p + token.bytes.length, p + token.bytes.length)
      : -1;
  }
  if (run === undefined) return -1;
  const runEnd = run[p] ?? p;
  switch (token.type) {
    case "text": {
      const least = rest.least[p] ?? text.length + 1;
      return least <= text.length ? least : -1;
    }
    case "word":
    case "hex":
      return within(rest, p + 1, runEnd);
    case "hex32":
      return runEnd >= p + 32 ? within(rest, p + 32, p + 32) : -1;
    case "hex64":
      return runEnd >= p + 64 ? within(rest, p + 64, p + 64) : -1;
    case "int":
    case "float":
    case "stamp": {
      const digits = token.type === "stamp" ? behindSpaces(text, p) : text[p] === minus ? p + 1 : p;
      const whole = run[digits] ?? digits;
      if (whole === digits) return -1;
      if (token.type !== "int" && text[whole] === dot) {
        const fraction = within(rest, whole + 2, run[whole + 1] ?? whole + 1);
        if (fraction >= 0) return fraction;
      }
      return token.type === "stamp" ? -1 : within(rest, digits + 1, whole);
    }
    default:
      return unreachable(token.type);
  }
}

/** The greatest place in [low, high] from which the rest matches, or -1. */
function within(rest: Reach, low: number, high: number): number {
  const place = rest.most[high] ?? -1;
  return place >= low ? place : -1;
}

function behindSpaces(text: Uint8Array, p: number): number {
  let at = p;
  while (at < p + stampSpaces && text[at] === 0x20) at++;
  return at;
}

const minus = 0x2d;
const dot = 0x2e;

/** For each place, where the run of bytes that the type may hold ends. */
function runsOf(type: CaptureType, text: Uint8Array): Int32Array {
  const run = new Int32Array(text.length + 1);
  let end = text.length;
  run[text.length] = end;
  for (let p = text.length - 1; p >= 0; p--) {
    if (!mayHold(type, text[p] ?? 0)) end = p;
    run[p] = end;
  }
  return run;
}

function hasAt(bytes: Uint8Array, at: number, end: number, wanted: Uint8Array): boolean {
  if (at + wanted.length > end) return false;
  for (let i = 0; i < wanted.length; i++) if (bytes[at + i] !== wanted[i]) return false;
  return true;
}

/**
 * Captured bytes as text. Bytes that are not UTF-8 become lone surrogates U+DC80..U+DCFF, so that different
 * bytes are always different text and equality of captures is equality of bytes.
 */
export function decodeCapture(bytes: Uint8Array): string {
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return Array.from(bytes, (b) => String.fromCharCode(b < 0x80 ? b : 0xdc00 + b)).join("");
  }
}

const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
