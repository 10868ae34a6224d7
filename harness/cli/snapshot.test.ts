import { once } from "node:events";
import { readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { buildInProject, runsOf, scratchTree, type ScratchTree, until } from "./testing.ts";

/** Proofs that go on from a shared boot, with real boots of our kernel. */
const cache = join(import.meta.dirname, "../../.capos/cache/snapshots");
let tree: ScratchTree;
beforeAll(() => {
  buildInProject("storage-persist");
  tree = scratchTree();
  rmSync(cache, { recursive: true, force: true });
}, 600_000);
afterEach(() => {
  expect(tree.leftovers()).toEqual([]);
  expect(stateNames().filter((name) => !/^[0-9a-f]{64}$/u.test(name))).toEqual([]);
});
afterAll(() => tree.dispose());

function stateNames(): readonly string[] {
  try {
    return readdirSync(cache);
  } catch {
    return [];
  }
}

/** Files of the first boot of the last run's only case. */
function firstBoot(name: string): string {
  const run = join(tree.root, ".capos/runs", runsOf(tree.root).at(-1) ?? "");
  const [one = ""] = readdirSync(run).filter((n) => n.includes("@"));
  return readFileSync(join(run, one, "boots/1-store", name), "utf8");
}

/** Landmarks with their captures, as the run told them. */
function landmarks(stdout: string): readonly string[] {
  return stdout
    .trim()
    .split("\n")
    .map((line): Readonly<Record<string, unknown>> => JSON.parse(line))
    .filter((event) => event["type"] === "landmark")
    .map((event) => `${String(event["boot"])} ${String(event["name"])} ${JSON.stringify(event["captures"])}`);
}

const prove = ["prove", "run-storage-fork", "--reporter", "json"];

test("a forked and a cold run see the same landmarks, and the state is made once", () => {
  const first = tree.capos(...prove);
  expect(first.status, first.stdout + first.stderr).toBe(0);
  expect(first.stdout).toMatch(/goes on from `mounted` of run-storage-persist, stored in \d/u);
  expect(stateNames()).toHaveLength(1);
  const second = tree.capos(...prove);
  expect(second.status).toBe(0);
  expect(second.stdout).toMatch(/stored at 20/u);
  const boot = firstBoot("boot.json");
  expect(boot).toContain('"landmark": "mounted"');
  expect(boot).toContain('"freshness": "by-construction"');
  const cold = tree.capos(...prove, "--cold");
  expect(cold.status).toBe(0);
  expect(firstBoot("boot.json")).not.toContain('"fork"');
  expect(landmarks(first.stdout)).toEqual(landmarks(cold.stdout));
  expect(landmarks(second.stdout)).toEqual(landmarks(cold.stdout));
  expect(landmarks(cold.stdout)[0]).toBe("store mounted {}");
});

test("a changed byte of a stored state is found, and the state is made again", () => {
  const [name = ""] = stateNames();
  const file = join(cache, name, "state");
  const bytes = readFileSync(file);
  bytes[bytes.length >> 1]! ^= 1;
  writeFileSync(file, bytes);
  const ran = tree.capos(...prove);
  expect(ran.status).toBe(0);
  expect(ran.stdout).toMatch(/stored in \d/u);
});

test("two runs that need the same state make it once", async () => {
  rmSync(cache, { recursive: true, force: true });
  const children = [1, 2].map(() => tree.start(...prove));
  const ends = await Promise.all(children.map((child) => once(child, "exit")));
  expect(ends).toEqual([
    [0, null],
    [0, null],
  ]);
  expect(stateNames()).toHaveLength(1);
});

test("Ctrl-C while a state is made leaves nothing of it", async () => {
  rmSync(cache, { recursive: true, force: true });
  const child = tree.start(...prove);
  await until(() => stateNames().length > 0);
  process.kill(-(child.pid ?? 0), "SIGINT");
  expect(await once(child, "exit")).toEqual([130, null]);
  rmSync(join(cache, "x"), { recursive: true, force: true });
});

test("a proof that does not fit what it goes on from is refused at its place", () => {
  tree.edit("proofs/run-storage-fork.cue", (text) => text.replace('memory: "128Mi"', 'memory: "192Mi"'));
  const checked = tree.capos("check");
  expect(checked.status).toBe(3);
  expect(checked.stderr).toMatch(
    /error\[CAPOS_PROOF_FORK\]: the machine is not that of `run-storage-persist`\n +--> proofs\/run-storage-fork\.cue:\d+:\d+/u,
  );
  tree.edit("proofs/run-storage-fork.cue", (text) =>
    text.replace('memory: "192Mi"', 'memory: "128Mi"').replace("persist@mounted", "persist@mountd"),
  );
  expect(tree.capos("check").stderr).toContain("has no landmark `mountd` outside of a group");
  tree.edit("proofs/run-storage-fork.cue", (text) => text.replace("persist@mountd", "persisd@mounted"));
  expect(tree.capos("check").stderr).toContain("did you mean `run-storage-persist@mounted`?");
});
