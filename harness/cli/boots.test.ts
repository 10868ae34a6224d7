import { once } from "node:events";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildInProject, runsOf, scratchTree, type ScratchTree, until } from "./testing.ts";

let tree: ScratchTree;
beforeAll(() => {
  buildInProject("smoke", "storage-persist", "spawn", "ungranted", "forge", "hang", "spin", "wrong-object");
  tree = scratchTree();
}, 600_000);
afterAll(() => {
  expect(tree.leftovers()).toEqual([]);
  tree.dispose();
});

const wholeRun = /^ +PROVED \[ +\d+\.\d{3}s\] (?:\(\d+\/\d+\) )?(\S+)$/gmu;

describe("proofs that must be proved", () => {
  test.each(["run-smoke", "run-spawn", "run-ungranted", "run-forge"])("%s on the direct path", (proof) => {
    const ran = tree.capos("prove", proof);
    expect(ran.stdout).toMatch(/^ +PROVED .*@direct\n +SUMMARY .* 1 proved\n$/u);
    expect(ran.status).toBe(0);
  });

  test("run-storage-persist on every boot path", () => {
    const ran = tree.capos("prove", "run-storage-persist", "--boot", "direct,bios,uefi");
    const proved = [...ran.stdout.matchAll(wholeRun)].map((m) => m[1]).toSorted();
    expect(proved, ran.stdout + ran.stderr).toEqual(
      ["bios", "direct", "uefi"].map((path) => `run-storage-persist@${path}`),
    );
    expect(ran.status).toBe(0);
  });

  test("a UEFI boot with a boot manifest of more than a MiB and two processors comes up clean", () => {
    const ran = tree.capos("prove", "run-crowd", "--boot", "uefi");
    tree.capos("build", "crowd", "--out", ".capos/crowd");
    expect(ran.stdout, ran.stderr).toMatch(/^ +PROVED .* run-crowd@uefi\n/u);
    expect(statSync(join(tree.root, ".capos/crowd/crowd.bin")).size).toBeGreaterThan(1 << 20);
  });

  test("two runs at once share nothing that they write", async () => {
    const children = [1, 2].map(() => tree.start("prove", "run-storage-persist"));
    const ends = await Promise.all(children.map((child) => once(child, "exit")));
    expect(ends).toEqual([
      [0, null],
      [0, null],
    ]);
  });

  test("a warm run starts no compiler and no CUE engine", () => {
    const { stdout } = tree.capos("prove", "run-storage-persist", "--reporter", "json");
    const events: { type: string; cached?: boolean }[] = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    const actions = events.filter((e) => e.type === "build-action");
    expect(actions.length).toBeGreaterThan(0);
    expect(actions.every((e) => e.cached === true)).toBe(true);
    expect(events.filter((e) => e.type === "build-progress")).toEqual([]);
  });
});

describe("proofs that must not be proved", () => {
  test("one changed word of one landmark is refuted and its near miss named", () => {
    const file = "proofs/run-storage-persist.cue";
    const before = tree.read(file);
    tree.edit(file, (text) => text.replace("[store-client] committed", "[store-client] comitted"));
    const ran = tree.capos("prove", "run-storage-persist");
    tree.write(file, before);
    expect(ran.status).toBe(1);
    expect(ran.stdout).toMatch(/^ +REFUTED /u);
    expect(ran.stdout).toContain("[store-client] comitted");
    expect(ran.stdout).toContain("[store-client] committed");
    expect(ran.stdout).toContain("again:     capos prove run-storage-persist --boot direct");
  });

  test("a wrong object on the second boot is refuted by the equality of captures", () => {
    const ran = tree.capos("prove", "run-wrong-object");
    expect(ran.stdout).toMatch(
      /^ +REFUTED .*`read-back\.got\.digest` is [0-9a-f]{64}, but `store\.put\.digest` is [0-9a-f]{64}\n/u,
    );
    expect(ran.status).toBe(1);
  });

  test("a guest that stops printing makes no progress, at the budget of what it awaits", () => {
    const ran = tree.capos("prove", "run-hang");
    // Its landmark has two seconds; every other budget of the proof is longer.
    expect(ran.stdout).toMatch(/^ +NO-PROGRESS .*`back` did not come within 2 s/u);
    expect(ran.status).toBe(1);
  });

  test("a guest that spins makes no progress either", () => {
    const ran = tree.capos("prove", "run-spin");
    expect(ran.stdout).toMatch(/^ +NO-PROGRESS /u);
    expect(ran.status).toBe(1);
  });

  test("a kernel that panics has died", () => {
    const ran = tree.capos("prove", "run-old-processor", "--reporter", "json");
    const events: { type: string; verdict?: string; cause?: string }[] = ran.stdout
      .trim()
      .split("\n")
      .map((l) => JSON.parse(l));
    expect(events.find((e) => e.type === "case-finished")).toMatchObject({ verdict: "guest-died" });
    expect(ran.status).toBe(1);
  });
});

describe("a run that is stopped", () => {
  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("%s in mid-boot leaves nothing and exits with %i", async (signal, status) => {
    const child = tree.start("prove", "run-hang", "--reporter", "json");
    await seen(child.stdout, '"type":"banner"');
    child.kill(signal);
    expect(await once(child, "exit")).toEqual([status, null]);
    expect(tree.leftovers()).toEqual([]);
  });

  test("SIGKILL of the tool in mid-boot leaves no process and no lock", async () => {
    const child = tree.start("prove", "run-hang", "--reporter", "json");
    await seen(child.stdout, '"type":"banner"');
    child.kill("SIGKILL");
    await once(child, "exit");
    await until(() => tree.leftovers().length === 0);
    expect(tree.leftovers()).toEqual([]);
    const after = tree.capos("prove", "run-smoke");
    expect(after.status, after.stdout + after.stderr).toBe(0);
  });

  test("its evidence is a start without an end", () => {
    const runs = runsOf(tree.root).map((run) => join(tree.root, ".capos/runs", run, "run-hang@direct"));
    const killed = runs.filter(
      (dir) => existsSync(join(dir, "started.json")) && !existsSync(join(dir, "verdict.json")),
    );
    expect(killed.length).toBe(1);
  });
});

/** Resolves when the text has been written; goes on reading, so that the writer never meets a closed pipe. */
function seen(stream: NodeJS.ReadableStream | null, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let all = "";
    stream?.on("data", (chunk) => {
      all += String(chunk);
      if (all.includes(text)) resolve();
    });
    stream?.on("end", () => reject(new Error(`ended without ${text}: ${all}`)));
  });
}
