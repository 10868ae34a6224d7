import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { buildInProject, type ScratchTree, scratchTree, until } from "./testing.ts";

const hasGdb = spawnSync("gdb", ["--version"]).status === 0;
let tree: ScratchTree;
beforeAll(() => {
  buildInProject("storage-persist", "hang", "smoke");
  tree = scratchTree();
}, 600_000);
afterEach(() => {
  expect(tree.leftovers()).toEqual([]);
  const sockets = readdirSync(join(tree.root, ".capos/runs"), { recursive: true }).filter((n) =>
    /gdb-[^/]*$/u.test(String(n)),
  );
  expect(sockets).toEqual([]);
});
afterAll(() => tree.dispose());

/** These guests end a moment behind a landmark: a busy host may hear of it too late, and then says so. */
function debug(...words: readonly string[]): ReturnType<ScratchTree["capos"]> {
  for (let left = 9; ; left--) {
    const ran = tree.capos("debug", ...words);
    if (left === 0 || !ran.stderr.includes("error[CAPOS_DEBUG_MISSED]")) return ran;
  }
}

test.runIf(hasGdb)("gdb starts at the kernel's entry, or where a landmark has been printed", () => {
  const entry = tree.capos("debug", "run-smoke", "--exec", "backtrace");
  expect(entry.stdout, entry.stderr).toMatch(/^#0 +rust_entry \(\)/mu);
  expect(entry.status).toBe(0);
  const landmark = debug("run-smoke", "--at", "hello", "--exec", "info registers rip");
  expect(landmark.stdout, landmark.stderr).toMatch(/^rip +0x/mu);
  expect(landmark.status).toBe(0);
});

test.runIf(hasGdb)("a later boot is reached through those before it", () => {
  const words = [
    "--boot",
    "read-back",
    "--at",
    "mounted",
    "--exec",
    "symbols-store",
    "--exec",
    "info threads",
  ];
  const ran = debug("run-storage-persist", ...words);
  expect(ran.stdout, ran.stderr).toContain("Thread 1");
  expect(ran.stderr).toContain("run-storage-persist@direct read-back");
  expect(ran.status).toBe(0);
});

test.runIf(hasGdb)("a boot that fails before the landmark is shown where it failed", () => {
  const ran = tree.capos("debug", "run-hang", "--at", "back", "--exec", "backtrace");
  expect(ran.stdout, ran.stderr).toMatch(/^#0 /mu);
});

test("without a terminal the command to attach is printed, and the end of the input ends the machine", () => {
  const ran = debug("run-smoke", "--at", "banner");
  expect(ran.stdout).toMatch(
    /^run-smoke@direct smoke, behind its banner\ngdb -q .* -ex 'target remote \.capos\/runs\//u,
  );
  expect(ran.status).toBe(0);
});

test("a landmark that no boot has is refused with the nearest", () => {
  const ran = tree.capos("debug", "run-smoke", "--at", "helo");
  expect(ran.stderr).toMatch(/^error\[CAPOS_DEBUG_UNKNOWN\]: .*\n +next: did you mean hello\?/u);
  expect(ran.status).toBe(2);
  expect(tree.capos("debug", "run-smoke", "--boot", "smok").stderr).toContain("did you mean smoke?");
});

test("a debugger that is not there is named", () => {
  for (const exec of [["--exec", "bt"], []]) {
    const ran = tree.capos("debug", "run-smoke", "--debugger", "no-such-gdb", ...exec);
    expect(ran.stderr).toContain("error[CAPOS_TOOL_MISSING]: the debugger no-such-gdb is not installed");
    expect(ran.status).toBe(6);
  }
});

test.runIf(hasGdb)("Ctrl-C ends the machine that somebody could attach to", async () => {
  const there = join(tree.root, "debugger-is-there");
  const child = tree.start(
    "debug",
    "run-hang",
    "--at",
    "quiet",
    "--exec",
    `shell touch ${there}; sleep 1000`,
  );
  await until(() => existsSync(there));
  process.kill(-(child.pid ?? 0), "SIGINT");
  expect(await once(child, "exit")).toEqual([130, null]);
});
