import { nearest } from "../base/index.ts";

/** Takes any text but none: an empty word is a variable of a script that was not set. */
export function text(input: string): string {
  if (input === "") throw new SyntaxError("it is empty");
  return input;
}

/** Parses a proof's tag, or `!tag`. */
export function tag(input: string): string {
  if (!/^!?[a-z0-9][a-z0-9-]{0,47}$/u.test(input))
    throw new SyntaxError(`"${input}" is not a tag such as slow or !slow`);
  return input;
}

/** Parses one of a fixed set of words, with a suggestion for a mistyped one. */
export function oneOf<const T extends readonly string[]>(words: T): (input: string) => T[number] {
  return (input) => {
    const found = words.find((w) => w === input);
    if (found === undefined) throw new SyntaxError(expected(input, words));
    return found;
  };
}

/** Parses words of a fixed set, separated by commas. */
export function list<const T extends readonly string[]>(words: T): (input: string) => readonly T[number][] {
  const one = oneOf(words);
  return (input) => input.split(",").map((word) => one(word.trim()));
}

function expected(input: string, words: readonly string[]): string {
  const close = nearest(input, words);
  const hint = close === undefined ? "" : `, did you mean ${close}?`;
  return `"${input}" is not one of ${words.join(", ")}${hint}`;
}

/** Parses `2/3`, the second of three parts. */
export function part(input: string): { readonly index: number; readonly of: number } {
  const [index, of] = (/^([1-9]\d{0,3})\/([1-9]\d{0,3})$/u.exec(input) ?? []).slice(1).map(Number);
  if (index === undefined || of === undefined || index > of)
    throw new SyntaxError(`"${input}" is not a part such as 2/3`);
  return { index, of };
}

/** Parses a share such as `5%`, from 0 to 1. */
export function percent(input: string): number {
  const value = Number(/^(\d{1,3}(?:\.\d+)?)%$/u.exec(input)?.[1] ?? Number.NaN);
  if (!(value <= 100)) throw new SyntaxError(`"${input}" is not a share such as 5%`);
  return value / 100;
}

/** Parses a size such as `2Gi`, in bytes. */
export function bytes(input: string): number {
  const [, number, unit = ""] = /^(\d{1,12})(Ki|Mi|Gi|Ti)?$/u.exec(input) ?? [];
  if (number === undefined) throw new SyntaxError(`"${input}" is not a size such as 512Mi`);
  return Number(number) * 1024 ** ["", "Ki", "Mi", "Gi", "Ti"].indexOf(unit);
}

/** Beyond this a count is a slip: so many cases would fill the memory before the first one is run. */
const mostCounted = 10_000;

/** Parses a whole number from `min` to ten thousand. */
export function whole(min: number): (input: string) => number {
  return (input) => {
    const n = Number(input);
    if (!/^\d+$/u.test(input) || n < min || n > mostCounted)
      throw new SyntaxError(`"${input}" is not a whole number from ${min} to ${mostCounted}`);
    return n;
  };
}
