/** What a record may demand of the place where its proof ran, and what closes it then. */
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ok } from "../base/index.ts";
import { declaredInputs } from "../evidence/index.ts";
import {
  must,
  type SampleOptions,
  sampleJudge,
  sampleParts,
  temporaryFolder,
  writeSampleCase,
} from "../evidence/testing.ts";
import { chooseEvidence } from "./choose.ts";
import { parseRecord } from "./record.ts";
import { sampleRecord } from "./testing.ts";

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => (folder = temporaryFolder()));
afterEach(() => folder.remove());
let written = 0;

const record = (target: string): string =>
  sampleRecord(["boot: [bios]", ...(target === "" ? [] : [`target: ${target}`])]);

const places = {
  qemu: { target: "qemu" },
  local: { target: "gce", provider: "local" },
  // As it was written before anybody said whose instance it was.
  unsaid: { target: "gce" },
  google: { target: "gce", provider: "google" },
} as const satisfies Readonly<Record<string, SampleOptions>>;

/** What choosing says, given these runs, the newest first. */
async function chosen(target: string, runs: readonly (keyof typeof places)[]): Promise<string> {
  const task = must(parseRecord("tasks/sample.md", record(target)));
  const dirs = runs.map((place) =>
    writeSampleCase(join(folder.path, String(written++)), { path: "bios", ...places[place] }),
  );
  const result = await chooseEvidence(folder.path, task, {
    rejudge: sampleJudge(),
    current: async () => ok(declaredInputs(sampleParts)),
    git: async () => ok(""),
    now: () => 0,
    cases: () => dirs,
  });
  if (!result.ok) return result.error.map((p) => p.message).join("; ");
  const [{ target: ran, provider } = { target: "none" }] = result.value.map((c) => c.case.inputs);
  return `${ran} ${provider ?? ""}`.trim();
}

test("a record that demands GCE is closed by Google's service, and by nothing that stands in for it", async () => {
  const alone = "and the record closes on gce alone";
  expect(await chosen("gce", ["google"])).toBe("gce google");
  expect(await chosen("gce", ["local"])).toBe(`run-sample@bios: it ran on the local provider, ${alone}`);
  expect(await chosen("gce", ["unsaid"])).toBe(`run-sample@bios: it ran on the local provider, ${alone}`);
  expect(await chosen("gce", ["qemu"])).toBe(`run-sample@bios: it ran on qemu, ${alone}`);
});

test("a run elsewhere stands neither for nor against one where the record wants it", async () => {
  expect(await chosen("gce", ["qemu", "local", "google"])).toBe("gce google");
  expect(await chosen("qemu", ["google", "qemu"])).toBe("qemu");
  expect(await chosen("qemu", ["google"])).toContain("the record closes on qemu alone");
});

test("a record that demands no place is closed by the newest run, wherever it was", async () => {
  expect(await chosen("", ["local", "qemu"])).toBe("gce local");
});

test("what is missing at Google's service is got by another command", async () => {
  const task = must(parseRecord("tasks/sample.md", record("gce")));
  const deps = { rejudge: sampleJudge(), git: async () => ok(""), now: () => 0, cases: () => [] };
  const result = await chooseEvidence(folder.path, task, {
    ...deps,
    current: async () => ok(declaredInputs(sampleParts)),
  });
  expect(result.ok ? "" : result.error[0]?.next).toBe(
    "`npx capos cloudboot run-sample --boot bios --run` as docs/cloudboot.md says, then close again",
  );
});
