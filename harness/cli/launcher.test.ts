import { execFileSync, spawnSync } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
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

const launcher = join(tree, "bin/capos.mjs");
const capos = (...words: string[]): string =>
  execFileSync("node", [launcher, ...words], { encoding: "utf8" });
const newest = (): readonly string[] =>
  readFileSync(join(tree, ".capos/cache/bundle/newest"), "utf8").split("\n");
const bundle = (): string => newest()[1] ?? "";

test("a bundle serves until one of its sources changes", () => {
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

/** A whole call with its streams where they are given. */
function told(redirected: string, ...words: string[]): { status: number | null; stderr: string } {
  const { status, stderr } = spawnSync("sh", ["-c", `node "$0" "$@" ${redirected}`, launcher, ...words], {
    encoding: "utf8",
  });
  return { status, stderr };
}

test("an output that takes no more is the host's failure, and a reader that went away is none", () => {
  for (const words of [["--help"], ["--version"], ["check", "--help"]]) {
    const full = told(">/dev/full", ...words);
    expect(full.stderr, words.join(" ")).toMatch(
      /^error\[CAPOS_HOST_OUTPUT\]: ENOSPC.*\n {2}next: free .*\n$/u,
    );
    expect(full.status).toBe(7);
    expect(told("| true", ...words)).toEqual({ status: 0, stderr: "" });
  }
});

test("a checkout in which nothing can be written says so", () => {
  const kept = join(tree, ".capos-kept");
  renameSync(join(tree, ".capos"), kept);
  writeFileSync(join(tree, ".capos"), "");
  const refused = told("", "--help");
  rmSync(join(tree, ".capos"));
  renameSync(kept, join(tree, ".capos"));
  expect(refused.stderr).toMatch(
    /^error\[CAPOS_HOST_FILE\]: the tool's bundle could not be written: .*\n {2}next: .*\.capos writable.*\n$/u,
  );
  expect(refused.status).toBe(7);
});
