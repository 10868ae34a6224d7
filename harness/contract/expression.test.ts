import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Automaton, commonText, stateCount } from "./automaton.ts";
import { mustParseExpression, parseExpression, requiredBytes, reversed } from "./expression.ts";

function matches(source: string, text: string): boolean {
  const bytes = Buffer.from(text, "latin1");
  return new Automaton(mustParseExpression(source)).matches(bytes, 0, bytes.length);
}

/** Expressions that JavaScript understands as we do. */
const expression: fc.Arbitrary<string> = fc.letrec<{ node: string }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom("a", "b", "c", ".", "[ab]", "[^a]", "[a-b]", "\\d", "\\w", "\\."),
    fc.tuple(tie("node"), tie("node")).map(([a, b]) => a + b),
    fc.tuple(tie("node"), tie("node")).map(([a, b]) => `(${a}|${b})`),
    fc
      .tuple(tie("node"), fc.constantFrom("*", "+", "?", "{2}", "{1,}", "{0,2}"))
      .map(([a, times]) => `(?:${a})${times}`),
  ),
})).node;
const text = fc.string({ unit: fc.constantFrom("a", "b", "c", "1", "."), maxLength: 8 });

describe("an expression", () => {
  it("matches what JavaScript's own engine matches", () => {
    fc.assert(
      fc.property(expression, text, (source, t) => {
        expect(matches(source, t)).toBe(new RegExp(`^(?:${source})$`, "su").test(t));
      }),
      { numRuns: 3000 },
    );
  });

  it("read backwards matches the text read backwards", () => {
    fc.assert(
      fc.property(expression, text, (source, t) => {
        const bytes = Buffer.from(Buffer.from(t).toReversed());
        const backwards = new Automaton(reversed(mustParseExpression(source)));
        expect(backwards.matches(bytes, 0, bytes.length)).toBe(matches(source, t));
      }),
      { numRuns: 1000 },
    );
  });

  it("knows bytes without which nothing matches", () => {
    fc.assert(
      fc.property(expression, text, (source, t) => {
        const required = [...requiredBytes(mustParseExpression(source))];
        if (matches(source, t)) expect(required.filter((byte) => !Buffer.from(t).includes(byte))).toEqual([]);
      }),
      { numRuns: 1000 },
    );
    const stamp = requiredBytes(mustParseExpression(String.raw`\[ *[0-9]+\.[0-9]{6}\].*`));
    expect(Buffer.from([...stamp]).toString()).toBe("[.]");
  });

  it("finds a text that two accept, if there is one", () => {
    fc.assert(
      fc.property(expression, expression, text, (a, b, t) => {
        const [ma, mb] = [new Automaton(mustParseExpression(a)), new Automaton(mustParseExpression(b))];
        const common = commonText(ma, mb);
        if (common !== undefined) {
          expect(ma.matches(common, 0, common.length) && mb.matches(common, 0, common.length)).toBe(true);
        } else expect(matches(a, t) && matches(b, t)).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });

  it("takes time linear in a hostile text", () => {
    const hostile = Buffer.alloc(1_000_000, "a");
    expect(new Automaton(mustParseExpression("(a+)+b")).matches(hostile, 0, hostile.length)).toBe(false);
  });

  it.each([
    ["(a", 0, "not closed"],
    ["a)", 1, "unmatched"],
    ["[a", 0, "not closed"],
    ["a**", 2, "follow each other"],
    ["*a", 0, "nothing stands before"],
    ["a{2,1}", 1, "least is more"],
    ["a{x}", 1, "begins a count"],
    ["^a", 0, "the whole text is meant"],
    ["\\q", 0, "not known"],
    ["[b-a]", 1, "before its start"],
    ["(?=a)", 0, "only plain groups"],
    ["a{9999}", 1, "more than 1000"],
  ])("%s is refused at %i: %s", (source, at, message) => {
    const parsed = parseExpression(source);
    expect(parsed.ok).toBe(false);
    if (!parsed.ok) {
      expect(parsed.error.message).toContain(message);
      if (source !== "[b-a]") expect(parsed.error.at).toBe(at);
    }
  });

  it("knows its size before it is built", () => {
    expect(stateCount(mustParseExpression("((a{100}){100}){100}"))).toBeGreaterThan(1_000_000);
  });
});
