import fc from "fast-check";
import { expect, test } from "vitest";
import { diffLines, type DiffRow, withoutValues } from "./diff.ts";

const sides = (rows: readonly DiffRow[], side: "left" | "right"): number[] =>
  rows.flatMap((row) => row[side] ?? []);

test("equal lines stand side by side, changed ones too where they are alike", () => {
  const left = ["[kernel] start", "[store] put sha256=aaaa0000", "[init] done"];
  const right = ["[kernel] start", "[net] up", "[store] put sha256=bbbb1111", "[init] done"];
  expect(diffLines(left, right, withoutValues)).toEqual([
    { left: 0, right: 0, same: true },
    { right: 1, same: false },
    { left: 1, right: 2, same: false },
    { left: 2, right: 3, same: true },
  ]);
});

test("lines that were exchanged for others much alike are paired", () => {
  expect(diffLines(["[init] image=storage services=2"], ["[init] image=wrong services=2"])).toEqual([
    { left: 0, right: 0, same: false },
  ]);
  expect(diffLines(["abc"], ["xyz"])).toEqual([
    { left: 0, same: false },
    { right: 0, same: false },
  ]);
});

test("each line of both sides stands once and in order; what is called the same is", () => {
  const lines = fc.array(fc.constantFrom("a", "b", "c", "d 1", "d 2", ""), { maxLength: 30 });
  fc.assert(
    fc.property(lines, lines, (left, right) => {
      const rows = diffLines(left, right, withoutValues);
      expect(sides(rows, "left")).toEqual(left.map((_, i) => i));
      expect(sides(rows, "right")).toEqual(right.map((_, i) => i));
      for (const row of rows) if (row.same) expect(left[row.left!]).toBe(right[row.right!]);
    }),
  );
  fc.assert(
    fc.property(lines, (text) => {
      expect(diffLines(text, text).filter((row) => !row.same)).toEqual([]);
    }),
  );
});

test("texts that have nothing in common end within the bound", () => {
  const left = Array.from({ length: 5000 }, (_, i) => `${i} left`);
  const right = Array.from({ length: 5000 }, (_, i) => `right ${i}`);
  expect(diffLines(left, right).length).toBe(10_000);
});
