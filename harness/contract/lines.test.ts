import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ForbiddenSearch } from "./forbidden.ts";
import { lineCap, LineReader } from "./lines.ts";

const marks = [0x62, 0x5b];

interface Seen {
  readonly text: string;
  readonly offset: number;
  readonly after: number;
  readonly marked: boolean;
  readonly overlong: boolean;
  readonly hits: readonly number[];
}

/** Reads chunks with the reader and the search side by side, as the judge does. */
function read(chunks: readonly Uint8Array[], texts: readonly string[] = []): readonly Seen[] {
  const seen: Seen[] = [];
  const search = new ForbiddenSearch(texts);
  let pieceHits: ReadonlySet<number> = new Set();
  const reader = new LineReader(
    {
      line: ({ bytes, start, end, offset, after, marked, overlong, pieced }) => {
        const hits = pieced ? [...pieceHits] : search.isClean(end) ? [] : search.hitsIn(start, end);
        const text = Buffer.from(bytes.subarray(start, Math.min(end, start + lineCap))).toString("latin1");
        seen.push({
          text,
          offset,
          after,
          marked: overlong || marked,
          overlong,
          hits: hits.toSorted((a, b) => a - b),
        });
      },
      piece: (piece) => {
        pieceHits = search.piece(piece);
      },
    },
    marks,
  );
  for (const chunk of chunks) {
    search.enter(chunk);
    reader.push(chunk);
  }
  reader.finish();
  return seen;
}

/** The same by the simplest means. */
function readSimply(all: Buffer, texts: readonly string[]): readonly Seen[] {
  const seen: Seen[] = [];
  let offset = 0;
  for (const raw of all.toString("latin1").split(/(?<=\n)/u)) {
    if (raw === "") continue;
    const line = raw.replace(/\n$/u, "").replace(/\r$/u, "");
    const overlong = line.length > lineCap;
    seen.push({
      text: line.slice(0, lineCap),
      offset,
      after: offset + raw.length,
      marked: overlong || ["b", "["].every((m) => line.slice(1).includes(m)),
      overlong,
      hits: texts.flatMap((t, i) => (line.includes(t) ? [i] : [])),
    });
    offset += raw.length;
  }
  return seen;
}

/** Cuts bytes at these places, each chunk at an address of its own, so that all alignments occur. */
function cut(all: Buffer, places: readonly number[]): readonly Uint8Array[] {
  const borders = [0, ...places.map((p) => p % (all.length + 1)).toSorted((a, b) => a - b), all.length];
  return borders.slice(1).map((end, i) => {
    const part = all.subarray(borders[i] ?? 0, end);
    const room = Buffer.alloc(part.length + (i % 5));
    room.set(part, i % 5);
    return room.subarray(i % 5);
  });
}

const unit = fc.constantFrom(
  "a",
  "b",
  "[",
  "\r",
  "\n",
  "xyz",
  "ab[",
  "\u00e9",
  "long".repeat(500),
  "q".repeat(lineCap),
);
const stream = fc.array(unit, { maxLength: 40 }).map((parts) => Buffer.from(parts.join(""), "latin1"));
const texts = ["ab", "b[", "zx", "longlonga"];

describe("lines", () => {
  it("are the same wherever the chunks end", () => {
    fc.assert(
      fc.property(stream, fc.array(fc.nat(), { maxLength: 12 }), (all, places) => {
        expect(read(cut(all, places), texts)).toEqual(readSimply(all, texts));
      }),
      { numRuns: 600 },
    );
  });

  it("are the same one byte at a time", () => {
    const all = Buffer.from("a\r\n\r\n[ab]\rx\nab[ x\n\nlast\r");
    expect(read(cut(all, Array.from(all.keys())), texts)).toEqual(readSimply(all, texts));
  });

  it("may be of any length", () => {
    const chunk = Buffer.alloc(1 << 20, "flood ");
    const seen = read(
      [...Array.from({ length: 20 }, () => chunk), Buffer.from("\nshort\n")],
      ["d flo", "nothing"],
    );
    expect(seen.map((l) => [l.overlong, l.after, l.hits])).toEqual([
      [true, 20 * (1 << 20) + 1, [0]],
      [false, 20 * (1 << 20) + 7, []],
    ]);
  });
});
