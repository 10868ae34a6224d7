import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { type Arrival, rangesOf, readConsole } from "./console-file.ts";
import { encodeLine, plainText, segments } from "./console-text.ts";

const dir = mkdtempSync(join(tmpdir(), "capos-console-"));
afterAll(() => rmSync(dir, { recursive: true }));

const shown = (bytes: Uint8Array): string => plainText(encodeLine(bytes));

test("text stays, what cannot be seen is written out, byte for byte", () => {
  expect(shown(Buffer.from("plain\ttext"))).toBe("plain\ttext");
  expect(shown(Buffer.from("grün 日本 👍"))).toBe("grün 日本 👍");
  expect(shown(Buffer.from("\u001b[2J"))).toBe("\\x1b[2J");
  expect(shown(Buffer.from("a\u202eb\ufeffc"))).toBe("a\\xe2\\x80\\xaeb\\xef\\xbb\\xbfc");
  expect(shown(Buffer.from([0x61, 0xff, 0xc3, 0x28, 0xe2, 0x82]))).toBe("a\\xff\\xc3(\\xe2\\x82");
});

test("the page's form says which bytes there were, whatever they are", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      const back: number[] = [];
      for (const piece of segments(encodeLine(bytes))) {
        if ("byte" in piece) back.push(piece.byte);
        else back.push(...Buffer.from(piece.text));
      }
      expect(Buffer.from(back)).toEqual(Buffer.from(bytes));
    }),
    { numRuns: 500 },
  );
});

test("a console comes with numbers, lengths and times of its lines", () => {
  const file = join(dir, "small");
  writeFileSync(file, "one\r\ntwo\n\nfour");
  const arrivals: Arrival[] = [
    { end: 3, wallMs: 1 },
    { end: 9, wallMs: 2.25 },
    { end: 14, wallMs: 4 },
  ];
  expect(readConsole(file, "small", { limit: 100, around: [], arrivals })).toEqual({
    bytes: 14,
    file: "small",
    parts: [{ offset: 0, line: 1, text: "one\ntwo\n\nfour", lengths: [5, 4, 1, 4], times: [2.3, 2.3, 4, 4] }],
  });
});

test("of a large console the beginning, the end and what lies around landmarks are kept, with their numbers", () => {
  const lines = Array.from({ length: 100_000 }, (_, i) => `line ${i + 1} ${"x".repeat(20)}`);
  const file = join(dir, "large");
  writeFileSync(file, `${lines.join("\n")}\n`);
  const offset = lines.slice(0, 49_999).join("\n").length + 1;
  const read = readConsole(file, "large", { limit: 100_000, around: [offset], arrivals: [] })!;
  expect(read.bytes).toBeGreaterThan(2_800_000);
  expect(read.parts).toHaveLength(3);
  for (const part of read.parts) {
    for (const [i, text] of part.text.split("\n").entries()) expect(text).toBe(lines[part.line - 1 + i]);
    expect(part.lengths).toHaveLength(part.text.split("\n").length);
  }
  expect(read.parts[1]!.text).toContain("line 50000 ");
  expect(read.parts[2]!.text.endsWith(lines.at(-1)!)).toBe(true);
});

test("ranges never overlap, stay within the console and hold what was asked for", () => {
  const offsets = fc.array(fc.nat(1_000_000), { maxLength: 3 });
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 1_000_000 }),
      fc.integer({ min: 200_000, max: 400_000 }),
      offsets,
      (size, limit, wanted) => {
        const around = wanted.filter((o) => o < size).toSorted((a, b) => a - b);
        const ranges = rangesOf(size, { limit, around });
        for (const [i, [from, until]] of ranges.entries()) {
          expect(from).toBeLessThan(until);
          expect(until).toBeLessThanOrEqual(size);
          if (i > 0) expect(from).toBeGreaterThan(ranges[i - 1]![1]);
        }
        for (const o of around) expect(ranges.some(([from, until]) => o >= from && o < until)).toBe(true);
      },
    ),
  );
});

test("a line without end is cut, a console without bytes is empty", () => {
  writeFileSync(join(dir, "long"), "y".repeat(100_000));
  writeFileSync(join(dir, "empty"), "");
  const wanted = { limit: 1 << 20, around: [], arrivals: [] };
  expect(readConsole(join(dir, "long"), "", wanted)!.parts[0]!.text).toMatch(/^y{4096} … 95904 bytes more$/u);
  expect(readConsole(join(dir, "empty"), "", wanted)!.parts).toEqual([]);
  expect(readConsole(join(dir, "none"), "", wanted)).toBe(undefined);
});
