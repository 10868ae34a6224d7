import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { buildInProject, runsOf, scratchTree, type ScratchTree, until } from "./testing.ts";

/** Recording and running again, looking into machines that failed: with real boots of our kernel. */
let tree: ScratchTree;
beforeAll(() => {
  buildInProject("storage-persist", "hang", "spin", "smoke");
  tree = scratchTree();
}, 600_000);
afterEach(() => expect(tree.leftovers()).toEqual([]));
afterAll(() => tree.dispose());

const hasGdb = spawnSync("gdb", ["--version"]).status === 0;

function lastRun(): string {
  return runsOf(tree.root).at(-1) ?? "";
}

/** Files of the last run's only case below a folder, by path. */
function filesOf(folder: string): readonly string[] {
  const run = join(tree.root, ".capos/runs", lastRun());
  const [name = ""] = readdirSync(run).filter((n) => n.includes("@"));
  return readdirSync(join(run, name, folder), { recursive: true }).map((n) =>
    join(run, name, folder, String(n)),
  );
}

describe("record and replay", () => {
  let run = "";

  test("a recorded proof prints the same bytes again, in both of its boots", () => {
    const proved = tree.capos("prove", "run-storage-persist", "--record");
    expect(proved.status, proved.stdout + proved.stderr).toBe(0);
    run = lastRun();
    const replayed = tree.capos("replay", run);
    expect(replayed.stdout, replayed.stderr).toMatch(
      /^same, all \d+ bytes: run-storage-persist@direct store\nsame, all \d+ bytes: run-storage-persist@direct read-back\n$/u,
    );
    expect(replayed.status).toBe(0);
  });

  test("what a replay writes stays out of the recording, so that it can be run as often as one likes", () => {
    expect(tree.capos("replay", run).status).toBe(0);
    const one = tree.capos("replay", run, "--boot", "read-back");
    expect(one.stdout).toMatch(/^same, all \d+ bytes: run-storage-persist@direct read-back\n$/u);
  });

  test.runIf(hasGdb)("a debugger goes backwards in it", () => {
    const words = [
      "hbreak kernel_main",
      "continue",
      "p/x $rip",
      "stepi",
      "p/x $rip",
      "reverse-stepi",
      "p/x $rip",
    ];
    const commands = [...words, "hbreak halt", "continue", "reverse-continue", "p/x $rip"];
    const ran = tree.capos("replay", run, "--gdb", ...commands.flatMap((c) => ["--exec", c]));
    const [first, stepped, back, again] = [...ran.stdout.matchAll(/^\$\d+ = (0x[0-9a-f]+)$/gmu)].map(
      (m) => m[1],
    );
    expect(first, ran.stdout + ran.stderr).toMatch(/^0xffffffff8/u);
    expect(stepped).not.toBe(first);
    expect(back, "one instruction back").toBe(first);
    expect(again, "back to the breakpoint before").toBe(first);
    expect(ran.status).toBe(0);
  });

  test("without a terminal it says how to attach, and ends with its input", () => {
    const ran = tree.capos("replay", run, "--gdb");
    expect(ran.stdout).toMatch(
      /before its first instruction\ngdb -q .*-ex 'target remote \.capos\/runs\/gdb-/u,
    );
    expect(ran.status).toBe(0);
  });

  test("a changed log is found before anything is started", () => {
    const [log = ""] = filesOf("recording").filter((f) => f.endsWith("1-store/replay.bin"));
    const sound = readFileSync(log);
    const changed = Buffer.from(sound);
    changed[sound.length >> 1]! ^= 1;
    writeFileSync(log, changed);
    const found = tree.capos("replay", run);
    expect(found.stderr).toMatch(/^error\[CAPOS_REPLAY_DAMAGED\]: .*1-store\/replay\.bin has been changed/u);
    expect(found.status).toBe(3);
    writeFileSync(log, sound);
    expect(tree.capos("replay", run).status).toBe(0);
  });

  test("a failure that was recorded can be run again", () => {
    expect(tree.capos("prove", "run-hang", "--record").status).toBe(1);
    const replayed = tree.capos("replay", lastRun());
    expect(replayed.stdout, replayed.stderr).toMatch(/^same, all \d+ bytes: run-hang@direct silence\n$/u);
  });

  test("a boot from a disk can be recorded under BIOS, and not under UEFI", () => {
    expect(tree.capos("prove", "run-smoke", "--boot", "bios", "--record").status).toBe(0);
    expect(tree.capos("replay", lastRun()).stdout).toMatch(/^same, all \d+ bytes: run-smoke@bios smoke\n$/u);
    const refused = tree.capos("prove", "run-smoke", "--boot", "uefi", "--record");
    expect(refused.stderr).toMatch(/^error\[CAPOS_RECORD_MACHINE\]: run-smoke@uefi: .*UEFI/u);
    expect(refused.stderr).toContain("proofs/run-smoke.cue:");
    expect(refused.status).toBe(2);
  });

  test("a run that nobody recorded is refused", () => {
    expect(tree.capos("replay", "nothing").stderr).toMatch(/^error\[CAPOS_REPLAY_NONE\]/u);
    tree.capos("prove", "run-smoke");
    const refused = tree.capos("replay", lastRun());
    expect(refused.stderr).toMatch(/^error\[CAPOS_REPLAY_NONE\]: no boot of \S+ was recorded/u);
    expect(refused.status).toBe(2);
  });

  test("Ctrl-C ends a replay that waits for a debugger, and nothing is left", async () => {
    const there = join(tree.root, "debugger-is-there");
    const child = tree.start("replay", run, "--gdb", "--exec", `shell touch ${there}; sleep 1000`);
    await until(() => existsSync(there));
    process.kill(-(child.pid ?? 0), "SIGINT");
    expect(await once(child, "exit")).toEqual([130, null]);
    expect(readdirSync(join(tree.root, ".capos/runs")).filter((n) => n.startsWith("gdb"))).toEqual([]);
  });
});

describe("freeze", () => {
  test.each([
    ["run-hang", "in the kernel, waiting for an interrupt", /capos_kernel::run::choose/u],
    ["run-spin", "in program hang", /_start/u],
  ])("%s stands still, and where it stands is written down", (proof, where, symbol) => {
    const ran = tree.capos("prove", proof, "--freeze");
    expect(ran.status).toBe(1);
    expect(ran.stderr).toContain(`processor 0: ${where}`);
    const files = new Map(filesOf("freeze").map((f) => [f.split("/").at(-1), f]));
    const text = (name: string): string => readFileSync(files.get(name) ?? "", "utf8");
    expect(text("backtrace.txt")).toMatch(symbol);
    expect(text("registers.txt")).toContain("RIP=");
    expect(text("memory.txt")).toContain("text: ");
    expect(text("frames.txt")).toMatch(/\d+ frames {2}kernel text/u);
    expect(
      readFileSync(files.get("frames.png") ?? "")
        .subarray(1, 4)
        .toString(),
    ).toBe("PNG");
    expect(
      readFileSync(files.get("memory.core") ?? "")
        .subarray(1, 4)
        .toString(),
    ).toBe("ELF");
    if (hasGdb) expect(text("gdb.txt")).toContain("Thread 1");
    expect(ran.stderr).not.toContain("not found out");
  });

  test("what was found is beside the evidence, not in it", () => {
    const run = join(tree.root, ".capos/runs", lastRun());
    const [name = ""] = readdirSync(run).filter((n) => n.includes("@"));
    const verdict = readFileSync(join(run, name, "verdict.json"), "utf8");
    expect(verdict).not.toContain("freeze");
    expect(readFileSync(join(run, name, "boots/1-silence/timeline.jsonl"), "utf8")).toContain(
      '"name":"freeze"',
    );
  });

  test("a proof that holds is not touched by it", () => {
    const ran = tree.capos("prove", "run-smoke", "--freeze");
    expect(ran.status).toBe(0);
  });
});
