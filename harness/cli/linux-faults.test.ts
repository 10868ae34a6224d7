/** Faults that a guest takes part in, with a kernel that does: cable, clock, hot unplug, and a power cut of its disk. */
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findCases, judgeAgain, verifyCase } from "../evidence/index.ts";
import { type ScratchTree, scratchTree, whyNoForeign } from "./testing.ts";

const reason = whyNoForeign();

let tree: ScratchTree;
beforeAll(() => {
  tree = scratchTree();
});
afterAll(() => {
  expect(tree.leftovers()).toEqual([]);
  tree.dispose();
});

describe.skipIf(reason !== undefined)("a Linux guest", () => {
  test.each([
    ["run-linux-link-down", ["watch", "cut", "cut", "leave"]],
    ["run-linux-clock", ["ask", "leave", "ask", "leave"]],
    ["run-linux-unplug", ["look", "pull", "leave"]],
    ["run-linux-power-cut", ["write", "power-cut", "read", "leave"]],
  ])("%s is proved, and its evidence says what was done", (proof, names) => {
    const ran = tree.capos("prove", proof);
    expect(ran.stdout, ran.stderr).toMatch(/^ +PROVED /mu);
    const [dir = ""] = findCases(join(tree.root, ".capos/runs"), proof, "direct");
    const report = verifyCase(tree.root, dir.slice(tree.root.length + 1), judgeAgain);
    expect(report.problems).toEqual([]);
    const actions = report.case?.boots.flatMap(({ inputs }) =>
      inputs.flatMap((i) => (i.kind === "control" && i.event.type === "action" ? [i.event] : [])),
    );
    expect(actions?.map((a) => a.name)).toEqual(names);
    expect(actions?.every((a) => a.ok)).toBe(true);
  });
});
