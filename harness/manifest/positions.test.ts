import fc from "fast-check";
import { expect, test } from "vitest";
import { PositionIndex, indexPositions } from "./positions.ts";
import { tokenize } from "./tokens.ts";

function index(...files: readonly string[]): PositionIndex {
  return new PositionIndex(
    files.map((text, i) => indexPositions(`f${i}.cue`, text, tokenize(text).tokens, 0)),
  );
}

/** Every path of a text with the place of its value. */
function places(text: string): Record<string, string> {
  const found = index(text).below([]);
  return Object.fromEntries([...found].map(([path, s]) => [path, `${s.line}:${s.col}-${s.endCol}`]));
}

test("fields, lists, short forms, quoted labels, optional and aliased fields", () => {
  const text = `a: b: "c-d": 1\nl: [{x: 1}, "two",\n\t3]\nA=e?: "f"\n"g h": {i: j: true}\n`;
  expect(places(text)).toMatchInlineSnapshot(`
    {
      "a": "1:4-5",
      "a.b": "1:7-12",
      "a.b.c-d": "1:14-15",
      "e": "4:7-10",
      "g h": "5:8-9",
      "g h.i": "5:12-13",
      "g h.i.j": "5:15-19",
      "l": "2:4-5",
      "l.0": "2:5-6",
      "l.0.x": "2:9-10",
      "l.1": "2:13-18",
      "l.2": "3:2-3",
    }
  `);
});

test("conjunctions belong to their field, indices and calls to nobody", () => {
  const text = `a: #X & {b: 1} & {\n\tc: x[0]\n\td: f([{e: 1}])\n} // {z: 1}\ng: ({h: 2})\n`;
  expect(Object.keys(places(text))).toEqual(["a", "a.b", "a.c", "a.d", "g", "g.h"]);
});

test("what a condition guards is in its struct; what a loop makes is nowhere", () => {
  const text = `a: {\n\tif x {b: 1}\n\tfor k, v in y {(k): v}\n\tif z if {a: 1}.a == 1 {c: 2}\n\tlet q = {r: 1}\n\t[string]: s: 1\n\td: 4\n}\nl: [1, for i in m {i}, 2]\n`;
  const found = Object.keys(places(text));
  expect(found).toContain("a.b");
  expect(found).toContain("a.d");
  expect(found).not.toContain("a.r");
  expect(found.filter((p) => p.startsWith("l"))).toEqual(["l", "l.0"]);
});

test("the first piece of a value that is given in pieces", () => {
  const found = index("a: b: 1\n", "\n\na: {b: 1, c: 2}\n");
  expect(found.value(["a", "b"])).toMatchObject({ file: "f0.cue", line: 1 });
  expect(found.value(["a", "c"])).toMatchObject({ file: "f1.cue", line: 3 });
});

test("a path that the text does not show is placed at what is around it", () => {
  const found = index("a: {\n\tb: [1, 2]\n}\n");
  expect(found.nearest(["a", "b", "7", "x"])).toMatchObject({ line: 2, col: 2 });
  expect(found.nearest(["a", "zzz"])).toMatchObject({ line: 1, col: 1 });
  expect(found.nearest(["other"])).toBeUndefined();
});

test("columns count UTF-16 units, and every line end is seen", () => {
  const found = index('"é€😀": 1\r\nb: 2\n');
  expect(found.value(["é€😀"])).toMatchObject({ line: 1, col: 9 });
  expect(found.value(["b"])).toMatchObject({ line: 2, col: 4 });
});

/** JSON is CUE, so every path of a JSON value must be found, and nothing else. */
test("every field and element of any JSON value is found at its place", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 })), fc.nat(3), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      const found = index(text);
      const lines = text.split("\n");
      const walk = (inner: unknown, path: readonly string[]): void => {
        if (path.length > 0) {
          const span = found.value(path);
          expect(span).toBeDefined();
          const [first = ""] = JSON.stringify(inner);
          expect(lines[(span?.line ?? 0) - 1]?.[(span?.col ?? 0) - 1]).toBe(first);
        }
        if (typeof inner === "object" && inner !== null)
          for (const [key, child] of Object.entries(inner)) walk(child, [...path, key]);
      };
      walk(value, []);
    }),
  );
});

test("no text makes the scanner run for ever or fall over", () => {
  const part = fc.constantFrom(
    ..."{}[](),:?=&|.\n".split(""),
    "a",
    "if",
    "for",
    "let",
    "in",
    '"s"',
    "...",
    "1",
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 80 }), (parts) => {
      index(parts.join(" "));
    }),
  );
});
