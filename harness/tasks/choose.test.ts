import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ok } from "../base/index.ts";
import { atPoint, pointsOf, type Proof } from "../contract/index.ts";
import { declaredInputs, findCases } from "../evidence/index.ts";
import {
  sampleJudge,
  sampleParts,
  sampleProof,
  temporaryFolder,
  writeSampleCase,
} from "../evidence/testing.ts";
import { chooseEvidence } from "./choose.ts";
import { parseRecord } from "./record.ts";
import { sampleRecord } from "./testing.ts";

const text = sampleRecord(["boot: [direct]", "landmarks:", "  read-back.object: {size: 4096}"]);

let folder: ReturnType<typeof temporaryFolder>;
let runs = 0;
beforeEach(() => (folder = temporaryFolder()));
afterEach(() => folder.remove());

function run(proof: Proof, size = 4096): void {
  writeSampleCase(join(folder.path, `.capos/runs/${++runs}`), { proof, size });
}

async function chosen(): Promise<number | readonly string[]> {
  const record = parseRecord("tasks/sample.md", text);
  if (!record.ok) throw new Error("the record is sound");
  const found = await chooseEvidence(folder.path, record.value, {
    rejudge: sampleJudge(),
    current: async () => ok(declaredInputs(sampleParts)),
    git: async () => ok(""),
    now: () => 0,
    cases: (proof, path) => findCases(join(folder.path, ".capos/runs"), proof, path),
  });
  return found.ok ? found.value.length : found.error.map((p) => p.message);
}

test("a proof that varies its processors closes when it is proved with each number of them", async () => {
  const varied: Proof = { ...sampleProof, axes: { cpus: [1, 2] } };
  const [one, two] = pointsOf(varied);
  if (one === undefined || two === undefined) throw new Error("there are two points on the first path");
  run(atPoint(varied, one));
  expect(await chosen()).toEqual(["there is no run of run-sample on direct with 2 processors and 128Mi"]);
  run(atPoint(varied, two));
  expect(await chosen()).toBe(2);
});

test("what is quarantined closes nothing", async () => {
  const quarantine = { reason: "it drifts", ticket: "T-7", owner: "kernel", until: "2026-03-01" };
  run({ ...sampleProof, quarantine });
  expect(await chosen()).toEqual([
    "run-sample@direct: its proof is quarantined (T-7), and what is quarantined closes nothing",
  ]);
  run(sampleProof);
  expect(await chosen()).toBe(1);
});
