import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { runNamed } from "./run-name.ts";

const root = mkdtempSync(join(tmpdir(), "capos-run-name-"));
afterAll(() => rmSync(root, { recursive: true }));
const runs = join(root, ".capos/runs");
for (const name of ["1795240046-abf4", "1795240100-0001"]) {
  mkdirSync(join(runs, name), { recursive: true });
  writeFileSync(join(runs, name, "events.jsonl"), "");
}

test("latest and the beginning of a name are runs", async () => {
  const newest = { ok: true, value: join(runs, "1795240100-0001") };
  expect(await runNamed(root, "latest")).toEqual(newest);
  expect(await runNamed(root, "17952401")).toEqual(newest);
  expect(await runNamed(root, "latest~1")).toEqual({ ok: true, value: join(runs, "1795240046-abf4") });
});

test("paths and other words stay as they are", async () => {
  for (const word of ["-", "console.raw", ".capos/runs/1795240100-0001", "latest.raw", root])
    expect(await runNamed(root, word)).toEqual({ ok: true, value: word });
});

test("a run that is not stored, or one of several, is told", async () => {
  for (const word of ["latest~2", "1795240", "1795249999-0000"]) {
    expect(await runNamed(root, word)).toMatchObject({ error: [{ code: "CAPOS_REPORT_UNKNOWN_RUN" }] });
  }
});
