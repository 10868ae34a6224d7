import fc from "fast-check";
import { expect, test } from "vitest";
import { readHeader } from "./header.ts";
import { stringValue, tokenize } from "./tokens.ts";

const texts = (text: string): readonly string[] => tokenize(text).tokens.map((t) => t.text);

/** Text that looks like CUE more often than random text does. */
const cueish = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ..."{}[](),:\"'#\\\n@.=/_?".split(""),
        '"""',
        "'''",
        "\\(",
        "//",
        "let x = ",
        "if",
        "a",
      ),
      fc.string(),
    ),
  )
  .map((parts) => parts.join(""));

test("a line end closes an element where CUE puts a comma", () => {
  expect(texts('a: 1\nb: [\n\t2,\n\t"x"\n]\n')).toEqual([
    "a",
    ":",
    "1",
    "",
    "b",
    ":",
    "[",
    "2",
    ",",
    '"x"',
    "",
    "]",
    "",
    "",
  ]);
});

test("strings of every kind, with what they hold", () => {
  expect(texts('#"a\\"b\\#(x)c"# \'d"\' """\n\t"q" \\(y + "\\(z)")\n\t"""')).toEqual([
    '#"a\\"b\\#(',
    "x",
    ')c"#',
    "'d\"'",
    '"""\n\t"q" \\(',
    "y",
    "+",
    '"\\(',
    "z",
    ')"',
    ')\n\t"""',
    "",
    "",
  ]);
});

test("comments, attributes and marks that are not what they seem", () => {
  expect(texts('a: "//" // "x\n@go(a(b),")")\n#d: x & >=1')).toEqual([
    "a",
    ":",
    '"//"',
    "",
    '@go(a(b),")")',
    "",
    "#d",
    ":",
    "x",
    "&",
    ">=",
    "1",
    "",
    "",
  ]);
});

test("only plain strings have a value that the text tells", () => {
  const values = tokenize(String.raw`"a\tb" "x\(y)" 'bytes' #"raw"#`).tokens.map(stringValue);
  expect(values.filter((v) => v !== undefined)).toEqual(["a\tb"]);
});

test("any text gives tokens in order that do not overlap, and ends", () => {
  fc.assert(
    fc.property(cueish, (text) => {
      const { tokens } = tokenize(text);
      let at = 0;
      for (const token of tokens) {
        expect(token.start).toBeGreaterThanOrEqual(at);
        expect(token.end).toBeGreaterThanOrEqual(token.start);
        expect(text.slice(token.start, token.end)).toBe(token.text);
        at = token.end;
      }
      expect(tokens.at(-1)?.kind).toBe("end");
    }),
  );
});

test("a header is what stands before the declarations", () => {
  const text = `// comment\n@go(x)\npackage p\n\nimport "a.b/c"\nimport (\n\tx "a.b/d:e"\n\t"list",\n)\n\nimport: 5\n`;
  const header = readHeader(text);
  expect(header.packageName).toBe("p");
  expect(header.imports.map((i) => [i.path, i.packageName, i.localName])).toEqual([
    ["a.b/c", "c", "c"],
    ["a.b/d", "e", "x"],
    ["list", "list", "list"],
  ]);
  expect(text.slice(header.end).trim()).toBe("import: 5");
  expect(header.attributes.map((a) => a.text)).toEqual(["@go(x)"]);
});

test("any text has a header that ends inside it", () => {
  fc.assert(
    fc.property(fc.constantFrom("package x\n", "import (", 'import "a"', ""), cueish, (start, rest) => {
      const { end } = readHeader(start + rest);
      expect(end).toBeLessThanOrEqual((start + rest).length);
    }),
  );
});
