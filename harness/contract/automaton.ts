import { unreachable } from "../base/index.ts";
import type { ByteSet, Expression } from "./expression.ts";

/** States are numbers; each has either one step by a set of bytes, or any number of free steps. */
interface Nfa {
  readonly sets: readonly (ByteSet | undefined)[];
  readonly targets: readonly (readonly number[])[];
  readonly start: number;
  readonly accept: number;
}

/** More states than any sane expression needs; `{1000}` inside `{1000}` is not one. */
export const stateCap = 20_000;

/** Deterministic states kept before they are forgotten and made anew, which bounds memory. */
const cacheCap = 4096;

export const dead = 0;

/**
 * An expression as a machine that reads bytes one at a time. States are made when they are first reached, so
 * that an expression whose full machine would be enormous costs no more than what the input asks for.
 */
export class Automaton {
  readonly #nfa: Nfa;
  #known = new Map<string, number>();
  #members: number[][] = [];
  #accepting: boolean[] = [];
  #next: Int32Array[] = [];
  /** Changes when the states are forgotten. */
  start = dead;

  /** Throws when the expression has more than `stateCap` states, which `stateCount` tells beforehand. */
  constructor(expression: Expression) {
    this.#nfa = toNfa(expression);
    this.#forget();
  }

  step(state: number, byte: number): number {
    const row = this.#next[state];
    const known = row?.[byte] ?? dead;
    if (known !== unknown) return known;
    const reached: number[] = [];
    for (const member of this.#members[state] ?? []) {
      if (this.#nfa.sets[member]?.[byte] === 1) reached.push(...(this.#nfa.targets[member] ?? []));
    }
    const next = this.#state(reached);
    if (row !== undefined) row[byte] = next;
    return next;
  }

  accepts(state: number): boolean {
    return this.#accepting[state] ?? false;
  }

  matches(bytes: Uint8Array, start: number, end: number): boolean {
    this.trim();
    let state = this.start;
    for (let at = start; at < end && state !== dead; at++) state = this.step(state, bytes[at] ?? 0);
    return this.accepts(state);
  }

  /** The bytes by which this state can be left for a living one. */
  livingBytes(state: number): readonly number[] {
    return Array.from({ length: 256 }, (_, b) => b).filter((b) => this.step(state, b) !== dead);
  }

  /** Forgets states when there are too many. To be called between texts: numbers held across it are void. */
  trim(): void {
    if (this.#members.length > cacheCap) this.#forget();
  }

  #forget(): void {
    this.#known = new Map([["", dead]]);
    this.#members = [[]];
    this.#accepting = [false];
    this.#next = [new Int32Array(256).fill(dead)];
    this.start = this.#state([this.#nfa.start]);
  }

  /** The deterministic state for a set of states, closed over free steps. */
  #state(seeds: readonly number[]): number {
    const closed = new Set<number>();
    const stack = [...seeds];
    for (let state = stack.pop(); state !== undefined; state = stack.pop()) {
      if (closed.has(state)) continue;
      closed.add(state);
      if (this.#nfa.sets[state] === undefined) stack.push(...(this.#nfa.targets[state] ?? []));
    }
    const members = [...closed]
      .filter((s) => this.#nfa.sets[s] !== undefined || s === this.#nfa.accept)
      .toSorted((a, b) => a - b);
    const key = members.join(",");
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const state = this.#members.length;
    this.#known.set(key, state);
    this.#members.push(members);
    this.#accepting.push(members.includes(this.#nfa.accept));
    this.#next.push(new Int32Array(256).fill(unknown));
    return state;
  }
}

const unknown = -1;

/** A text that both accept, the shortest; undefined when there is none. */
export function commonText(a: Automaton, b: Automaton): Uint8Array | undefined {
  const seen = new Set([`${a.start}/${b.start}`]);
  let front: readonly { readonly a: number; readonly b: number; readonly text: readonly number[] }[] = [
    { a: a.start, b: b.start, text: [] },
  ];
  while (front.length > 0) {
    const next: { a: number; b: number; text: readonly number[] }[] = [];
    for (const pair of front) {
      if (a.accepts(pair.a) && b.accepts(pair.b)) return Uint8Array.from(pair.text);
      for (const byte of readableFirst) {
        const [na, nb] = [a.step(pair.a, byte), b.step(pair.b, byte)];
        const key = `${na}/${nb}`;
        if (na === dead || nb === dead || seen.has(key)) continue;
        seen.add(key);
        next.push({ a: na, b: nb, text: [...pair.text, byte] });
      }
    }
    front = next;
  }
  return undefined;
}

/** Letters before signs before what cannot be printed, so that an example is one that a person can read. LF is in no line. */
const readableFirst: readonly number[] = Array.from({ length: 256 }, (_, b) => b)
  .filter((b) => b !== 0x0a)
  .toSorted((a, b) => rank(a) - rank(b) || a - b);

function rank(byte: number): number {
  const isAlphanumeric = /[A-Za-z0-9]/u.test(String.fromCharCode(byte));
  return isAlphanumeric ? 0 : byte >= 0x20 && byte < 0x7f ? 1 : 2;
}

/** How many states the machine of an expression starts from. */
export function stateCount(expression: Expression): number {
  switch (expression.kind) {
    case "set":
      return 1;
    case "sequence":
      return expression.parts.reduce((sum, part) => sum + stateCount(part), 1);
    case "choice":
      return expression.options.reduce((sum, option) => sum + stateCount(option), 2);
    case "repeat": {
      const copies = expression.max === Infinity ? expression.min + 1 : expression.max;
      return copies * (stateCount(expression.body) + 1) + 1;
    }
    default:
      return unreachable(expression);
  }
}

function toNfa(expression: Expression): Nfa {
  if (stateCount(expression) > stateCap) throw new Error(`an expression of more than ${stateCap} states`);
  const sets: (ByteSet | undefined)[] = [];
  const targets: number[][] = [];
  const add = (set: ByteSet | undefined, ...to: number[]): number => {
    sets.push(set);
    targets.push(to);
    return sets.length - 1;
  };
  /** Adds the states of `part` in front of `after`; returns the first. */
  const before = (part: Expression, after: number): number => {
    switch (part.kind) {
      case "set":
        return add(part.set, after);
      case "sequence":
        return part.parts.reduceRight((next, p) => before(p, next), after);
      case "choice":
        return add(undefined, ...part.options.map((o) => before(o, after)));
      case "repeat": {
        let next = after;
        if (part.max === Infinity) {
          const loop = add(undefined, after);
          targets[loop]?.push(before(part.body, loop));
          next = loop;
        } else {
          for (let i = part.min; i < part.max; i++) next = add(undefined, after, before(part.body, next));
        }
        for (let i = 0; i < part.min; i++) next = before(part.body, next);
        return next;
      }
      default:
        return unreachable(part);
    }
  };
  const accept = add(undefined);
  const start = before(expression, accept);
  return { sets, targets, start, accept };
}
