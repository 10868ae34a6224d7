import type { Span } from "../base/index.ts";
import { type Token, stringValue } from "./tokens.ts";

/** Where a value stands: fields by label, list elements by number. */
export type Path = readonly string[];

/** `[line, col, endCol]`, counting from 1. */
type Place = readonly [number, number, number];

/** One file's entries, in a form that is stored in the cache: path key, label (or none), value. */
export interface FilePositions {
  readonly file: string;
  readonly entries: readonly (readonly [string, Place | null, Place])[];
}

const separator = "\u0000";

/** Turns offsets of one text into lines and columns. */
export class LineTable {
  private readonly starts: number[] = [0];
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
    for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) this.starts.push(at + 1);
  }

  /** The place of a range; one that spans lines is cut at the end of its first line. */
  place(start: number, end: number): Place {
    let low = 0;
    let high = this.starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.starts[middle] ?? 0) <= start) low = middle;
      else high = middle - 1;
    }
    const lineStart = this.starts[low] ?? 0;
    const lineEnd = (this.starts[low + 1] ?? this.text.length + 1) - 1;
    return [low + 1, start - lineStart + 1, Math.max(start, Math.min(end, lineEnd)) - lineStart + 1];
  }

  span(file: string, start: number, end: number): Span {
    return toSpan(file, this.place(start, end));
  }
}

/** Finds the source of a path in the files of one package. */
export class PositionIndex {
  private readonly places = new Map<string, { file: string; label: Place | null; value: Place }>();

  constructor(files: readonly FilePositions[]) {
    for (const { file, entries } of files) {
      for (const [key, label, value] of entries) {
        // A value may be given in pieces; the first piece is the one that people look for.
        if (!this.places.has(key)) this.places.set(key, { file, label, value });
      }
    }
  }

  /** The value itself, when the files write it at this very path. */
  value(path: Path): Span | undefined {
    const found = this.places.get(path.join(separator));
    return found === undefined ? undefined : toSpan(found.file, found.value);
  }

  /** The values of everything inside `path`, by the rest of their path joined with dots; itself by "". */
  below(path: Path): ReadonlyMap<string, Span> {
    const own = path.join(separator);
    const prefix = path.length === 0 ? "" : own + separator;
    const spans = new Map<string, Span>();
    for (const [key, { file, label, value }] of this.places) {
      if (key === own) spans.set("", toSpan(file, label ?? value));
      else if (key.startsWith(prefix))
        spans.set(key.slice(prefix.length).replaceAll(separator, "."), toSpan(file, value));
    }
    return spans;
  }

  /** The label of a field; of a list element its value. */
  label(path: Path): Span | undefined {
    const found = this.places.get(path.join(separator));
    return found === undefined ? undefined : toSpan(found.file, found.label ?? found.value);
  }

  /** The value, or the label of the innermost field around it that the files write. */
  nearest(path: Path): Span | undefined {
    const exact = this.value(path);
    if (exact !== undefined) return exact;
    for (let length = path.length - 1; length > 0; length--) {
      const around = this.label(path.slice(0, length));
      if (around !== undefined) return around;
    }
    return undefined;
  }
}

/**
 * Records where each field and list element of a text stands, from labels, braces and commas alone. What
 * is made by a comprehension has no path in the text and is not recorded; its surroundings are.
 */
export function indexPositions(
  file: string,
  text: string,
  tokens: readonly Token[],
  from: number,
): FilePositions {
  const scanner = new Scanner(
    text,
    tokens.filter((t) => !t.nested && t.start >= from),
  );
  scanner.struct([]);
  return { file, entries: scanner.entries };
}

class Scanner {
  readonly entries: (readonly [string, Place | null, Place])[] = [];
  private i = 0;
  private readonly lines: LineTable;
  private readonly tokens: readonly Token[];

  constructor(text: string, tokens: readonly Token[]) {
    this.lines = new LineTable(text);
    this.tokens = tokens;
  }

  /** Declarations up to the closing brace, which is left to the caller. */
  struct(path: Path | undefined): void {
    for (;;) {
      const token = this.peek();
      if (token === undefined || isMark(token, "}")) return;
      const before = this.i;
      if (token.kind === "comma" || token.kind === "attribute" || isMark(token, "...")) this.i++;
      else if (this.isLet()) this.letClause();
      else if (this.isComprehension()) this.comprehension(path);
      else if (!this.field(path)) this.value(path);
      if (this.i === before) this.i++;
    }
  }

  /** `let x = …`: what stands in it has no path, although a field may refer to it. */
  private letClause(): void {
    this.i += 3;
    this.value(undefined);
  }

  private field(path: Path | undefined): boolean {
    const label = this.label();
    if (label === undefined) return false;
    const inner = path === undefined || label.name === undefined ? undefined : [...path, label.name];
    this.i = label.next;
    const value = this.peek();
    if (inner !== undefined && value !== undefined)
      this.record(inner, this.lines.place(label.token.start, label.token.end), value);
    if (!this.field(inner)) this.value(inner);
    return true;
  }

  private record(path: Path, label: Place | null, value: Token): void {
    this.entries.push([path.join(separator), label, this.lines.place(value.start, value.end)]);
  }

  /** The label that starts here, if one does: `x:`, `x?:`, `"x":`, `A=x:`, `[…]:`, `(…):`. */
  private label(): { token: Token; name: string | undefined; next: number } | undefined {
    let at = this.i;
    if (this.tokens[at]?.kind === "name" && isMark(this.tokens[at + 1], "=")) at += 2;
    const token = this.tokens[at];
    if (token === undefined) return undefined;
    let after = at + 1;
    let name: string | undefined;
    if (token.kind === "name") name = token.text;
    else if (token.kind === "string") name = stringValue(token);
    else if (isMark(token, "[") || isMark(token, "(")) after = this.closing(at) + 1;
    else return undefined;
    if (isMark(this.tokens[after], "?")) after++;
    return isMark(this.tokens[after], ":") ? { token, name, next: after + 1 } : undefined;
  }

  /** An expression, up to a comma or a closing bracket. Braces in it belong to `path`: they are unified with it. */
  private value(path: Path | undefined): void {
    const first = this.i;
    for (;;) {
      const token = this.peek();
      const previous = this.i === first ? undefined : this.tokens[this.i - 1];
      if (token === undefined || token.kind === "comma") return;
      if (isMark(token, "}") || isMark(token, "]") || isMark(token, ")")) return;
      this.i++;
      if (isMark(token, "{")) this.struct(path);
      else if (isMark(token, "[")) this.list(isOperand(previous) ? undefined : path);
      else if (isMark(token, "(")) this.group(isOperand(previous) ? undefined : path);
      else continue;
      if (this.peek() !== undefined) this.i++;
    }
  }

  private list(path: Path | undefined): void {
    let exact = path;
    for (let index = 0; ;) {
      const token = this.peek();
      if (token === undefined || isMark(token, "]")) return;
      const before = this.i;
      if (token.kind === "comma" || isMark(token, "...")) this.i++;
      else if (this.isComprehension()) {
        this.comprehension(undefined);
        exact = undefined;
      } else {
        const inner = exact === undefined ? undefined : [...exact, String(index++)];
        if (inner !== undefined) this.record(inner, null, token);
        this.value(inner);
      }
      if (this.i === before) this.i++;
    }
  }

  private group(path: Path | undefined): void {
    for (;;) {
      const token = this.peek();
      if (token === undefined || isMark(token, ")")) return;
      const before = this.i;
      this.value(path);
      if (this.i === before) this.i++;
    }
  }

  private isLet(): boolean {
    return (
      this.peek()?.text === "let" &&
      this.tokens[this.i + 1]?.kind === "name" &&
      isMark(this.tokens[this.i + 2], "=")
    );
  }

  private isComprehension(): boolean {
    const word = this.peek();
    if (word?.kind !== "name" || (word.text !== "if" && word.text !== "for")) return false;
    return this.label() === undefined;
  }

  /** What `if` guards belongs to the struct around it; what `for` makes has a path that no text shows. */
  private comprehension(path: Path | undefined): void {
    let body = path;
    for (;;) {
      const token = this.peek();
      if (token === undefined) return;
      if (isMark(token, "{")) break;
      if (token.kind === "name" && token.text === "for") body = undefined;
      this.i = isMark(token, "(") || isMark(token, "[") ? this.closing(this.i) + 1 : this.i + 1;
    }
    this.i++;
    this.struct(body);
    this.i++;
  }

  /** Index of the bracket that closes the one at `open`. */
  private closing(open: number): number {
    let depth = 0;
    for (let at = open; at < this.tokens.length; at++) {
      const token = this.tokens[at];
      if (token?.kind !== "mark") continue;
      if (token.text === "(" || token.text === "[" || token.text === "{") depth++;
      if ((token.text === ")" || token.text === "]" || token.text === "}") && --depth === 0) return at;
    }
    return this.tokens.length;
  }

  private peek(): Token | undefined {
    const token = this.tokens[this.i];
    return token?.kind === "end" ? undefined : token;
  }
}

function isMark(token: Token | undefined, text: string): boolean {
  return token?.kind === "mark" && token.text === text;
}

/** Behind an operand, a bracket selects or calls; elsewhere it begins a list or a group. */
function isOperand(token: Token | undefined): boolean {
  if (token === undefined) return false;
  if (token.kind === "name" || token.kind === "string" || token.kind === "number") return true;
  return isMark(token, ")") || isMark(token, "]") || isMark(token, "}");
}

function toSpan(file: string, [line, col, endCol]: Place): Span {
  return { file, line, col, endCol };
}
