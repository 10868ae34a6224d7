import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { startTicks } from "../evidence/layout.ts";
import { type OldRun, pruneNowAndThen, pruneRuns, runsToRemove } from "./prune.ts";

const minute = 60_000;
const now = 1_800_000_000_000;

function run(minutesAgo: number, more: Partial<OldRun> = {}): OldRun {
  const startedMs = now - minutesAgo * minute;
  return { run: `${startedMs}`, startedMs, going: false, failed: false, proved: [], bytes: 100, ...more };
}

const limits = { keep: 2, maxBytes: 1_000_000 };

function removed(runs: readonly OldRun[], of = limits): readonly number[] {
  return runsToRemove(runs, of, now).map((r) => (now - r.startedMs) / minute);
}

describe("old runs", () => {
  test("beyond the newest go; those with a failure stay twice as long", () => {
    const runs = [20, 30, 40, 50, 60, 70, 80].map((m) => run(m, { failed: m >= 40 }));
    expect(removed(runs)).toEqual([80]);
    expect(removed([20, 30, 40, 50].map((m) => run(m)))).toEqual([40, 50]);
  });

  test("stay when they hold the newest proof of a case, are going, or have hardly begun", () => {
    const proved = ["run-a@direct"];
    const runs = [
      run(1),
      run(2),
      run(3),
      run(20),
      run(30, { proved }),
      run(40, { proved }),
      run(50, { going: true }),
    ];
    expect(removed(runs)).toEqual([20, 40]);
  });

  test("go when all together take too much, the oldest first", () => {
    const runs = [20, 30, 40].map((m) => run(m, { bytes: 400 }));
    expect(removed(runs, { keep: 9, maxBytes: 800 })).toEqual([40]);
    expect(removed(runs, { keep: 9, maxBytes: 0 })).toEqual([20, 30, 40]);
  });

  test("never include what must stay, whatever the limits", () => {
    const any = fc.record({
      minutesAgo: fc.nat({ max: 500 }),
      going: fc.boolean(),
      failed: fc.boolean(),
      proved: fc.subarray(["a", "b", "c"]),
      bytes: fc.nat({ max: 1000 }),
    });
    fc.assert(
      fc.property(
        fc.array(any, { maxLength: 40 }),
        fc.nat({ max: 10 }),
        fc.nat({ max: 5000 }),
        (all, keep, maxBytes) => {
          const runs = all.map((r, i) => ({ ...run(r.minutesAgo, r), run: `${i}` }));
          const gone = new Set(runsToRemove(runs, { keep, maxBytes }, now));
          const left = runs.filter((r) => !gone.has(r));
          for (const r of runs) if (r.going || now - r.startedMs < 10 * minute) expect(left).toContain(r);
          for (const name of ["a", "b", "c"]) {
            const had = runs.some((r) => r.proved.includes(name));
            expect(left.some((r) => r.proved.includes(name))).toBe(had);
          }
        },
      ),
    );
  });
});

describe("on disk", () => {
  const root = mkdtempSync(join(tmpdir(), "capos-prune-"));
  afterAll(() => rmSync(root, { recursive: true }));
  const runs = join(root, ".capos/runs");
  const startedBy = (pid: number, ticks: string): string =>
    `{\n  "capos": "0",\n  "case": {\n    "id": "run-a@direct",\n    "path": "direct",\n    "proof": "run-a"\n  },\n  "run": "r",\n  "runner": {\n    "pid": ${pid},\n    "ticks": "${ticks}"\n  },\n  "startedAt": "2026-01-31T12:00:00.000Z",\n  "v": 1\n}\n`;
  const make = (
    name: string,
    verdict: string | undefined,
    runner: readonly [number, string] = [1, "0"],
  ): void => {
    const dir = join(runs, name, "run-a@direct");
    mkdirSync(dir, { recursive: true });
    writeFileSync(join(dir, "started.json"), startedBy(...runner));
    if (verdict !== undefined) writeFileSync(join(dir, "verdict.json"), `{\n  "verdict": "${verdict}"\n}\n`);
  };

  test("a run that goes on, the newest proof and strange folders stay; with dry everything does", async () => {
    const [first, second, third, fourth] = [1, 2, 3, 4].map((i) => `${now / 1000 - i * 3600}-000${i}`);
    make(first ?? "", "refuted");
    make(second ?? "", "proved");
    make(third ?? "", "proved");
    make(fourth ?? "", undefined, [process.pid, startTicks(process.pid) ?? ""]);
    mkdirSync(join(runs, "mine"), { recursive: true });
    const none = { keep: 0, maxBytes: 0 };
    const dry = await pruneRuns(root, none, now, true);
    expect(dry.removed.map((r) => r.run)).toEqual([first, third]);
    expect(readdirSync(runs).length).toBe(5);
    await pruneRuns(root, none, now);
    expect(readdirSync(runs).toSorted()).toEqual([fourth, second, "mine"]);
  });

  test("a debugger's port that nobody listens on goes, and one that somebody does stays", async () => {
    const dir = join(runs, `${now / 1000}-0009`);
    mkdirSync(dir, { recursive: true });
    const [dead, alive, above] = [join(dir, "gdb-a1-1"), join(dir, "gdb-b2-1"), join(runs, "gdb-replay-1")];
    for (const path of [dead, above]) {
      const bind = `require("node:net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`;
      spawnSync(process.execPath, ["-e", bind]);
      expect(existsSync(path)).toBe(true);
    }
    writeFileSync(join(dir, "gdb-notes"), "");
    const server = createServer().listen(alive);
    await once(server, "listening");
    try {
      await pruneRuns(root, { keep: 9, maxBytes: 1_000_000_000 }, now);
      expect(readdirSync(dir).toSorted()).toEqual(["gdb-b2-1", "gdb-notes"]);
      expect(existsSync(above)).toBe(false);
    } finally {
      server.close();
    }
  });

  test("a run looks after the others only now and then", async () => {
    await pruneNowAndThen(root, Date.now());
    expect(existsSync(join(root, ".capos/cache/pruned"))).toBe(true);
    expect(existsSync(join(root, ".capos/locks/prune"))).toBe(false);
  });
});
