/**
 * The form in which evidence stores JSON: keys sorted by UTF-16 unit, two spaces of indentation, one field
 * a line, LF at the end. Equal values give equal bytes, a person can read them, and version control shows
 * which field changed. A file in any other form is refused, so there is no byte that nobody looks at.
 */
import { type Problem, type Result, type Span, fail, ok, problem } from "../base/index.ts";
import { evidenceCodes } from "./codes.ts";
import { type Decoder, decode, step } from "./decode.ts";

/** No format here comes near it; it keeps a hostile file from exhausting the stack. */
const maxDepth = 32;

/** The canonical text of plain data; throws for values that JSON has no form for. */
export function canonicalText(value: unknown): string {
  return `${render(value, "$", "")}\n`;
}

/**
 * Reads a canonical text. `file` is only used to name the place: relative to the project root, or
 * `bundle.tar!member` for what stands in a bundle.
 */
export function parseCanonical<T>(decoder: Decoder<T>, text: string, file: string): Result<T> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return fail(malformed(`${file} is not JSON`, syntaxPlace(error, text, file)));
  }
  if (deeperThan(maxDepth, value)) {
    return fail(malformed(`${file} is nested deeper than ${maxDepth} levels`, { file, line: 1, col: 1 }));
  }
  const decoded = decode(decoder, value);
  if (!("value" in decoded)) {
    return fail(malformed(`${decoded.at} ${decoded.message}`, placeOf(value, decoded.at, text, file)));
  }
  const canonical = canonicalText(value);
  if (canonical !== text) {
    return fail(malformed(`${file} is not in canonical form`, firstDifference(canonical, text, file)));
  }
  return ok(decoded.value);
}

/** Where the value at a path stands in the canonical text of `value`; the start when there is no such path. */
export function spanOf(value: unknown, path: string, file: string): Span {
  const lines = new Map<string, number>();
  render(value, "$", "", lines);
  return { file, line: (lines.get(path) ?? 0) + 1, col: 1 };
}

/** `lines` receives the line of each path, counted from 0; `line` is the one on which this value begins. */
function render(value: unknown, at: string, indent: string, lines?: Map<string, number>, line = 0): string {
  lines?.set(at, line);
  if (value === null || typeof value === "boolean" || typeof value === "string") return JSON.stringify(value);
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw new Error(`${at}: not a finite number`);
    return JSON.stringify(value);
  }
  if (typeof value !== "object") throw new Error(`${at}: ${typeof value} is not data`);
  const list = Array.isArray(value);
  const fields: [string | number, unknown][] = list
    ? value.map((v: unknown, i) => [i, v])
    : Object.entries(value)
        .filter(([, v]) => v !== undefined)
        .toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  const [open, close] = list ? ["[", "]"] : ["{", "}"];
  if (fields.length === 0) return `${open}${close}`;
  const deeper = `${indent}  `;
  let next = line + 1;
  const parts = fields.map(([key, v]) => {
    const text = render(v, `${at}${step(key)}`, deeper, lines, next);
    if (lines !== undefined) next += text.split("\n").length;
    return `${deeper}${typeof key === "number" ? "" : `${JSON.stringify(key)}: `}${text}`;
  });
  return `${open}\n${parts.join(",\n")}\n${indent}${close}`;
}

function deeperThan(levels: number, value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((v) => deeperThan(levels - 1, v));
}

/** A path's line is known only in canonical text; elsewhere the first line that is not canonical is named. */
function placeOf(value: unknown, path: string, text: string, file: string): Span {
  const canonical = canonicalText(value);
  return canonical === text ? spanOf(value, path, file) : firstDifference(canonical, text, file);
}

function firstDifference(canonical: string, text: string, file: string): Span {
  let at = 0;
  while (at < canonical.length && canonical[at] === text[at]) at++;
  return spanAt(text, at, file);
}

/** V8 names an offset in most of its messages; the end of the text is meant where it does not. */
function syntaxPlace(error: unknown, text: string, file: string): Span {
  const offset = /position (\d+)/u.exec(error instanceof Error ? error.message : "")?.[1];
  return spanAt(text, offset === undefined ? text.length : Number(offset), file);
}

function spanAt(text: string, offset: number, file: string): Span {
  const before = text.slice(0, offset);
  return { file, line: before.split("\n").length, col: offset - before.lastIndexOf("\n") };
}

function malformed(message: string, span: Span): Problem {
  return problem(evidenceCodes, "CAPOS_EVIDENCE_FORMAT", message, { span });
}
