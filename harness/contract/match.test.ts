import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Automaton } from "./automaton.ts";
import { expressionOf } from "./ambiguity.ts";
import { decodeCapture, matchLine } from "./match.ts";
import { captureTypes, mustParsePattern, parsePattern } from "./pattern.ts";

function match(pattern: string, line: string | Uint8Array): Readonly<Record<string, string>> | undefined {
  const bytes = Buffer.from(line);
  return matchLine(mustParsePattern(pattern), bytes, 0, bytes.length);
}

function faultOf(source: string): string {
  const parsed = parsePattern(source);
  return parsed.ok ? "" : parsed.error.message;
}

describe("a pattern", () => {
  it("matches the whole line, captures and all", () => {
    expect(match("[store] up", "[store] up")).toEqual({});
    expect(match("[store] up", "[store] up ")).toBeUndefined();
    expect(match("[s] put <digest:hex32> bytes=<size:int>", `[s] put ${"0a".repeat(16)} bytes=4096`)).toEqual(
      {
        digest: "0a".repeat(16),
        size: "4096",
      },
    );
    expect(match("[s] <<b> <x:int>", "[s] <b> -12")).toEqual({ x: "-12" });
  });

  it.each([
    ["int", ["0", "-7", "007"], ["", "-", "1.5", "0x1", "1 "]],
    ["float", ["1", "-1.25"], ["1.", ".5", "1.2.3", "1e3"]],
    ["stamp", ["0.000000", "    1.5"], ["1", "-1.0", " ", `${" ".repeat(9)}1.0`]],
    ["hex", ["0", "dEaD"], ["", "0x1", "g"]],
    ["hex32", ["0".repeat(32)], ["0".repeat(31), "0".repeat(33)]],
    ["hex64", ["f".repeat(64)], ["f".repeat(63)]],
    ["word", ["a", "a/b=c,é"], ["", "a b"]],
    ["text", ["", "a b", " "], []],
  ])("%s holds what it should and nothing else", (type, right, wrong) => {
    for (const value of right) expect(match(`x <v:${type}> y`, `x ${value} y`)).toEqual({ v: value });
    for (const value of wrong) expect(match(`x <v:${type}> y`, `x ${value} y`)).toBeUndefined();
  });

  it("lets text take as little, and everything else as much as it can", () => {
    expect(match("<a:text>, <b:text>", "1, 2, 3")).toEqual({ a: "1", b: "2, 3" });
    expect(match("<a:word>-<b:word>", "x-y-z")).toEqual({ a: "x-y", b: "z" });
    expect(match("<a:text>]", "[foo]bar]")).toEqual({ a: "[foo]bar" });
  });

  it("says what is wrong with it", () => {
    expect(faultOf("a <b>")).toBe("the capture `b` has no type; write `<b:word>`");
    expect(faultOf("a <b:hex46>")).toBe("`hex46` is not a capture type; did you mean `hex64`?");
    expect(faultOf("a <b:string>")).toContain("the types are int, float");
    expect(faultOf("a < b")).toContain("a literal `<` is written `<<`");
    expect(faultOf("<a:int><b:int>")).toContain("nothing separates `b`");
    expect(faultOf("<a:int> <a:int>")).toContain("stands twice");
    expect(faultOf("<A:int>")).toContain("not a capture name");
    expect(faultOf("a\tb")).toContain("control character");
    expect(faultOf("")).toContain("an empty line proves nothing");
  });

  it("keeps bytes that are not UTF-8 apart", () => {
    expect(decodeCapture(Buffer.from("é"))).toBe("é");
    expect(decodeCapture(Buffer.from([0xc3]))).not.toBe(decodeCapture(Buffer.from([0xe9])));
  });

  const piece = fc.oneof(
    fc.constantFrom("a", "-", "1", " ", ".", "ab", "1-"),
    fc.constantFrom(...captureTypes).map((type) => `<${type}>`),
  );
  const pattern = fc
    .array(piece, { minLength: 1, maxLength: 6 })
    .map((parts) => parts.map((p, i) => p.replace(/^<(.*)>$/u, `<c${i}:$1>`)).join(""))
    .filter((source) => parsePattern(source).ok);
  const line = fc.array(fc.constantFrom("a", "-", "1", " ", ".", "f", "0".repeat(32)), { maxLength: 12 });

  it("agrees with its expression, which knows nothing of captures", () => {
    fc.assert(
      fc.property(pattern, line, (source, parts) => {
        const bytes = Buffer.from(parts.join(""));
        const compiled = mustParsePattern(source);
        const expected = new Automaton(expressionOf(compiled)).matches(bytes, 0, bytes.length);
        expect(matchLine(compiled, bytes, 0, bytes.length) !== undefined).toBe(expected);
      }),
      { numRuns: 2000 },
    );
  });

  it("captures what gives back the line", () => {
    fc.assert(
      fc.property(pattern, line, (source, parts) => {
        const captures = match(source, parts.join(""));
        if (captures === undefined) return;
        const again = source.replaceAll(/<(c\d+):\w+>/gu, (_, name: string) => captures[name] ?? "?");
        expect(again).toBe(parts.join(""));
      }),
      { numRuns: 2000 },
    );
  });

  it("takes time linear in a hostile line", () => {
    const hostile = "1-".repeat(2000);
    const source = "<a:text>-<b:word>-<c:text>-<d:word>-<e:text>-<f:word>!";
    expect(match(`${source}!`, hostile)).toBeUndefined();
    // Backtracking would need some 10^18 steps: that these come to an end is what is tested.
    for (let i = 0; i < 20; i++) match(source, `${hostile}!`);
  });
});
