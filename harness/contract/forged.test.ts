import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkProof } from "./check.ts";
import { scoreMutants } from "./mutants.ts";
import { judgeStored } from "./run.ts";
import { banner, bootSpec, bytesAt, exitWith, identity, lines, one, proofOf } from "./testing.ts";
import type { BootSpec, Ending, Landmark, Never, Proof } from "./types.ts";

/**
 * A bundle holds its proof, and whoever forges one writes what he likes there. What `checkProof` lets pass, the
 * judge must judge: an exception would be a crash of `evidence verify` at a stranger's bidding.
 */
const signs = [
  "<",
  "<<",
  ">",
  "a",
  "[",
  "]",
  "(",
  ")",
  "{2}",
  "{1000}",
  "*",
  "\\",
  "-",
  "<n:int>",
  "<t:text>",
];
const wild = fc.oneof(
  fc.array(fc.constantFrom(...signs), { maxLength: 6 }).map((parts) => parts.join("")),
  fc.string({ unit: "binary", maxLength: 6 }),
);
const number = fc.oneof(fc.integer({ min: -2, max: 2 }), fc.double());
const name = fc.constantFrom("only", "up", "two", "n", "t", "");
const ref = fc.record({ boot: name, landmark: name, capture: name });
const never: fc.Arbitrary<Never> = fc.oneof(
  fc.record({ text: wild }),
  fc.record({ text: wild, from: name, until: name }),
);
const landmark: fc.Arbitrary<Landmark> = fc.record({
  name,
  line: fc.oneof(wild, fc.constant("[kernel] panic: <m:text>")),
  atMost: number,
  withinMs: number,
});
const ending: fc.Arbitrary<Ending> = fc.oneof(
  number.map((status): Ending => ({ how: "halt", status })),
  name.map((at): Ending => ({ how: "power-cut", at })),
  fc.constantFrom<Ending>({ how: "reset" }, { how: "panic" }),
);
const guest: fc.Arbitrary<NonNullable<Proof["guest"]>> = fc.record({
  banner: fc.oneof(wild, fc.constant("capos kernel starting <rest:text>")),
  trailer: fc.oneof(
    wild,
    fc.constantFrom("[kernel] halted status=<status:word>", "[kernel] halted <x:text>"),
  ),
  panic: fc.array(wild, { maxLength: 2 }),
  exit: fc.constantFrom("isa-debug-exit", "none"),
});

const only = bootSpec("only", [one("up", "[a] up"), one("two", "[b] <n:int> <t:text>")]);
const sound = proofOf([only]);
/** One part of a sound proof, written by somebody else. */
const forgery: fc.Arbitrary<(proof: Proof) => Proof> = fc.oneof(
  wild.map((foreign) => (proof: Proof) => ({ ...proof, foreign })),
  wild.map((closed) => (proof: Proof) => ({ ...proof, closed })),
  never.map((one) => (proof: Proof) => ({ ...proof, never: [...proof.never, one] })),
  fc.tuple(ref, ref).map((pair) => (proof: Proof) => ({ ...proof, same: [pair] })),
  fc.record({ capture: ref, min: number }).map((bound) => (proof: Proof) => ({ ...proof, bounds: [bound] })),
  guest.map((speech) => (proof: Proof) => ({ ...proof, guest: speech })),
  wild.map((line) => (proof: Proof) => ({
    ...proof,
    requires: { devices: ["a"], enumerated: [{ device: "a", line }] },
  })),
  ending.map((ends) => inBoots((boot) => ({ ...boot, ends }))),
  never.map((one) => inBoots((boot) => ({ ...boot, never: [one] }))),
  number.map((ms) => inBoots((boot) => ({ ...boot, budgets: { firmwareMs: ms, endMs: ms } }))),
  landmark.map((l) => inBoots((boot) => ({ ...boot, chain: [...boot.chain, { kind: "one", landmark: l }] }))),
  fc.constant(inBoots((boot) => ({ ...boot, chain: [...boot.chain, { kind: "any", landmarks: [] }] }))),
  fc.constant((proof: Proof) => ({ ...proof, boots: [...proof.boots, { ...only, name: "again" }] })),
);

function inBoots(change: (boot: BootSpec) => BootSpec): (proof: Proof) => Proof {
  return (proof) => ({ ...proof, boots: proof.boots.map(change) });
}

const forged = fc
  .array(forgery, { minLength: 1, maxLength: 2 })
  .map((changes) => changes.reduce((proof, change) => change(proof), sound));

const text = lines(
  banner(),
  "[a] up",
  "[b] 12 x",
  "[c] u[    1.234567] printk",
  "p",
  "aaa<[]",
  "[kernel] halted status=0",
);

describe("a forged proof", () => {
  it("is refused by the check, or can be judged", () => {
    let passed = 0;
    fc.assert(
      fc.property(forged, (proof) => {
        if (checkProof(proof).length > 0) return;
        passed++;
        const boots = proof.boots.map((_, i) => ({
          inputs: [bytesAt(1, 1, text.replace("boot=1", `boot=${i + 1}`)), exitWith(33)],
          expectation: { freshness: "echoed", identity: identity(i + 1) } as const,
        }));
        const { verdict } = judgeStored(proof, boots);
        if (verdict === "proved") scoreMutants(proof, boots);
      }),
      { numRuns: 3000 },
    );
    expect(passed).toBeGreaterThan(100);
  });

  it.each(["[", "(", "a**", "a{2,1}", "\\q", "^x"])("is refused for the expression %s", (expression) => {
    for (const field of ["foreign", "closed"] as const) {
      const problems = checkProof(proofOf([only], { [field]: expression }));
      expect(problems.map((p) => p.code)).toEqual(["CAPOS_PROOF_EXPRESSION"]);
    }
  });
});
