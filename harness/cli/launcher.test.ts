import { execFileSync } from "node:child_process";
import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");
const tree = mkdtempSync(join(tmpdir(), "capos-launcher-"));
for (const name of ["bin", "harness", "cloud", "package.json", "package-lock.json", "tsconfig.json"]) {
  const filter = (from: string): boolean => !from.endsWith("/node_modules");
  cpSync(join(root, name), join(tree, name), { recursive: true, preserveTimestamps: true, filter });
}
symlinkSync(join(root, "node_modules"), join(tree, "node_modules"));
afterAll(() => rmSync(tree, { recursive: true }));

const capos = (...words: string[]): string =>
  execFileSync("node", [join(tree, "bin/capos.mjs"), ...words], { encoding: "utf8" });
const newest = (): readonly string[] =>
  readFileSync(join(tree, ".capos/cache/bundle/newest"), "utf8").split("\n");
const bundle = (): string => newest()[1] ?? "";

test("a bundle serves until one of its sources changes", { timeout: 60_000 }, () => {
  capos("--version");
  const first = bundle();
  expect(first).toMatch(/^[0-9a-f]{16}$/u);
  // A source that the launcher did not know of would be seen as new at every call.
  expect(newest().filter((line) => line.startsWith("new"))).toEqual([]);
  expect(newest().filter((line) => line.includes("node_modules/") || line.includes(".test.ts"))).toEqual([]);

  appendFileSync(join(tree, "harness/cli/launcher.test.ts"), "\n");
  capos("--version");
  expect(bundle(), "a test is no source").toBe(first);

  // A command's code is no part of the help text, whose bundle stays as it is until the command itself is asked for.
  appendFileSync(join(tree, "harness/cli/run/prove.ts"), "\nexport const extra = 1;\n");
  capos("--help");
  expect(bundle()).toBe(first);
  capos("--version");
  const second = bundle();
  expect(second).not.toBe(first);

  // The same bytes, saved again.
  utimesSync(join(tree, "cloud/index.ts"), new Date(), new Date());
  capos("--version");
  const third = bundle();
  expect(third).not.toBe(second);

  const page = join(tree, "harness/cli/commands/clean.ts");
  const text = readFileSync(page, "utf8").replace(/brief: "/u, 'brief: "Newly said: ');
  rmSync(page);
  expect(() => capos("--help"), "a source is gone").toThrow("CAPOS_BUNDLE");
  appendFileSync(page, text);
  expect(capos("--help")).toContain("Newly said: ");
  expect(bundle()).not.toBe(third);
});
