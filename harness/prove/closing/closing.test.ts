import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { BootSpec, Proof, Verdict } from "../../contract/index.ts";
import { type Act, type Lab, labProof, makeLab } from "../testing/lab.ts";
import { targetProblems } from "./targets.ts";

let lab: Lab | undefined;
afterEach(() => lab?.dispose());

/** Its guests say how they are, which must be the same wherever they run. */
function talking(more: Partial<Proof> = {}): Proof {
  const plain = labProof("run-x");
  const landmark = { name: "up", line: "[guest] <how:word>", atMost: 1, withinMs: 5000 };
  const boots = plain.boots.map((boot): BootSpec => ({ ...boot, chain: [{ kind: "one", landmark }] }));
  const everywhere = [{ boot: "only", landmark: "up", capture: "how" }];
  return { ...plain, boots, everywhere, ...more };
}

describe("targets", () => {
  const proof = talking();
  const shown = (path: string, how: string, verdict: Verdict = "proved") => ({
    case: { ref: { id: `run-x@${path}`, proof: "run-x", path } },
    verdict,
    judgement: { captures: { "only.up.how": how, "only.up.other": path } },
  });
  const problems = (...results: Parameters<typeof targetProblems>[1]) =>
    targetProblems([{ proof }, { proof }], results).map((p) => p.message);

  it("that show different things are told once, by where they ran", () => {
    expect(problems(shown("direct", "up"), shown("uefi", "down"))).toEqual([
      "`only.up.how` is up on run-x@direct, and down on run-x@uefi",
    ]);
  });

  it("may differ in what need not be the same", () => {
    expect(problems(shown("direct", "up"), shown("uefi", "up"))).toEqual([]);
  });

  it("are not compared where they were not proved, or nothing was seen of them", () => {
    expect(problems(shown("direct", "up"), shown("uefi", "down", "refuted"))).toEqual([]);
    const cached = { ...shown("uefi", "down"), judgement: undefined };
    expect(problems(shown("direct", "up"), cached)).toEqual([]);
  });
});

describe("a run", () => {
  /** The same proof under two accelerators, of which the second does this. */
  async function run(second: Act, proof: Proof, more: Parameters<Lab["run"]>[1] = {}) {
    const opened = makeLab((_, accelerator) => (accelerator === "kvm" ? [second] : ["pass"]));
    lab = opened;
    const other = opened.place(proof, "kvm").map((c) => ({ ...c, ref: { ...c.ref, id: "run-x@other" } }));
    const { exit } = await opened.run([...opened.place(proof), ...other], { jobs: 1, ...more });
    const closing = opened.events.slice(opened.events.findLastIndex((e) => e.type === "case-finished") + 1);
    return { exit, closing };
  }

  it("is not proved when its targets differ, and says so before its mutants and before it is over", async () => {
    const { exit, closing } = await run("wrong", talking(), { mutants: true });
    expect(exit).toBe(1);
    expect(closing).toMatchObject([
      { type: "problem", code: "CAPOS_PROOF_TARGETS_DIFFER" },
      { type: "mutants", case: { id: "run-x@direct" } },
      { type: "mutants", case: { id: "run-x@other" } },
      { type: "run-finished", passed: 2, exit: 1 },
    ]);
  });

  it("is proved when they agree and every change is noticed", async () => {
    const { exit, closing } = await run("pass", labProof("run-x"), { mutants: true });
    expect(exit).toBe(0);
    expect(closing).toMatchObject([
      { type: "mutants", survivors: [], dead: [] },
      { type: "mutants", survivors: [], dead: [] },
      { type: "run-finished", passed: 2, exit: 0 },
    ]);
  });

  it("keeps the graver exit code of a case", async () => {
    expect((await run("host", talking(), { mutants: true })).exit).toBe(7);
  });

  it("is not proved when the evidence of a case cannot be read again", async () => {
    const opened = makeLab(() => ["pass"]);
    lab = opened;
    const emit: NonNullable<Parameters<Lab["run"]>[1]>["emit"] = (event) => {
      if (event.type === "case-finished") rmSync(join(opened.root, event.dir, "verdict.json"));
    };
    const { exit } = await opened.run(opened.place(labProof("run-x")), { mutants: true, emit });
    expect(exit).toBe(1);
  });

  it("asks nothing of mutants unless it is told to", async () => {
    const { closing } = await run("pass", labProof("run-x"));
    expect(closing.map((e) => e.type)).toEqual(["run-finished"]);
  });
});
