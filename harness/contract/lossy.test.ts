import { expect, test } from "vitest";
import { judgeStored } from "./run.ts";
import { banner, bootSpec, bytesAt, exitWith, identity, lines, one, proofOf } from "./testing.ts";
import type { Transport } from "./types.ts";

const proof = proofOf([bootSpec("only", [one("said", "[client] said <what:text>")])], {
  never: [{ text: "CAP_ERR" }],
});

function verdictOf(transport: Transport | undefined, ...said: readonly string[]): string {
  const text = lines(banner(), ...said, "[kernel] halted status=0");
  const inputs = [bytesAt(100, 100, text), exitWith(33)];
  const way = transport === undefined ? {} : { transport };
  return judgeStored(proof, [{ inputs, expectation: { freshness: "echoed", identity: identity(), ...way } }])
    .verdict;
}

test("a landmark in which a byte was replaced is unproven, where bytes are replaced on the way", () => {
  expect(verdictOf("lossy", "[client] said caf\u00e9")).toBe("proved");
  expect(verdictOf("lossy", "[client] said caf\ufffd")).toBe("refuted");
  expect(verdictOf(undefined, "[client] said caf\ufffd")).toBe("proved");
  expect(verdictOf("lossy", "\ufffd", "[client] said well")).toBe("proved");
});

test("forbidden text is found beside replaced bytes all the same", () => {
  expect(verdictOf("lossy", "[client] said well", "\ufffdCAP_ERR\ufffd")).toBe("refuted");
  expect(verdictOf(undefined, "[client] said well", "\ufffd")).toBe("proved");
});
