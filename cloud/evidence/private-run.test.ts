import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sha256 } from "../../harness/base/index.ts";
import { lineOf, noPrevious, readLines } from "../journal/lines.ts";
import type { JournalRecord } from "../journal/records.ts";
import { diskFile, storedRecords, testRun, testScope } from "../testing.ts";
import { ingressPlan } from "./ingress.ts";
import { type CloudRecords, privateRunFaults } from "./private-run.ts";

let good: CloudRecords = { journal: "", requests: "", teardown: "" };
/** All that a run has stored, for looking for what must not be there. */
let stored = "";
const given = diskFile();

beforeAll(async () => {
  ({ records: good, all: stored } = await storedRecords(given.make()));
});
afterAll(() => given.remove());

const edit = (what: keyof CloudRecords, from: string | RegExp, to: string): readonly string[] => {
  const changed = { ...good, [what]: good[what].replace(from, to) };
  expect(changed[what]).not.toBe(good[what]);
  return privateRunFaults(testRun, changed);
};

const recordsIn = (journal: string): readonly JournalRecord[] => {
  const read = readLines(journal);
  return "fault" in read ? fail() : read.records;
};
/** A journal that is whole, whatever it tells. */
const journalOf = (records: readonly JournalRecord[]): string => {
  let [text, previous] = ["", noPrevious];
  for (const [seq, record] of records.entries()) {
    const line = lineOf(record, seq, previous);
    text += `${line}\n`;
    previous = sha256(line);
  }
  return text;
};
const fail = (): never => {
  throw new Error("the records are not as they were written");
};

describe("the records of a private run", () => {
  test("are in order as they were written", () => {
    expect(privateRunFaults(testRun, good)).toEqual([]);
  });

  test("E7: hold no token, no upload's address and no path of this host", () => {
    expect(stored.length).toBeGreaterThan(5000);
    for (const secret of ["very-secret", "Bearer", "authorization", import.meta.dirname, "/tmp/"]) {
      expect(stored).not.toContain(secret);
    }
    expect([...stored.matchAll(/upload_id=([^&"]*)/gu)].every(([, id]) => id === "hidden")).toBe(true);
  });

  test("E5: are of one run, whole and in their order", () => {
    expect(privateRunFaults("1769860800-ffff", good)).toEqual([`the journal is of the run ${testRun}`]);
    expect(edit("teardown", testRun, "1769860800-ffff")).toHaveLength(1);
    expect(edit("journal", '"done"', '"fine"')[0]).toContain("the line is no record");
    expect(edit("journal", '"outcome"', '"outcome" ')[0]).toContain("canonical");
    expect(edit("journal", /\n[^\n]*\n$/u, "\n")[0]).toContain("was not seen to be gone");
    expect(edit("journal", /\n$/u, "")).toEqual(["the journal ends in half a line"]);
    const lines = good.requests.split("\n");
    const swapped = [lines[1], lines[0], ...lines.slice(2)].join("\n");
    expect(privateRunFaults(testRun, { ...good, requests: swapped })[0]).toContain("number 1");
    expect(edit("requests", /\n[^\n]*\n$/u, "\n")).toHaveLength(1);
  });

  test("have each change behind its intent, and in the journal's order", () => {
    // The request for the image left before the journal had more than its beginning.
    expect(
      edit(
        "requests",
        /("journal":)\d+(,"method":"POST","ms":\d+,"path":"[^"]*\/global\/images\?)/u,
        "$11$2",
      ),
    ).toEqual([expect.stringMatching(/^request \d+: it left before its intent was in the journal$/u)]);
    const without = (keep: (record: JournalRecord) => boolean): readonly string[] =>
      privateRunFaults(testRun, { ...good, journal: journalOf(recordsIn(good.journal).filter(keep)) });
    const faults = without((r) => !(r.type === "intent" && r.intent === "create" && r.ref.kind === "image"));
    expect(faults).toContainEqual(expect.stringMatching(/^request \d+: the journal has no intent of it$/u));
    expect(faults).toContainEqual(expect.stringContaining("nothing was sent for image"));
    // The order of two intents alone; when each left is not told by an older log.
    const [old, records] = [good.requests.replaceAll(/"journal":\d+,/gu, ""), [...recordsIn(good.journal)]];
    const at = (what: string): number =>
      records.findIndex((r) => r.type === "intent" && r.intent === "delete" && r.ref.kind === what);
    expect(privateRunFaults(testRun, { ...good, requests: old })).toEqual([]);
    const [image, instance] = [at("image"), at("instance")];
    const swapped = privateRunFaults(testRun, {
      ...good,
      requests: old,
      journal: journalOf(
        records.map((r, i) => records[i === image ? instance : i === instance ? image : i] ?? r),
      ),
    });
    expect(swapped).toContainEqual(expect.stringContaining("the journal has it in another order"));
  });

  test("show by a look behind the last change that each thing is missing", () => {
    const last =
      /("path":"[^"]*\/global\/images\/capos-[^"]*",(?:"reason":"\w+",)?"seq":\d+,"status":)404(?![^]*\/global\/images\/capos)/u;
    expect(edit("requests", last, "$1200")).toEqual([
      `image capos-${testRun} was not looked for, and found missing, in the end`,
    ]);
  });

  test("E6: show that nothing is left", () => {
    expect(edit("teardown", '"empty": true', '"empty": false')).toHaveLength(1);
    expect(edit("teardown", '"unlisted": []', '"unlisted": ["disk"]')).toHaveLength(1);
    expect(edit("teardown", "{", "")).toEqual(["the teardown's record is no JSON"]);
  });

  test.each([
    ["a public address", '\\"networkInterfaces\\":[{', '\\"networkInterfaces\\":[{\\"accessConfigs\\":[],'],
    ["a bigger machine", "machineTypes/e2-small", "machineTypes/n2-standard-64"],
    ["no limit of its time", '\\"automaticRestart\\":false', '\\"automaticRestart\\":true'],
    ["another project", "/projects/example-project/zones", "/projects/other-project/zones"],
    ["a firewall rule", "/global/images?requestId", "/global/firewalls?requestId"],
    ["another service", "/compute/v1", "/dns/v1"],
  ])("hold no request for %s", (_, from, to) => {
    expect(edit("requests", from, to).join("; ")).toMatch(/^request \d+: /u);
  });
});

test("public ingress is planned, and no request of the plan could leave", () => {
  const { calls, hold } = ingressPlan(testRun, testScope);
  expect(hold.length).toBe(3);
  const lines = good.requests.trimEnd().split("\n");
  for (const { method, path } of calls.filter((c) => !c.path.endsWith("/instances"))) {
    const extra = { seq: lines.length, at: "2099-01-01T00:00:00.000Z", method, path, ms: 1, status: 200 };
    const requests = `${good.requests}${JSON.stringify(extra)}\n`;
    expect(privateRunFaults(testRun, { ...good, requests })[0], path).toContain("not on the list");
  }
});
