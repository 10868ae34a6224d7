import { nearest } from "../base/index.ts";

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

/** Parses a whole number of at least `min`. */
export function whole(min: number): (input: string) => number {
  return (input) => {
    const n = Number(input);
    if (!/^\d+$/u.test(input) || n < min)
      throw new SyntaxError(`"${input}" is not a whole number of at least ${min}`);
    return n;
  };
}
