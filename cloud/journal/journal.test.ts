import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { must, testRun, testScope } from "../testing.ts";
import type { ResourceRef } from "../types.ts";
import { createJournal, type Journal, journalPath, listJournals, resumeJournal } from "./journal.ts";
import { lineOf, noPrevious, readLines } from "./lines.ts";
import type { JournalRecord } from "./records.ts";
import { replay } from "./state.ts";

const run = testRun;
const begin: JournalRecord = {
  type: "begin",
  run,
  proof: "run-smoke",
  scope: testScope,
  createdUnix: 1_769_860_800,
  expiresUnix: 1_769_864_400,
};
const image: ResourceRef = { kind: "image", name: `capos-${run}` };
const creating: JournalRecord = { type: "intent", intent: "create", ref: image, requestId: "r1" };

let folder = "";
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "capos-cloud-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function written(...records: readonly JournalRecord[]): void {
  const journal: Journal = must(createJournal(folder, run));
  for (const record of records) must(journal.write(record));
  journal.close();
}

describe("a journal", () => {
  test("is taken up where it ended", () => {
    written(begin, creating);
    const journal = must(resumeJournal(folder, run));
    expect(journal.state()).toEqual({
      begin,
      resources: [{ ref: image, is: "maybe", requestId: "r1" }],
      ended: false,
      count: 2,
    });
    must(journal.write({ type: "absent", ref: image }));
    journal.close();
    expect(must(resumeJournal(folder, run)).state().resources).toEqual([{ ref: image, is: "absent" }]);
    expect(listJournals(folder)).toEqual([run]);
  });

  test("belongs to one process at a time, and to one run", () => {
    const journal = must(createJournal(folder, run));
    expect(resumeJournal(folder, run).ok).toBe(false);
    journal.close();
    expect(createJournal(folder, run).ok).toBe(false);
    const unknown = resumeJournal(folder, "1769860800-ffff");
    expect(unknown.ok ? "" : unknown.error[0]?.code).toBe("CAPOS_CLOUD_RUN_UNKNOWN");
  });

  test.each([
    ["died", { pid: 4_194_305, started: "1" }],
    ["died, and whose number is another's now", { pid: process.pid, started: "1" }],
  ])("C5: is taken over from a process that %s", (_, owner) => {
    written(begin, creating);
    writeFileSync(`${journalPath(folder, run)}.lock`, JSON.stringify(owner));
    must(resumeJournal(folder, run)).close();
  });

  test("whose last line is torn is the journal before it: that call was never sent", () => {
    written(begin, creating);
    const whole = readFileSync(journalPath(folder, run), "utf8");
    appendFileSync(journalPath(folder, run), '{"previous":"');
    const journal = must(resumeJournal(folder, run));
    must(journal.write({ type: "absent", ref: image }));
    journal.close();
    expect(readFileSync(journalPath(folder, run), "utf8").startsWith(whole)).toBe(true);
    expect(must(resumeJournal(folder, run)).state().resources).toEqual([{ ref: image, is: "absent" }]);
  });

  test("that was changed, cut in the middle or mixed with another is not trusted", () => {
    written(begin, creating, { type: "absent", ref: image });
    const lines = readFileSync(journalPath(folder, run), "utf8").split("\n");
    const spoiled = [
      [lines[0], lines[2], ""],
      [lines[0], lines[1]?.replace("r1", "r2"), lines[2], ""],
      [lines[0], lines[0], lines[1], ""],
      [lines[1], lines[2], ""],
      [` ${lines[0] ?? ""}`, lines[1], ""],
    ];
    for (const [i, text] of spoiled.entries()) {
      writeFileSync(journalPath(folder, run), text.join("\n"));
      const resumed = resumeJournal(folder, run);
      expect([i, resumed.ok ? "" : resumed.error[0]?.code]).toEqual([i, "CAPOS_CLOUD_JOURNAL"]);
    }
  });
});

const refs: readonly ResourceRef[] = [
  image,
  { kind: "object", name: `capos/${run}/disk.tar.gz`, bucket: "example-bucket" },
  { kind: "instance", name: `capos-${run}`, zone: "europe-west1-b" },
];
const anyRecord: fc.Arbitrary<JournalRecord> = fc.oneof(
  fc.record({
    type: fc.constant("intent" as const),
    intent: fc.constantFrom("create" as const, "delete" as const, "stop" as const),
    ref: fc.constantFrom(...refs),
    requestId: fc.uuid(),
  }),
  fc.record(
    {
      type: fc.constant("outcome" as const),
      intent: fc.constantFrom("create" as const, "delete" as const),
      ref: fc.constantFrom(...refs),
      result: fc.constantFrom("done" as const, "failed" as const, "unknown" as const),
      id: fc.string(),
      detail: fc.string({ unit: "binary" }),
    },
    { requiredKeys: ["type", "intent", "ref", "result"] },
  ),
  fc.record({ type: fc.constant("absent" as const), ref: fc.constantFrom(...refs) }),
);

describe("any journal", () => {
  test("is read back as it was written, and any prefix in bytes is a journal of its whole lines", () => {
    fc.assert(
      fc.property(fc.array(anyRecord, { maxLength: 12 }), fc.nat(), (more, cut) => {
        const records = [begin, ...more];
        let text = "";
        let previous = noPrevious;
        for (const [i, record] of records.entries()) {
          const line = lineOf(record, i, previous);
          text += `${line}\n`;
          const soFar = readLines(text);
          if ("fault" in soFar) throw new Error(soFar.fault);
          previous = soFar.last;
        }
        const bytes = Buffer.from(text);
        const part = bytes.subarray(0, cut % (bytes.length + 1)).toString("utf8");
        const read = readLines(part);
        if ("fault" in read) throw new Error(read.fault);
        expect(read.records).toEqual(records.slice(0, read.records.length));
        expect(read.bytes).toBe(Buffer.byteLength(part.slice(0, part.lastIndexOf("\n") + 1)));
      }),
    );
  });

  test("never says absent of what may be there", () => {
    fc.assert(
      fc.property(fc.array(anyRecord, { maxLength: 20 }), (more) => {
        for (const state of replay([begin, ...more]).resources) {
          const own = more.filter((r) => "ref" in r && r.ref === state.ref);
          const created = own.findLastIndex(
            (r) => (r.type === "intent" || r.type === "outcome") && r.intent === "create" && !isFailed(r),
          );
          const gone = own.findLastIndex((r) => r.type === "absent" || isFailed(r));
          if (created > gone) expect(state.is).not.toBe("absent");
        }
      }),
    );
  });
});

function isFailed(record: JournalRecord): boolean {
  return record.type === "outcome" && record.intent === "create" && record.result === "failed";
}
