import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { brokenRules, importsOf } from "./imports.ts";

const harness = join(import.meta.dirname, "..", "harness");
const rules = JSON.parse(readFileSync(join(harness, "imports.json"), "utf8"));

test("every import of the harness obeys harness/imports.json", () => {
  // Tests may look where they like: they hold a room against its neighbours.
  const imports = importsOf(harness).filter((i) => !i.from.endsWith(".test.ts"));
  expect(imports.length).toBeGreaterThan(100);
  expect(brokenRules(imports, rules)).toEqual([]);
});

test("broken rules are told with their places", () => {
  const broken = [
    { from: "report/plain.ts", to: "process/index.ts", line: 3 },
    { from: "prove/run.ts", to: "machine/qemu/argv.ts", line: 4 },
    { from: "base/lock.ts", to: "cli/index.ts", line: 5 },
    { from: "attic/a.ts", to: "base/index.ts", line: 6 },
    { from: "prove/run.ts", to: "machine/index.ts", line: 7 },
  ];
  expect(brokenRules(broken, rules)).toEqual([
    "harness/report/plain.ts:3: report may not import process",
    "harness/prove/run.ts:4: machine is entered by its index.ts only",
    "harness/base/lock.ts:5: base may not import cli",
    "harness/attic/a.ts:6: the room attic is not in harness/imports.json",
  ]);
});
