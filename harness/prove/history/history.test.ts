import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildSync } from "esbuild";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { expectedFrom, median } from "./durations.ts";
import { appendHistory, newestWith, readHistory } from "./file.ts";
import { readGivenHistory } from "./given.ts";
import { flakeIn, noteFlake, readFlakes } from "./flakes.ts";
import { type HistoryRecord, parseRecord } from "./record.ts";

const root = mkdtempSync(join(tmpdir(), "capos-history-"));
afterAll(() => rmSync(root, { recursive: true }));
let files = 0;
const newFile = (): string => join(root, `${++files}`, "history.jsonl");

function record(more: Partial<HistoryRecord> = {}): HistoryRecord {
  return {
    v: 1,
    at: "2026-01-31T12:00:00.000Z",
    run: "1800000000-0001",
    case: "run-a@direct",
    attempt: 1,
    verdict: "proved",
    cause: "",
    ms: 100,
    guestMs: 80,
    cpuMs: 70,
    digest: "d1",
    accelerator: "tcg",
    under: "u1",
    ...more,
  };
}

describe("the history", () => {
  test("gives back what was put in, oldest first, each once", () => {
    const file = newFile();
    const later = record({ at: "2026-01-31T12:00:01.000Z", run: "1800000001-0001" });
    for (const r of [later, record(), later]) appendHistory(file, r);
    expect(readHistory(file)).toEqual([record(), later]);
    expect(readHistory(newFile())).toEqual([]);
  });

  test("leaves out the torn line of a killed run and whatever else is no record", () => {
    const file = newFile();
    appendHistory(file, record());
    appendFileSync(file, `{"v":2}\n\n[1]\nnull\n${JSON.stringify(record()).slice(0, 40)}`);
    expect(readHistory(file)).toEqual([record()]);
    const noRecord = (line: string): boolean => parseRecord(line) === undefined;
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), noRecord));
  });

  test("that somebody names is refused at the first line that is none", () => {
    const file = newFile();
    appendHistory(file, record());
    appendFileSync(file, JSON.stringify(record()).slice(0, 40));
    expect(readGivenHistory(file)).toEqual({ ok: true, value: [record()] });
    appendFileSync(file, "\n");
    expect(readGivenHistory(file)).toMatchObject({
      error: [{ code: "CAPOS_PROVE_HISTORY_LINE", span: { file, line: 2, col: 1 } }],
    });
    expect(readGivenHistory(root)).toMatchObject({ error: [{ code: "CAPOS_PROVE_HISTORY" }] });
    const noHistory = (text: string): boolean => {
      writeFileSync(file, text);
      return text.trim() === "" || !readGivenHistory(file).ok;
    };
    fc.assert(fc.property(fc.oneof(fc.string({ minLength: 1 }), fc.json()), noHistory), { numRuns: 50 });
  });

  test("is bounded, and keeps the newest", () => {
    const file = newFile();
    for (let i = 0; i < 100; i++) appendHistory(file, record({ run: `run-${i}` }), 4_000);
    expect(statSync(file, { throwIfNoEntry: false })?.size ?? 0).toBeLessThan(4_500);
    expect(statSync(`${file}.old`).size).toBeLessThan(4_500);
    expect(readHistory(file).at(-1)?.run).toBe("run-99");
  });

  test("finds the newest records of an input first, in both files", () => {
    const file = newFile();
    for (let i = 0; i < 30; i++)
      appendHistory(file, record({ run: `run-${i}`, digest: `d${i % 2}.` }), 4_000);
    const found = [...newestWith(file, "d1.")].map((r) => r.run);
    expect(found.slice(0, 3)).toEqual(["run-29", "run-27", "run-25"]);
    expect(found.length).toBe(readHistory(file).filter((r) => r.digest === "d1.").length);
  });

  test("loses nothing of runs at once, also while it is set aside", async () => {
    const file = newFile();
    const tool = join(root, "writer.mjs");
    buildSync({
      stdin: {
        contents: `import { appendHistory } from "./file.ts";
          const [, , file, name, record] = process.argv;
          for (let i = 0; i < 200; i++) appendHistory(file, { ...JSON.parse(record), run: name + i }, 80_000);`,
        resolveDir: import.meta.dirname,
        loader: "ts",
      },
      bundle: true,
      platform: "node",
      format: "esm",
      outfile: tool,
    });
    const writers = ["a", "b", "c"].map((name) =>
      spawn(process.execPath, [tool, file, name, JSON.stringify(record())], { stdio: "ignore" }),
    );
    await Promise.all(writers.map((w) => once(w, "exit")));
    // 600 records of 200 bytes: set aside once, and not twice.
    expect(statSync(`${file}.old`).size).toBeGreaterThan(0);
    expect(new Set(readHistory(file).map((r) => r.run)).size).toBe(600);
  });
});

describe("what a case is expected to take", () => {
  test("is the median of its newest proved runs", () => {
    const runs = [900, 10, 20, 30, 40, 50].map((ms) => record({ ms }));
    const expected = expectedFrom([...runs, record({ ms: 9_999, verdict: "no-progress" })]);
    expect(expected("run-a@direct")).toEqual({ ms: 30, measured: true, load: 70 / 80 });
  });

  test("is that of failed runs where it was never proved, and the median of the others where it never ran", () => {
    const failed = record({ case: "run-b@direct", ms: 500, verdict: "refuted" });
    const expected = expectedFrom([record(), failed]);
    expect(expected("run-b@direct").ms).toBe(500);
    expect(expected("run-new@direct")).toEqual({ ms: 300, measured: false });
    expect(expectedFrom([])("run-new@direct").measured).toBe(false);
  });

  test("counts the largest load: a loaded host shows less than a guest would take", () => {
    const expected = expectedFrom([record({ cpuMs: 78 }), record({ cpuMs: 8 })]);
    expect(expected("run-a@direct").load).toBe(78 / 80);
  });

  test("medians", () => {
    expect([median([]), median([3]), median([4, 1]), median([9, 1, 2])]).toEqual([0, 3, 2.5, 2]);
  });
});

describe("a flake", () => {
  const failed = record({ run: "r1", verdict: "no-progress", cause: "slow" });
  const passed = record({ run: "r2", at: "2026-01-31T12:00:05.000Z" });

  test("is a pass of the same inputs behind a failure, also within a run", () => {
    expect(flakeIn([failed], passed)).toMatchObject({
      failed: { run: "r1", verdict: "no-progress", cause: "slow" },
      passed: { run: "r2" },
    });
    expect(flakeIn([failed], { ...passed, run: "r1", attempt: 2 })).toBeDefined();
  });

  test("is none behind a pass, nor of other inputs, another case or another accelerator", () => {
    expect(flakeIn([passed, failed], { ...passed, run: "r3" })).toBeUndefined();
    for (const other of [{ digest: "d2" }, { case: "run-b@direct" }, { accelerator: "kvm" }])
      expect(flakeIn([{ ...failed, ...other }], passed)).toBeUndefined();
    expect(flakeIn([failed], { ...passed, verdict: "refuted" })).toBeUndefined();
    expect(flakeIn([{ ...failed, digest: "" }], { ...passed, digest: "" })).toBeUndefined();
  });

  test("is counted once for each failure, from a history that other runs have written", () => {
    const file = newFile();
    const home = join(root, "flaky");
    const pass = (run: string): void => {
      const now = record({ run });
      noteFlake(home, file, now);
      appendHistory(file, now);
    };
    appendHistory(file, failed);
    pass("r2");
    pass("r3");
    appendHistory(file, { ...failed, run: "r4", verdict: "host-error" });
    pass("r5");
    expect(readFlakes(home).map((f) => [f.failed.run, f.passed.run])).toEqual([
      ["r1", "r2"],
      ["r4", "r5"],
    ]);
    writeFileSync(join(home, ".capos/flakes.jsonl"), "{}\nx\n", { flag: "a" });
    expect(readFlakes(home).length).toBe(2);
    expect(readFileSync(join(home, ".capos/flakes.jsonl"), "utf8").split("\n").length).toBeGreaterThan(2);
  });
});
