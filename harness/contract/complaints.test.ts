import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import table from "./complaints.json" with { type: "json" };
import { readCorpus } from "./corpus.ts";
import { judgeStored } from "./run.ts";

/**
 * What users of other proof runners complain of, in sixteen kinds, and the tests that show it not happening here.
 * Complaints that a console can show are judged below, one test each; for the others `complaints.json` names tests of
 * other rooms, which must exist under these names. Adding one is adding a line there.
 */
interface Complaint {
  readonly complaint: string;
  /** Cases of the corpus. */
  readonly cases?: readonly string[];
  /** Titles of tests, by the file in which they stand. */
  readonly tests: Readonly<Record<string, readonly string[]>>;
}

const root = join(import.meta.dirname, "../..");
const complaints = Object.entries<Complaint>(table);
const corpus = new Map(readCorpus(join(import.meta.dirname, "corpus")).map((c) => [c.name, c]));

describe.each(complaints)("complaint %s", (_, { complaint, cases = [], tests }) => {
  it.each(cases)(`${complaint}: %s`, (name) => {
    const one = corpus.get(name);
    if (one === undefined) throw new Error(`there is no case ${name} in the corpus`);
    const { verdict, kind, cause } = judgeStored(one.proof, one.boots);
    expect({ verdict, kind }).toEqual({ verdict: one.expect.verdict, kind: one.expect.kind });
    expect(cause).toContain(one.expect.cause ?? "");
  });

  it.each(Object.entries(tests))(`${complaint}: %s shows the rest`, (file, titles) => {
    const path = join(root, file);
    expect(existsSync(path), `${file} is not there`).toBe(true);
    const source = readFileSync(path, "utf8");
    for (const title of titles) expect(source).toContain(`"${title}"`);
  });
});

it("all sixteen kinds have at least one test", () => {
  expect(complaints.map(([number]) => Number(number))).toEqual(Array.from({ length: 16 }, (_, i) => i + 1));
  for (const [, { tests }] of complaints) expect(Object.values(tests).flat()).not.toEqual([]);
});

it("every case of the corpus that names a complaint is one that exists", () => {
  for (const { title } of corpus.values()) {
    const number = /\(complaint (\d+)/u.exec(title)?.[1];
    if (number !== undefined) expect(Object.keys(table)).toContain(number);
  }
});
