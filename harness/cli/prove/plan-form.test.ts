import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { bootSpec, one, proofOf } from "../../contract/testing.ts";
import { expectedFrom, matrixOf } from "../../prove/index.ts";
import { githubMatrix, planForm, planText, wordsOf } from "./plan-form.ts";

const proofs = ["run-a", "run-b", "run-c", "run-d"].map((name) => {
  const proof = proofOf([bootSpec("a", [one("up", "up")])], { name, axes: { cpus: [1, 2] } });
  return { ...proof, machine: { ...proof.machine, boot: ["direct", "uefi"] } } as const;
});
const cases = proofs.flatMap(matrixOf);

test("every case is in exactly one shard, and no shard is empty", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.subarray(cases, { minLength: 1 }), (shards, chosen) => {
      const plan = planForm({
        cases: chosen,
        expected: expectedFrom([]),
        shards,
        capos: "1",
        words: ["--all"],
      });
      expect(plan.shards.length).toBe(Math.min(shards, chosen.length));
      expect(plan.shards.flatMap((s) => s.cases).toSorted()).toEqual(chosen.map((c) => c.ref.id).toSorted());
      for (const { id, shard } of plan.cases) expect(plan.shards[shard - 1]?.cases).toContain(id);
      for (const shard of plan.shards) expect(shard.cases.length).toBeGreaterThan(0);
    }),
  );
});

test("docs/ci.md describes every field of the JSON, and no other", () => {
  const page = readFileSync(join(import.meta.dirname, "../../../docs/ci.md"), "utf8");
  const table = page.split("| field | holds |")[1] ?? "";
  const rows = table.split("\n\n")[0] ?? "";
  const described = [...rows.matchAll(/^\|([^|]+)\|/gmu)].flatMap(([, cell = ""]) => {
    const [first = "", ...rest] = [...cell.matchAll(/`([^`]+)`/gu)].map((m) => m[1] ?? "");
    const parent = first.split(".")[0] ?? "";
    return [first, ...rest.map((name) => `${parent}${name}`)].filter((name) => name !== "");
  });
  const plan = planForm({ cases, expected: expectedFrom([]), shards: 2, capos: "1", words: [] });
  const fields = [
    ...Object.keys(plan).map((key) => (key === "cases" || key === "shards" ? `${key}[]` : key)),
    ...Object.keys(plan.cases[0] ?? {}).map((key) => `cases[].${key}`),
    ...Object.keys(plan.shards[0] ?? {}).map((key) => `shards[].${key}`),
  ];
  expect(described.toSorted()).toEqual(fields.toSorted());
});

test("the words of a shard are those of the selection, as a shell reads them", () => {
  const flags = {
    all: true,
    boot: ["direct", "bios"],
    tag: ["!a b", "it's"],
    failed: true,
    also: ["run-a"],
  } as const;
  const words = wordsOf({ ...flags, milestone: "m", since: "HEAD~1", history: "h" }, ["run-*"]);
  expect(words.join(" ")).toBe(
    "run-* --all --boot direct,bios --tag !a b --tag it's --milestone m --since HEAD~1 --failed --also run-a --history h",
  );
  const plan = planForm({ cases, expected: expectedFrom([]), shards: 2, capos: "1", words });
  expect(planText(plan)).toContain(
    String.raw`capos prove 'run-*' --all --boot direct,bios --tag '!a b' --tag 'it'\''s' --milestone m`,
  );
  expect(githubMatrix(plan)).toMatchObject({
    include: [
      { shard: 1, of: 2, cases: 8 },
      { shard: 2, of: 2 },
    ],
  });
});

test("one shard of all needs no number", () => {
  const plan = planForm({ cases, expected: expectedFrom([]), shards: 1, capos: "1", words: ["--all"] });
  expect(plan.shards[0]?.argv).toEqual(["prove", "--all"]);
});
