import { literalPrefix, type Pattern } from "./pattern.ts";

const dead = 0;
const root = 1;
/** Deeper than this the patterns themselves are compared. */
const depthCap = 48;

/**
 * Tells quickly which of many patterns a line might match: a tree over the literal text they begin with,
 * walked from the start of the line. Most lines of a console leave the tree within a few bytes.
 */
export class Recogniser {
  readonly #next: Int32Array;
  /** Patterns whose prefix ends at this node. */
  readonly #ends: readonly (readonly number[])[];
  readonly #isEnd: Uint8Array;

  constructor(patterns: readonly Pattern[]) {
    const rows: Int32Array[] = [new Int32Array(256), new Int32Array(256)];
    const ends: number[][] = [[], []];
    for (const [index, pattern] of patterns.entries()) {
      let node = root;
      for (const byte of literalPrefix(pattern).subarray(0, depthCap)) {
        const row = rows[node];
        if (row === undefined) break;
        if (row[byte] === dead) {
          row[byte] = rows.length;
          rows.push(new Int32Array(256));
          ends.push([]);
        }
        node = row[byte] ?? dead;
      }
      ends[node]?.push(index);
    }
    this.#next = new Int32Array(rows.length * 256);
    for (const [i, row] of rows.entries()) this.#next.set(row, i * 256);
    this.#ends = ends;
    this.#isEnd = Uint8Array.from(ends, (e) => (e.length > 0 ? 1 : 0));
  }

  /** No pattern matches this line. False says nothing. */
  rejects(bytes: Uint8Array, start: number, end: number): boolean {
    const next = this.#next;
    const isEnd = this.#isEnd;
    let node = root;
    for (let at = start; isEnd[node] === 0; at++) {
      if (at >= end) return true;
      node = next[(node << 8) | (bytes[at] ?? 0)] ?? dead;
      if (node === dead) return true;
    }
    return false;
  }

  /** The patterns whose literal beginning the line has. */
  candidates(bytes: Uint8Array, start: number, end: number): readonly number[] {
    const found: number[] = [];
    let node = root;
    for (let at = start; node !== dead; at++) {
      found.push(...(this.#ends[node] ?? []));
      if (at >= end) break;
      node = this.#next[(node << 8) | (bytes[at] ?? 0)] ?? dead;
    }
    return found;
  }
}
