import { unreachable } from "../base/index.ts";
import { Automaton, commonText } from "./automaton.ts";
import { type Expression, literal, mustParseExpression } from "./expression.ts";
import { type CaptureType, type Pattern, stampSpaces } from "./pattern.ts";

/** A line that both patterns match, the shortest; undefined when there is none. */
export function commonLine(a: Pattern, b: Pattern): string | undefined {
  const text = commonText(new Automaton(expressionOf(a)), new Automaton(expressionOf(b)));
  return text === undefined ? undefined : Buffer.from(text).toString("latin1");
}

/** The lines that a pattern matches, without what it captures. */
export function expressionOf(pattern: Pattern): Expression {
  return {
    kind: "sequence",
    parts: pattern.tokens.map((t) => (t.kind === "literal" ? literal(t.bytes) : expressionOfType(t.type))),
  };
}

function expressionOfType(type: CaptureType): Expression {
  switch (type) {
    case "int":
      return mustParseExpression("-?[0-9]+");
    case "float":
      return mustParseExpression(String.raw`-?[0-9]+(\.[0-9]+)?`);
    case "stamp":
      return mustParseExpression(String.raw` {0,${stampSpaces}}[0-9]+\.[0-9]+`);
    case "hex":
      return mustParseExpression("[0-9a-fA-F]+");
    case "hex32":
      return mustParseExpression("[0-9a-fA-F]{32}");
    case "hex64":
      return mustParseExpression("[0-9a-fA-F]{64}");
    case "word":
      return { kind: "repeat", body: { kind: "set", set: wordBytes }, min: 1, max: Infinity };
    case "text":
      return mustParseExpression(".*");
    default:
      return unreachable(type);
  }
}

const wordBytes = Uint8Array.from({ length: 256 }, (_, byte) => (byte > 0x20 && byte !== 0x7f ? 1 : 0));
