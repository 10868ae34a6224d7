import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { brokenCloudRules, brokenRules, importsOf } from "./imports.ts";

const harness = join(import.meta.dirname, "..", "harness");
const rules = JSON.parse(readFileSync(join(harness, "imports.json"), "utf8"));

/** Tests and what only they use may look where they like: they hold a room against its neighbours. */
function isForTests(file: string): boolean {
  return /\.test\.ts$|(?:^|\/)testing(?:\.ts$|\/)/u.test(file);
}

test("every import of the harness obeys harness/imports.json", () => {
  const imports = importsOf(harness).filter((i) => !isForTests(i.from));
  expect(imports.length).toBeGreaterThan(100);
  expect(brokenRules(imports, rules)).toEqual([]);
});

test("every import of cloud/ obeys it, too", () => {
  const imports = importsOf(join(harness, "..", "cloud")).filter((i) => !isForTests(i.from));
  expect(brokenCloudRules(imports, [...rules.always, ...rules.cloud])).toEqual([]);
});

test("broken rules are told with their places", () => {
  const broken = [
    { from: "report/plain.ts", to: "process/index.ts", line: 3, dynamic: false },
    { from: "prove/run.ts", to: "machine/qemu/argv.ts", line: 4, dynamic: false },
    { from: "base/lock.ts", to: "cli/index.ts", line: 5, dynamic: false },
    { from: "attic/a.ts", to: "base/index.ts", line: 6, dynamic: false },
    { from: "prove/run.ts", to: "machine/index.ts", line: 7, dynamic: false },
    { from: "prove/run.ts", to: "../cloud/index.ts", line: 8, dynamic: true },
    { from: "cli/run/cloudboot.ts", to: "../cloud/index.ts", line: 9, dynamic: false },
    { from: "cli/run/cloudboot.ts", to: "../cloud/index.ts", line: 10, dynamic: true },
  ];
  expect(brokenRules(broken, rules)).toEqual([
    "harness/report/plain.ts:3: report may not import process",
    "harness/prove/run.ts:4: machine is entered by its index.ts only",
    "harness/base/lock.ts:5: base may not import cli",
    "harness/attic/a.ts:6: the room attic is not in harness/imports.json",
    "harness/prove/run.ts:8: cloud/ is loaded by cli alone, when a command needs it",
    "harness/cli/run/cloudboot.ts:9: cloud/ is loaded by cli alone, when a command needs it",
  ]);
  const outside = [
    { from: "machine.ts", to: "../harness/machine/index.ts", line: 1, dynamic: false },
    { from: "machine.ts", to: "../harness/cli/index.ts", line: 2, dynamic: false },
    { from: "machine.ts", to: "../harness/machine/qemu/argv.ts", line: 3, dynamic: false },
  ];
  expect(brokenCloudRules(outside, ["machine"])).toEqual([
    "cloud/machine.ts:2: cloud may not import cli",
    "cloud/machine.ts:3: machine is entered by its index.ts only",
  ]);
});
