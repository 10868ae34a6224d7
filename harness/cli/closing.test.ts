import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { oneOpenTask, type ScratchTree, scratchTree } from "./testing.ts";

/** The whole way of a task: refused without evidence, closed by it, verified, and every later change found. */
let tree: ScratchTree;
beforeAll(() => {
  tree = scratchTree();
  oneOpenTask(tree);
  git("init", "--quiet");
  tree.write(".gitignore", "node_modules\n.capos\nharness\n");
  git("add", "--all");
  git("-c", "user.name=test", "-c", "user.email=test@invalid", "commit", "--quiet", "-m", "a tree");
});
afterAll(() => tree.dispose());

test("a task is not closed without evidence", () => {
  const refused = tree.capos("task", "close", "sample-smoke");
  expect(refused.status).toBe(1);
  expect(refused.stderr).toMatch(/^error\[CAPOS_TASK_EVIDENCE\]: /u);
  expect(refused.stderr).toContain("run-smoke");
  expect(git("status", "--porcelain")).toBe("");
});

test("proved runs close it, and what closed it verifies", () => {
  const proved = tree.capos("prove", "run-smoke", "--boot", "all");
  expect(proved.status, proved.stdout + proved.stderr).toBe(0);
  const closed = tree.capos("task", "close", "sample-smoke");
  expect(closed.status, closed.stderr).toBe(0);
  expect(closed.stdout).toMatch(/^closed sample-smoke at \d{4}-\d\d-\d\dT\d\d:\d\dZ, commit [0-9a-f]{12}\n/u);
  const verified = tree.capos("evidence", "verify");
  expect(verified.stderr).toBe("");
  expect(verified.stdout).toMatch(
    /^\d+ bundles? (is|are) sound, and so is the ledger of \d+ entr(y|ies)\.\n$/u,
  );
  expect(verified.status).toBe(0);
  const bundles = join(tree.root, "tasks/evidence");
  for (const name of readdirSync(bundles)) {
    expect(
      readFileSync(join(bundles, name)).includes(tree.root),
      "where a checkout stands is no evidence",
    ).toBe(false);
  }
  expect(tree.capos("task", "list").stdout).toMatch(/^done +sample-smoke /mu);
  expect(tree.capos("check").status).toBe(0);
});

test("a changed byte anywhere in a bundle is found, with its place", () => {
  const folder = join(tree.root, "tasks/evidence");
  const [name] = readdirSync(folder);
  const file = join(folder, name!);
  const sound = readFileSync(file);
  // The test of the evidence room changes every byte of a small bundle; here a real one is sampled.
  for (let i = 0; i < 12; i++) {
    const at = Math.floor((sound.length * (i + 0.5)) / 12);
    const damaged = Buffer.from(sound);
    damaged[at]! ^= 1;
    writeFileSync(file, damaged);
    const found = tree.capos("evidence", "verify");
    expect(found.status, `byte ${at}`).toBe(3);
    expect(found.stderr, `byte ${at}`).toContain(name!);
  }
  writeFileSync(file, sound);
  expect(tree.capos("evidence", "verify").status).toBe(0);
});

test("a changed line of the ledger is found, with its place", () => {
  const folder = join(tree.root, "tasks/ledger");
  for (const name of readdirSync(folder)) {
    const file = `tasks/ledger/${name}`;
    const sound = tree.read(file);
    const lines = sound.split("\n");
    for (const [i, line] of lines.entries()) {
      if (!/[a-z0-9]/u.test(line)) continue;
      const changed = lines.with(
        i,
        line.replace(/[a-z0-9](?=[^a-z0-9]*$)/u, (c) => (c === "0" ? "1" : "0")),
      );
      tree.write(file, changed.join("\n"));
      const found = tree.capos("evidence", "verify");
      expect(found.status, line).toBe(3);
      expect(found.stderr, line).toContain(name);
    }
    tree.write(file, sound);
  }
  expect(tree.capos("evidence", "verify").status).toBe(0);
});

test("a closed task is stale when the tree has outgrown its evidence", () => {
  expect(tree.capos("milestone", "show", "sample").stdout).not.toContain("stale");
  tree.edit("userspace/init/src/main.rs", (text) => `${text}\n// another line\n`);
  expect(tree.capos("milestone", "show", "sample").stdout).toMatch(/sample-smoke, stale: run-smoke/u);
});

function git(...argv: string[]): string {
  const { status, stdout, stderr } = spawnSync("git", argv, { cwd: tree.root, encoding: "utf8" });
  if (status !== 0) throw new Error(`git ${argv.join(" ")}: ${stderr}`);
  return stdout;
}
