// oxlint-disable no-control-regex
import fc from "fast-check";
import { expect, test } from "vitest";
import { columnsOf, cutTo, visible, visibleLines } from "./text.ts";

test("what cannot be seen is written out", () => {
  expect(visible("a\u001b[2Jb\u202ec\ud800d\u200be\u0085f\tg")).toBe(
    "a\\x1b[2Jb\\u{202e}c\\u{d800}d\\u{200b}e\\x85f\tg",
  );
  expect(visible("grün 日本 👍")).toBe("grün 日本 👍");
  expect(visibleLines("a\r\nb")).toBe("a\\x0d\nb");
});

test("nothing that steers a terminal passes, whatever it stands in", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(visible(text)).not.toMatch(
        /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/u,
      );
    }),
  );
});

test("width counts columns, not characters", () => {
  expect(columnsOf("日本")).toBe(4);
  expect(columnsOf("e\u0301")).toBe(1);
  expect(columnsOf("\u001b[31mred\u001b[39m")).toBe(3);
});

test("a cut line fits, keeps its beginning and leaves no colour on", () => {
  expect(cutTo("abcdef", 6)).toBe("abcdef");
  expect(cutTo("abcdef", 5)).toBe("abcd…");
  expect(cutTo("日本語", 4)).toBe("日…");
  expect(cutTo("\u001b[31mabcdef\u001b[39m", 4)).toBe("\u001b[31mabc…\u001b[0m");
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.integer({ min: 1, max: 40 }), (text, columns) => {
      expect(columnsOf(cutTo(visible(text), columns))).toBeLessThanOrEqual(columns);
    }),
  );
});
