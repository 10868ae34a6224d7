import { err, ok, type Result } from "../base/index.ts";

/**
 * Regular expressions over bytes that run in linear time on any input, for patterns that meet a hostile
 * console. The whole text is meant, so `^` and `$` have no place; there are no back references.
 *
 * Syntax: literals, `.` (any byte), `[a-z]`, `[^a-z]`, `\d \w \s`, `\` before any other sign, groups `( )` and `(?: )`, `|`,
 * and `* + ? {n} {n,} {n,m}`.
 */
export type Expression =
  | { readonly kind: "set"; readonly set: ByteSet }
  | { readonly kind: "sequence"; readonly parts: readonly Expression[] }
  | { readonly kind: "choice"; readonly options: readonly Expression[] }
  | { readonly kind: "repeat"; readonly body: Expression; readonly min: number; readonly max: number };

/** 256 flags, by byte. */
export type ByteSet = Uint8Array;

export interface ExpressionFault {
  readonly message: string;
  /** Index into the source. */
  readonly at: number;
}

const repeatCap = 1000;

export function parseExpression(source: string): Result<Expression, ExpressionFault> {
  const parser = new Parser(source);
  const expression = parser.choice();
  if (parser.fault !== undefined) return err(parser.fault);
  if (parser.at < source.length) return err({ message: "unmatched `)`", at: parser.at });
  return ok(expression);
}

/** An expression that is known to be right; a fault here is a bug of the caller, who has not checked the proof. */
export function mustParseExpression(source: string): Expression {
  const parsed = parseExpression(source);
  if (!parsed.ok) throw new Error(`unchecked expression ${JSON.stringify(source)}: ${parsed.error.message}`);
  return parsed.value;
}

export function literal(bytes: Uint8Array): Expression {
  return { kind: "sequence", parts: Array.from(bytes, (b) => ({ kind: "set", set: setOf([[b, b]]) })) };
}

/** Bytes that stand in every text that matches. */
export function requiredBytes(expression: Expression): ReadonlySet<number> {
  switch (expression.kind) {
    case "set": {
      const first = expression.set.indexOf(1);
      return new Set(first >= 0 && expression.set.indexOf(1, first + 1) < 0 ? [first] : []);
    }
    case "sequence":
      return new Set(expression.parts.flatMap((part) => [...requiredBytes(part)]));
    case "choice": {
      const [first, ...others] = expression.options.map(requiredBytes);
      return new Set([...(first ?? [])].filter((byte) => others.every((bytes) => bytes.has(byte))));
    }
    case "repeat":
      return expression.min > 0 ? requiredBytes(expression.body) : new Set();
  }
}

/** The same texts read backwards. */
export function reversed(expression: Expression): Expression {
  switch (expression.kind) {
    case "set":
      return expression;
    case "sequence":
      return { kind: "sequence", parts: expression.parts.toReversed().map(reversed) };
    case "choice":
      return { kind: "choice", options: expression.options.map(reversed) };
    case "repeat":
      return { ...expression, body: reversed(expression.body) };
  }
}

export function setOf(ranges: readonly (readonly [number, number])[], negated = false): ByteSet {
  const set = new Uint8Array(256).fill(negated ? 1 : 0);
  for (const [low, high] of ranges) set.fill(negated ? 0 : 1, low, high + 1);
  return set;
}

type Range = readonly [number, number];

const classes: Readonly<Record<string, readonly Range[]>> = {
  d: [[0x30, 0x39]],
  w: [
    [0x30, 0x39],
    [0x41, 0x5a],
    [0x5f, 0x5f],
    [0x61, 0x7a],
  ],
  s: [
    [0x09, 0x0d],
    [0x20, 0x20],
  ],
};

/** Recursive descent; the first fault stops it, and what it returns then is not used. */
class Parser {
  readonly #source: string;
  at = 0;
  fault: ExpressionFault | undefined;
  #depth = 0;

  constructor(source: string) {
    this.#source = source;
  }

  choice(): Expression {
    const options = [this.#sequence()];
    while (this.#take("|")) options.push(this.#sequence());
    const [only, ...others] = options;
    return only !== undefined && others.length === 0 ? only : { kind: "choice", options };
  }

  #sequence(): Expression {
    const parts: Expression[] = [];
    while (this.fault === undefined && this.at < this.#source.length && !"|)".includes(this.#peek())) {
      parts.push(this.#repeated());
    }
    const [only, ...others] = parts;
    return only !== undefined && others.length === 0 ? only : { kind: "sequence", parts };
  }

  #repeated(): Expression {
    const body = this.#atom();
    const times = this.#times();
    if (times === undefined) return body;
    const second = this.at;
    if (this.fault === undefined && this.#times() !== undefined) {
      this.#fail("two repetitions follow each other; group the first", second);
    }
    return { kind: "repeat", body, ...times };
  }

  #times(): { min: number; max: number } | undefined {
    if (this.#take("*")) return { min: 0, max: Infinity };
    if (this.#take("+")) return { min: 1, max: Infinity };
    if (this.#take("?")) return { min: 0, max: 1 };
    const start = this.at;
    const counted = /\{(\d+)(,(\d*))?\}/uy;
    counted.lastIndex = start;
    const found = counted.exec(this.#source);
    if (found === null) {
      if (this.#peek() === "{")
        this.#fail("`{` begins a count such as `{3}` or `{1,3}`; a literal one is `\\{`", start);
      return undefined;
    }
    this.at += found[0].length;
    const min = Number(found[1]);
    const max = found[2] === undefined ? min : found[3] === "" ? Infinity : Number(found[3]);
    if (min > max) this.#fail("a count whose least is more than its most", start);
    if (min > repeatCap || (max !== Infinity && max > repeatCap))
      this.#fail(`a count of more than ${repeatCap}`, start);
    return { min, max };
  }

  #atom(): Expression {
    const start = this.at;
    const sign = this.#next();
    switch (sign) {
      case "(": {
        if (this.#source.startsWith("?:", this.at)) this.at += 2;
        else if (this.#peek() === "?") this.#fail("only plain groups are known", start);
        if (++this.#depth > 50) this.#fail("groups are nested too deeply", start);
        if (this.fault !== undefined) return nothing;
        const body = this.choice();
        this.#depth--;
        if (!this.#take(")")) this.#fail("`(` is not closed", start);
        return body;
      }
      case "[":
        return this.#class(start);
      case ".":
        return { kind: "set", set: setOf([[0, 255]]) };
      case "\\":
        return this.#escape(start);
      case "*":
      case "+":
      case "?":
      case "{":
        this.#fail(`nothing stands before \`${sign}\``, start);
        return nothing;
      case "^":
      case "$":
        this.#fail(
          `the whole text is meant, so \`${sign}\` is left out; a literal one is \`\\${sign}\``,
          start,
        );
        return nothing;
      default:
        return literal(Buffer.from(sign));
    }
  }

  #escape(start: number): Expression {
    const sign = this.#next();
    const ranges = classes[sign];
    if (ranges !== undefined) return { kind: "set", set: setOf(ranges) };
    if (sign === "" || /[A-Za-z0-9]/u.test(sign)) this.#fail(`\`\\${sign}\` is not known`, start);
    return literal(Buffer.from(sign));
  }

  #class(start: number): Expression {
    const negated = this.#take("^");
    const ranges: Range[] = [];
    for (let first = true; first || this.#peek() !== "]"; first = false) {
      if (this.at >= this.#source.length) this.#fail("`[` is not closed", start);
      if (this.fault !== undefined) return nothing;
      const low = this.#classSign();
      if (typeof low !== "number") ranges.push(...low);
      else if (this.#source[this.at] === "-" && (this.#source[this.at + 1] ?? "]") !== "]") {
        this.at++;
        const high = this.#classSign();
        if (typeof high !== "number" || high < low)
          this.#fail("a range whose end is before its start", start);
        else ranges.push([low, high]);
      } else ranges.push([low, low]);
    }
    this.at++;
    return { kind: "set", set: setOf(ranges, negated) };
  }

  /** One byte of a class, or the ranges of `\d` and its like. */
  #classSign(): number | readonly Range[] {
    const start = this.at;
    let sign = this.#next();
    if (sign === "\\") {
      sign = this.#next();
      const ranges = classes[sign];
      if (ranges !== undefined) return ranges;
      if (sign === "" || /[A-Za-z0-9]/u.test(sign)) this.#fail(`\`\\${sign}\` is not known`, start);
    }
    const code = sign.codePointAt(0) ?? 0;
    if (code > 0x7f) this.#fail("a class holds bytes, so only ASCII may stand in it", start);
    return code;
  }

  #peek(): string {
    return String.fromCodePoint(this.#source.codePointAt(this.at) ?? 0);
  }

  #next(): string {
    if (this.at >= this.#source.length) return "";
    const sign = this.#peek();
    this.at += sign.length;
    return sign;
  }

  #take(sign: string): boolean {
    if (!this.#source.startsWith(sign, this.at)) return false;
    this.at += sign.length;
    return true;
  }

  #fail(message: string, at: number): void {
    this.fault ??= { message, at };
  }
}

const nothing: Expression = { kind: "sequence", parts: [] };
