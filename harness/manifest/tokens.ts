/**
 * Splits CUE text into tokens: enough to find imports, labels and references, without judging expressions.
 * It accepts everything that CUE accepts, and reports only what no CUE text may contain.
 */

export type TokenKind = "name" | "string" | "number" | "mark" | "attribute" | "comma" | "end";

export interface Token {
  readonly kind: TokenKind;
  /** Offsets into the text, in UTF-16 units. */
  readonly start: number;
  readonly end: number;
  /** The text itself; of an inserted comma the empty string. */
  readonly text: string;
  /** Stands inside an interpolation, `"\(here)"`: of use to the search for references only. */
  readonly nested: boolean;
  /** A string that contains interpolations: its value is not known from the text. */
  readonly interpolated: boolean;
}

export interface LexicalFault {
  readonly at: number;
  readonly message: string;
}

/** Names start with a letter, `_`, `$` or `#`; `_#x` and `#x` are definitions. */
const namePattern = /[\p{L}_$#][\p{L}\p{Nd}_$#]*/uy;
const numberPattern = /\.?\d[\w.]*(?:[eE][+-]?\d+)?/uy;
const openString = /(#*)("""|'''|"|')/uy;
/** After these a line end closes the element, as in Go: CUE inserts a comma there. */
const endsElement = new Set([")", "]", "}", "?", "..."]);
const marks = ["...", "=~", "!~", "==", "!=", "<=", ">=", "&&", "||", "<-"];

interface StringStart {
  readonly hashes: string;
  readonly quote: string;
}

/** A cursor over one text. Faults are collected; the tokens after one are a best effort. */
export class Tokenizer {
  readonly faults: LexicalFault[] = [];
  private at = 0;
  private last: Token | undefined;
  private readonly text: string;
  /** Open interpolations: the string that each belongs to, and the brackets open inside it. */
  private readonly interpolations: { readonly string: StringStart; depth: number }[] = [];

  constructor(text: string) {
    this.text = text;
    if (text.startsWith("\ufeff")) this.at = 1;
  }

  next(): Token {
    const token = this.read();
    this.last = token;
    return token;
  }

  private read(): Token {
    for (;;) {
      const c = this.text[this.at];
      if (c === undefined) return this.needsComma() ? this.comma() : this.token("end", this.at);
      if (c === "\n" && this.needsComma()) return this.comma();
      if (c === "\n" || c === " " || c === "\t" || c === "\r") this.at++;
      else if (this.text.startsWith("//", this.at)) this.skipComment();
      else break;
    }
    return this.readString() ?? this.readName() ?? this.readNumber() ?? this.readMark();
  }

  private needsComma(): boolean {
    const last = this.last;
    if (last === undefined || this.interpolations.length > 0) return false;
    if (last.kind === "mark") return endsElement.has(last.text);
    return (
      last.kind === "name" || last.kind === "string" || last.kind === "number" || last.kind === "attribute"
    );
  }

  private skipComment(): void {
    const end = this.text.indexOf("\n", this.at);
    this.at = end === -1 ? this.text.length : end;
  }

  private comma(): Token {
    return { ...this.token("comma", this.at), text: "" };
  }

  private token(kind: TokenKind, start: number, interpolated = false): Token {
    const nested = this.interpolations.length > 0;
    return { kind, start, end: this.at, text: this.text.slice(start, this.at), nested, interpolated };
  }

  private match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.at;
    return pattern.exec(this.text) ?? undefined;
  }

  private readName(): Token | undefined {
    const found = this.match(namePattern);
    if (found === undefined) return undefined;
    const start = this.at;
    this.at += found[0].length;
    return this.token("name", start);
  }

  private readNumber(): Token | undefined {
    const found = this.match(numberPattern);
    if (found === undefined) return undefined;
    const start = this.at;
    this.at += found[0].length;
    return this.token("number", start);
  }

  private readMark(): Token {
    const start = this.at;
    const c = this.text[start] ?? "";
    if (c === "@") return this.readAttribute(start);
    const inner = this.interpolations.at(-1);
    if (inner !== undefined) {
      if (c === ")" && inner.depth === 0) return this.resumeString(inner.string);
      if (c === "(" || c === "[" || c === "{") inner.depth++;
      if (c === ")" || c === "]" || c === "}") inner.depth--;
    }
    if (c === "\0") this.faults.push({ at: start, message: "a NUL byte is not allowed" });
    this.at += marks.find((m) => this.text.startsWith(m, start))?.length ?? 1;
    return this.token(c === "," ? "comma" : "mark", start);
  }

  /** `@name(anything with balanced brackets)`; strings inside may hold brackets. */
  private readAttribute(start: number): Token {
    this.at++;
    this.at += this.match(namePattern)?.[0].length ?? 0;
    if (this.text[this.at] !== "(") return this.token("attribute", start);
    let depth = 0;
    for (; this.at < this.text.length; this.at++) {
      const c = this.text[this.at];
      if (c === "(") depth++;
      else if (c === ")" && --depth === 0) break;
      else if (c === '"') this.at = Math.max(this.at, this.text.indexOf('"', this.at + 1));
    }
    this.at = Math.min(this.at + 1, this.text.length);
    return this.token("attribute", start);
  }

  private readString(): Token | undefined {
    const found = this.match(openString);
    if (found === undefined) return undefined;
    const start = this.at;
    this.at += found[0].length;
    return this.readStringRest({ hashes: found[1] ?? "", quote: found[2] ?? '"' }, start);
  }

  /** Behind the `)` of an interpolation the string goes on. */
  private resumeString(string: StringStart): Token {
    const start = this.at++;
    this.interpolations.pop();
    const rest = this.readStringRest(string, start);
    // The pieces behind an interpolation belong to the string that began before it.
    return { ...rest, nested: true };
  }

  private readStringRest(string: StringStart, start: number): Token {
    const close = string.quote + string.hashes;
    const escape = `\\${string.hashes}`;
    const multiline = string.quote.length === 3;
    while (this.at < this.text.length) {
      if (this.text.startsWith(close, this.at)) {
        this.at += close.length;
        return this.token("string", start);
      }
      if (this.text.startsWith(escape, this.at)) {
        this.at += escape.length;
        if (this.text[this.at] === "(") {
          this.at++;
          const token = this.token("string", start, true);
          this.interpolations.push({ string, depth: 0 });
          return token;
        }
        this.at++;
        continue;
      }
      if (this.text[this.at] === "\n" && !multiline) break;
      this.at++;
    }
    this.faults.push({ at: start, message: "this string is not closed" });
    return this.token("string", start);
  }
}

/** All tokens of a text, the last of kind `end`. */
export function tokenize(text: string): {
  readonly tokens: readonly Token[];
  readonly faults: readonly LexicalFault[];
} {
  const tokenizer = new Tokenizer(text);
  const tokens: Token[] = [];
  for (;;) {
    const token = tokenizer.next();
    tokens.push(token);
    if (token.kind === "end") return { tokens, faults: tokenizer.faults };
  }
}

/** The value of a plain string token, or undefined when it is interpolated or not a valid literal. */
export function stringValue(token: Token): string | undefined {
  if (token.kind !== "string" || token.interpolated || token.nested || !token.text.startsWith('"'))
    return undefined;
  try {
    const value: unknown = JSON.parse(token.text);
    return typeof value === "string" ? value : undefined;
  } catch {
    return undefined;
  }
}
