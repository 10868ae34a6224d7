import fc from "fast-check";
import { expect, test } from "vitest";
import { parseCueErrors } from "./cue-errors.ts";

test("errors with and without places, and with quoted labels in their path", () => {
  const text = `image."a.b\\"c".services.0.kind: invalid value "x" (out of bound =~"^(a|b)$"):
    ./manifests/schema/image.cue:27:9
    ./manifests/x.cue:13:35
image.x.title: incomplete value string
expected operand, found ']':
    ./manifests/x.cue:14:4
`;
  expect(parseCueErrors(text)).toMatchInlineSnapshot(`
    [
      {
        "message": "invalid value "x" (out of bound =~"^(a|b)$")",
        "path": [
          "image",
          "a.b"c",
          "services",
          "0",
          "kind",
        ],
        "places": [
          {
            "col": 9,
            "file": "manifests/schema/image.cue",
            "line": 27,
          },
          {
            "col": 35,
            "file": "manifests/x.cue",
            "line": 13,
          },
        ],
      },
      {
        "message": "incomplete value string",
        "path": [
          "image",
          "x",
          "title",
        ],
        "places": [],
      },
      {
        "message": "expected operand, found ']'",
        "path": [],
        "places": [
          {
            "col": 4,
            "file": "manifests/x.cue",
            "line": 14,
          },
        ],
      },
    ]
  `);
});

test("the alternatives of a disjunction stay with its first line", () => {
  const text = `a.b: 2 errors in empty disjunction:\na.b: conflicting values 1 and 3:\n    ./x.cue:1:4\n`;
  expect(parseCueErrors(text)?.map((e) => [e.path.join("."), e.places.length])).toEqual([
    ["a.b", 0],
    ["a.b", 1],
  ]);
});

test("what is not an error report is not read as one", () => {
  expect(parseCueErrors("    ./x.cue:1:1\n")).toBeUndefined();
  expect(parseCueErrors("")).toEqual([]);
});

test("any text is read or refused", () => {
  const line = fc.oneof(fc.string(), fc.constantFrom("    ./a.cue:1:2", 'a."b": c:', "a.0: d", "   x"));
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      const errors = parseCueErrors(lines.join("\n"));
      for (const error of errors ?? []) expect(error.message).not.toBe("");
    }),
  );
});
