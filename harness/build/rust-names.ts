/**
 * Names of Rust functions for a person, from the v0 mangling of the compiler: the path without crate hashes and without
 * what a generic function was made for. What is not understood is left as the linker knows it.
 */
export function readableName(symbol: string): string {
  if (!symbol.startsWith("_R")) return symbol;
  try {
    return new Parser(symbol.slice(2)).path();
  } catch (error) {
    if (error instanceof NotUnderstood) return symbol;
    throw error;
  }
}

class NotUnderstood extends Error {}

/** Deeper nesting is made by nobody, and backward references could make a loop. */
const maxDepth = 64;

class Parser {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  path(): string {
    return this.#nested(() => {
      const tag = this.#next();
      switch (tag) {
        case "C":
          this.#disambiguator();
          return this.#identifier();
        case "N": {
          const namespace = this.#next();
          const parent = this.path();
          this.#disambiguator();
          const name = this.#identifier();
          if (namespace === "C") return `${parent}::{closure}`;
          if (namespace === "S") return `${parent}::{shim}`;
          return `${parent}::${name}`;
        }
        case "M":
          this.#disambiguator();
          this.path();
          return this.#type();
        case "X": {
          this.#disambiguator();
          this.path();
          const self = this.#type();
          return `<${self} as ${this.path()}>`;
        }
        case "Y": {
          const self = this.#type();
          return `<${self} as ${this.path()}>`;
        }
        case "I": {
          const generic = this.path();
          while (!this.#takes("E")) this.#argument();
          return generic;
        }
        case "B":
          return this.#back(() => this.path());
        default:
          throw new NotUnderstood();
      }
    });
  }

  #type(): string {
    return this.#nested(() => {
      const tag = this.#text[this.#at] ?? "";
      const basic = basicTypes[tag];
      if (basic !== undefined) {
        this.#at++;
        return basic;
      }
      if ("CNMXYI".includes(tag)) return this.path();
      this.#at++;
      switch (tag) {
        case "A": {
          const of = this.#type();
          this.#constant();
          return `[${of}; _]`;
        }
        case "S":
          return `[${this.#type()}]`;
        case "R":
        case "Q":
          if (this.#takes("L")) this.#base62();
          return `&${this.#type()}`;
        case "P":
        case "O":
          return `*${this.#type()}`;
        case "T": {
          const parts: string[] = [];
          while (!this.#takes("E")) parts.push(this.#type());
          return `(${parts.join(", ")})`;
        }
        case "B":
          return this.#back(() => this.#type());
        default:
          throw new NotUnderstood();
      }
    });
  }

  #argument(): void {
    if (this.#takes("L")) this.#base62();
    else if (this.#takes("K")) this.#constant();
    else this.#type();
  }

  #constant(): void {
    if (this.#takes("p")) return;
    if (this.#takes("B")) {
      this.#back(() => {
        this.#constant();
        return "";
      });
      return;
    }
    this.#type();
    this.#takes("n");
    while (/[0-9a-f]/u.test(this.#text[this.#at] ?? "")) this.#at++;
    if (!this.#takes("_")) throw new NotUnderstood();
  }

  #disambiguator(): void {
    if (this.#takes("s")) this.#base62();
  }

  #identifier(): string {
    if (this.#takes("u")) throw new NotUnderstood();
    const digits = /^\d+/u.exec(this.#text.slice(this.#at))?.[0];
    if (digits === undefined) throw new NotUnderstood();
    this.#at += digits.length;
    this.#takes("_");
    const name = this.#text.slice(this.#at, this.#at + Number(digits));
    this.#at += Number(digits);
    if (name.length !== Number(digits)) throw new NotUnderstood();
    return name;
  }

  /** Reads what stands at an earlier place, counted behind `_R`. */
  #back(read: () => string): string {
    const target = this.#base62();
    const here = this.#at;
    if (target >= here) throw new NotUnderstood();
    this.#at = target;
    const found = read();
    this.#at = here;
    return found;
  }

  /** `_` is 0, `0_` is 1. */
  #base62(): number {
    const digits = /^[0-9a-zA-Z]*_/u.exec(this.#text.slice(this.#at))?.[0];
    if (digits === undefined) throw new NotUnderstood();
    this.#at += digits.length;
    if (digits === "_") return 0;
    let value = 0;
    for (const digit of digits.slice(0, -1)) value = value * 62 + alphabet.indexOf(digit);
    return value + 1;
  }

  #nested(read: () => string): string {
    if (++this.#depth > maxDepth) throw new NotUnderstood();
    const found = read();
    this.#depth--;
    return found;
  }

  #next(): string {
    return this.#text[this.#at++] ?? "";
  }

  #takes(letter: string): boolean {
    if (this.#text[this.#at] !== letter) return false;
    this.#at++;
    return true;
  }
}

const alphabet = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

const basicTypes: Readonly<Record<string, string>> = {
  a: "i8",
  b: "bool",
  c: "char",
  d: "f64",
  e: "str",
  f: "f32",
  h: "u8",
  i: "isize",
  j: "usize",
  l: "i32",
  m: "u32",
  n: "i128",
  o: "u128",
  s: "i16",
  t: "u16",
  u: "()",
  x: "i64",
  y: "u64",
  z: "!",
  p: "_",
};
