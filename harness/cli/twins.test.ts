/**
 * The twins of the kernel's proofs: the same programs with an authority withheld, or another than they should have. The
 * one kind shows a refusal and is proved; the other breaks what its proof claims and must be refuted, at that place.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ScratchTree, scratchTree } from "./testing.ts";

const launcher = join(import.meta.dirname, "../../bin/capos.mjs");

/** What each must be refuted by: the line that its console shows. */
const refuted = {
  "run-cap-hostile-poorer": "[caps] UNEXPECTED memory objects=10",
  "run-cap-move-rollback-copied": "[rollback] FAILED nothing is lost or doubled",
  "run-cap-transfer-copied": "[transfer] ACCEPTED what was moved is no longer ours",
  "run-frame-quota-larger": "[quota] FAILED the manifest's quota",
  "run-memoryobject-shared-whole": "[shared] FAILED and cannot write it",
  "run-notification-whole": "[notification] UNEXPECTED a signaller cannot wait: 0",
  "run-revocable-read-kept": "[revocation] UNEXPECTED the copy in the other program: 0",
} as const;

/** Those that show a refusal. Their landmarks are in the proofs. */
const shown = [
  "run-ipc-impostor",
  "run-ipc-zerocopy-poorer",
  "run-ring-hostile-withheld",
  "run-spawn-leak-withheld",
  "run-virtual-memory-withheld",
  "run-wx-withheld",
];

interface Told {
  readonly status: number | null;
  readonly verdicts: Readonly<Record<string, string>>;
  readonly reports: Readonly<Record<string, readonly string[]>>;
}

let tree: ScratchTree;
beforeAll(() => {
  for (const proof of [...Object.keys(refuted), ...shown, "run-console-forged"]) {
    const image = proof === "run-console-forged" ? "forge" : proof.slice("run-".length);
    const { status, stderr } = spawnSync("node", [launcher, "build", image], { encoding: "utf8" });
    expect(status, stderr).toBe(0);
  }
  tree = scratchTree();
}, 600_000);
afterAll(() => {
  expect(tree.leftovers()).toEqual([]);
  tree.dispose();
});

function prove(...proofs: readonly string[]): Told {
  const ran = tree.capos("prove", ...proofs, "--reporter", "json");
  const ends = ran.stdout
    .trim()
    .split("\n")
    .map((line): { type: string; case: { proof: string }; verdict: string; report: readonly string[] } =>
      JSON.parse(line),
    )
    .filter(({ type }) => type === "case-finished");
  return {
    status: ran.status,
    verdicts: Object.fromEntries(ends.map((end) => [end.case.proof, end.verdict])),
    reports: Object.fromEntries(ends.map((end) => [end.case.proof, end.report])),
  };
}

describe("the twins of the kernel's proofs", () => {
  test("those that show a refusal are proved", () => {
    const told = prove(...shown);
    expect(told.verdicts).toEqual(Object.fromEntries(shown.map((proof) => [proof, "proved"])));
    expect(told.status).toBe(0);
  }, 300_000);

  test("those that break a claim are refuted by the line that tells of it", () => {
    const told = prove(...Object.keys(refuted));
    expect(told.verdicts).toEqual(
      Object.fromEntries(Object.keys(refuted).map((proof) => [proof, "refuted"])),
    );
    expect(told.status).toBe(1);
    for (const [proof, line] of Object.entries(refuted)) {
      // The machine is cut off at the forbidden word; how much of its line stands behind it is chance.
      const found = told.reports[proof]?.find((l) => l.startsWith("found ")) ?? "";
      expect(found, proof).toMatch(/FAILED|UNEXPECTED|ACCEPTED/u);
      expect(`found          ${line}`.startsWith(found), `${proof}: ${found}`).toBe(true);
    }
  }, 300_000);

  test("a landmark that only a forger writes is never seen", () => {
    expect(prove("run-console-forged").verdicts).toEqual({ "run-console-forged": "refuted" });
  }, 120_000);
});
