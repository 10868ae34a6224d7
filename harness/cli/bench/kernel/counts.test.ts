/** A real boot of the measuring image, and the counts of this tree's kernel against its baseline. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ScratchTree, scratchTree } from "../../testing.ts";
import { baselineFile, readBaseline, writeBaseline } from "./baseline.ts";

let tree: ScratchTree;
beforeAll(() => {
  tree = scratchTree();
});
afterAll(() => {
  expect(tree.leftovers()).toEqual([]);
  tree.dispose();
});

const check = (...more: readonly string[]) => tree.capos("bench", "kernel", "--check", ...more);

describe("capos bench kernel --check", () => {
  test("the kernel's operations cost what the baseline says; if they should cost more, update it", () => {
    const ran = check();
    expect(`${ran.stdout}${ran.stderr}`).toContain("within 2 % of the baseline");
    expect(ran.status).toBe(0);
  });

  test("an operation that has become dearer is refused by name", () => {
    tree.edit(baselineFile, (text) => {
      const baseline = readBaseline(text);
      if (!baseline.ok) throw new Error(baseline.error);
      const nop = (baseline.value.instructions.get("nop") ?? 0) / 2;
      const instructions = new Map([...baseline.value.instructions, ["nop", Math.floor(nop)]]);
      return writeBaseline({ ...baseline.value, instructions });
    });
    const ran = check("--json");
    expect(JSON.parse(ran.stdout)).toMatchObject({ changes: [{ name: "nop", kind: "more" }] });
    expect(ran.status).toBe(1);
  });

  test("a baseline that is none is named before anything is built", () => {
    tree.write(baselineFile, '{"v":1}\n');
    const ran = check();
    expect(ran.stderr).toContain(
      `error[CAPOS_BENCH_BASELINE]: ${baselineFile}: \`tolerance\` is not a number`,
    );
    expect(ran.status).toBe(3);
  });
});
