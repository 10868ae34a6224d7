import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ExcerptKeeper, visible } from "./excerpt.ts";

function excerptOf(chunks: readonly string[]): readonly { readonly offset: number; readonly text: string }[] {
  const keeper = new ExcerptKeeper();
  for (const chunk of chunks) keeper.push(Buffer.from(chunk));
  return keeper.lines();
}

describe("an excerpt", () => {
  it("is all of a short console", () => {
    expect(excerptOf(["one\r\n\ntw", "o\nthree"])).toEqual([
      { offset: 0, text: "one" },
      { offset: 6, text: "two" },
      { offset: 10, text: "three" },
    ]);
  });

  it("is the beginning and the end of a long one, with their true offsets", () => {
    const line = (i: number): string => `line ${String(i).padStart(6, "0")}\n`;
    const sizes = fc.array(fc.integer({ min: 1, max: 6000 }), { minLength: 30, maxLength: 60 });
    fc.assert(
      fc.property(sizes, (counts) => {
        let next = 0;
        const chunks = counts.map((count) => Array.from({ length: count }, () => line(next++)).join(""));
        const lines = excerptOf(chunks);
        expect(lines.every((l) => l.text === line(l.offset / 12).trimEnd())).toBe(true);
        expect(lines[0]?.offset).toBe(0);
        expect(lines.at(-1)?.offset).toBe((next - 1) * 12);
        expect(lines.length).toBeLessThanOrEqual((2 * 96 * 1024) / 12);
      }),
      { numRuns: 30 },
    );
  });

  it("shows a terminal nothing but printable ASCII, and not too much of it", () => {
    expect(visible(Buffer.from("a\u001b[2J\u00e9"))).toBe(String.raw`a\x1b[2J\xc3\xa9`);
    expect(visible(Buffer.alloc(10_000, "x"))).toHaveLength(401);
  });
});
