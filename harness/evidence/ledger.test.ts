import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type LedgerFile, ledgerFile, ledgerHeads, packCase, readLedger, verifyLedger } from "./index.ts";
import { must, sampleJudge, temporaryFolder, writeSampleCase } from "./testing.ts";

let folder: ReturnType<typeof temporaryFolder>;
let first: LedgerFile;
let second: LedgerFile;

beforeEach(() => {
  folder = temporaryFolder();
  mkdirSync(join(folder.path, "tasks/evidence"), { recursive: true });
  mkdirSync(join(folder.path, "tasks/ledger"), { recursive: true });
  first = add([], "direct");
  second = add([first.digest], "bios");
});
afterEach(() => folder.remove());

function add(parents: readonly string[], path: "direct" | "bios"): LedgerFile {
  const packed = must(packCase(writeSampleCase(join(folder.path, `run${Math.random()}`), { path })));
  writeFileSync(join(folder.path, `tasks/evidence/${packed.digest}.tar`), packed.bytes);
  const entry = ledgerFile({ ...fixed, parents, bundle: packed.digest, path });
  writeFileSync(join(folder.path, entry.file), entry.text);
  return entry;
}

const fixed = {
  task: "sample",
  proof: "run-sample",
  verdict: "proved",
  commit: "c".repeat(40),
  minute: "2026-01-31T12:30Z",
  tool: "0.1.0",
} as const;

const claim = (entry: LedgerFile) => ({
  bundle: entry.entry.bundle,
  task: entry.entry.task,
  commit: entry.entry.commit,
  minute: entry.entry.minute,
  span: { file: "tasks/done/2026-01-31/sample.md", line: 9, col: 3 },
});
const verify = () => verifyLedger(folder.path, sampleJudge(), [claim(first), claim(second)]);
const places = () =>
  verify().problems.map((p) => `${p.code} ${p.span?.file.replace(/[0-9a-f]{60}/u, "…")}:${p.span?.line}`);
const edit = (change: (text: string) => string) =>
  writeFileSync(join(folder.path, first.file), change(readFileSync(join(folder.path, first.file), "utf8")));

describe("the ledger", () => {
  test("verifies, and knows its heads", () => {
    expect(verify().problems).toEqual([]);
    expect(verify().entries).toBe(2);
    expect(ledgerHeads(readLedger(folder.path))).toEqual([second.digest]);
  });

  test("has as many heads as branches, and one again after the next entry", () => {
    const branch = add([first.digest], "direct");
    const heads = ledgerHeads(readLedger(folder.path));
    expect(heads).toEqual([second.digest, branch.digest].toSorted());
    const merge = add(heads, "direct");
    expect(ledgerHeads(readLedger(folder.path))).toEqual([merge.digest]);
  });

  test("an absent one is empty", () => {
    expect(verifyLedger(join(folder.path, "nothing"), sampleJudge()).problems).toEqual([]);
  });

  test.each([
    ["proof", "run-sample", "run-simple"],
    ["path", "direct", "uefi"],
    ["verdict", "proved", "refuted"],
    ["tool", "0.1.0", "0.1.1"],
    ["task", '"sample"', '"simple"'],
    ["commit", "cccc", "cccd"],
    ["minute", "12:30", "12:31"],
  ])("names the line when %s was changed", (key, from, to) => {
    const line = first.text.split("\n").findIndex((l) => l.includes(`"${key}":`)) + 1;
    edit((text) => text.replace(from, to));
    const file = first.file.replace(/[0-9a-f]{60}/u, "…");
    expect(places()).toContain(`CAPOS_LEDGER_CHANGED ${file}:1`);
    expect(places()).toContain(`CAPOS_LEDGER_CHANGED ${file}:${line}`);
  });

  test("shows any changed byte of an entry", () => {
    for (let at = 0; at < first.text.length; at++) {
      const changed = Buffer.from(first.text);
      changed[at] = (changed[at] ?? 0) ^ 1;
      writeFileSync(join(folder.path, first.file), changed);
      const said = readLedger(folder.path).problems;
      if (!said.some((p) => p.span?.file === first.file)) throw new Error(`byte ${at} was not missed`);
    }
  });

  test("misses a removed entry, a removed bundle, and finds what nobody named", () => {
    rmSync(join(folder.path, first.file));
    expect(verify().problems.map((p) => p.code)).toEqual([
      "CAPOS_LEDGER_STRAY",
      "CAPOS_LEDGER_MISSING",
      "CAPOS_LEDGER_MISSING",
    ]);
    writeFileSync(join(folder.path, first.file), first.text);
    const bundle = join(folder.path, `tasks/evidence/${second.entry.bundle}.tar`);
    renameSync(bundle, `${bundle}.old`);
    expect(verify().problems.map((p) => p.code)).toEqual(["CAPOS_LEDGER_STRAY", "CAPOS_LEDGER_MISSING"]);
  });

  test("misses the last entry and its bundle when a record names them", () => {
    rmSync(join(folder.path, second.file));
    rmSync(join(folder.path, `tasks/evidence/${second.entry.bundle}.tar`));
    expect(places()).toEqual(["CAPOS_LEDGER_MISSING tasks/done/2026-01-31/sample.md:9"]);
  });
});
