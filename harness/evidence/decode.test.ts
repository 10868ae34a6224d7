import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalText, parseCanonical } from "./canonical.ts";
import * as d from "./decode.ts";
import { inputsDecoder, judgementDecoder, startedDecoder, verdictDecoder } from "./formats.ts";
import { proofDecoder } from "./proof-form.ts";

describe("canonical text", () => {
  test("is one text for one value, and gives the value back", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        const text = canonicalText(value);
        const read = parseCanonical((v) => v, text, "x.json");
        expect(read.ok && canonicalText(read.value)).toBe(text);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
    expect(canonicalText({ b: [1, {}], a: [] })).toBe('{\n  "a": [],\n  "b": [\n    1,\n    {}\n  ]\n}\n');
  });

  test("refuses every other text of the same value", () => {
    const text = canonicalText({ b: 1, a: [2] });
    const others = [
      text.trim(),
      ` ${text}`,
      text.replace("2", "2.0"),
      JSON.stringify({ b: 1, a: [2] }),
      text.replace('"a"', String.raw`"\u0061"`),
      '{\n  "a": [\n    2\n  ],\n  "b": 0,\n  "b": 1\n}\n',
    ];
    for (const other of others) expect(parseCanonical((v) => v, other, "x.json").ok).toBe(false);
  });

  test("has no form for what is not data", () => {
    for (const value of [Number.NaN, () => 0, 1n, Symbol("x")])
      expect(() => canonicalText({ value })).toThrow();
  });
});

describe("decoders", () => {
  test("name the first fault by its path", () => {
    const shape = d.object({ list: d.array(d.object({ name: d.string }, { size: d.count })) });
    const fault = (value: unknown) => {
      const decoded = d.decode(shape, value);
      return "value" in decoded ? "none" : `${decoded.at} ${decoded.message}`;
    };
    expect([
      fault({ list: [{ name: "a" }, { name: "b", size: 3 }] }),
      fault({ list: [{ name: "a" }, { name: 1 }] }),
      fault({ list: [{ name: "a", size: -1 }] }),
      fault({ list: [{ name: "a", colour: 1 }] }),
      fault({ list: [{}] }),
      fault({ list: {} }),
      fault({}),
      fault(null),
    ]).toMatchInlineSnapshot(`
      [
        "none",
        "$.list[1].name must be a string, not a number",
        "$.list[0].size must be a whole number of at least 0, not -1",
        "$.list[0].colour is not a known key",
        "$.list[0] lacks the key "name"",
        "$.list must be a list, not an object",
        "$ lacks the key "list"",
        "$ must be an object, not null",
      ]
    `);
  });

  test("accept or refuse any value, and never throw", () => {
    const all: readonly d.Decoder<unknown>[] = [
      startedDecoder,
      inputsDecoder,
      judgementDecoder,
      verdictDecoder,
      proofDecoder,
    ];
    fc.assert(
      fc.property(fc.anything(), fc.constantFrom(...all), (value, decoder) => {
        expect(d.decode(decoder, value)).toBeDefined();
      }),
    );
  });

  test("are not fooled by names that every object has", () => {
    const shape = d.tagged("kind", { one: d.object({ kind: d.oneOf(["one"]) }) });
    for (const kind of ["toString", "__proto__", "constructor"])
      expect(d.decode(shape, { kind })).toHaveProperty("at");
    expect(d.decode(d.object({}), JSON.parse('{"__proto__": 1}'))).toHaveProperty("at");
    expect(d.decode(d.object({ constructor: d.string }), {})).toHaveProperty("at");
  });
});
