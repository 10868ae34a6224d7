import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sha256 } from "../base/index.ts";
import { readBundle } from "./bundle.ts";
import { canonicalText } from "./canonical.ts";
import { packCase } from "./index.ts";
import { readCase } from "./stored-case.ts";
import { must, temporaryFolder, writeSampleCase } from "./testing.ts";

let folder: ReturnType<typeof temporaryFolder>;
let files: ReadonlyMap<string, Uint8Array>;
beforeAll(() => {
  folder = temporaryFolder();
  const packed = must(packCase(writeSampleCase(folder.path)));
  files = readBundle(packed.bytes, "b.tar", packed.digest).files;
});
afterAll(() => folder.remove());

/** The case with files replaced or taken away, under a seal that fits: forged, not damaged. */
function forged(changes: Readonly<Record<string, string | undefined>>): readonly string[] {
  const changed = new Map([...files].filter(([path]) => path !== "verdict.json"));
  for (const [path, text] of Object.entries(changes)) {
    if (path === "verdict.json") continue;
    if (text === undefined) changed.delete(path);
    else changed.set(path, Buffer.from(text));
  }
  const verdict = JSON.parse(changes["verdict.json"] ?? text("verdict.json"));
  const seal = [...changed].map(([path, bytes]) => [path, { bytes: bytes.length, sha256: sha256(bytes) }]);
  changed.set("verdict.json", Buffer.from(canonicalText({ ...verdict, files: Object.fromEntries(seal) })));
  const read = readCase(changed, (path) => path);
  if (read.ok) return [];
  return read.error.map(({ span, code }) => {
    if (span === undefined) return code;
    const line =
      Buffer.from(changed.get(span.file) ?? "")
        .toString()
        .split("\n")[span.line - 1] ?? "";
    return `${span.file}: ${line.trim().slice(0, 30)} ${code}`;
  });
}
function text(path: string): string {
  return Buffer.from(files.get(path) ?? "").toString("utf8");
}
const replaced = (path: string, from: string | RegExp, to: string) => {
  const after = text(path).replace(from, to);
  if (after === text(path)) throw new Error(`${path} has no ${from.toString()}`);
  return { [path]: after };
};
const zeros = "0".repeat(64);

describe("the statements of a case", () => {
  test("agree as they were written", () => {
    expect(forged({})).toEqual([]);
  });

  test.each<[string, () => Readonly<Record<string, string | undefined>>, string]>([
    [
      "a disk between boots",
      () => replaced("boots/2-read-back/disks.json", /"before": "\w+"/u, `"before": "${zeros}"`),
      'boots/2-read-back/disks.json: "before": "0000000000000000000 CAPOS_EVIDENCE_INCONSISTENT',
    ],
    [
      "the system that booted",
      () => replaced("boots/1-store/boot.json", /"systemDigest": "\w+"/u, `"systemDigest": "${zeros}"`),
      'boots/1-store/boot.json: "systemDigest": "0000000000000 CAPOS_EVIDENCE_INCONSISTENT',
    ],
    [
      "the number of a boot",
      () => replaced("boots/2-read-back/boot.json", '"index": 2', '"index": 1'),
      'boots/2-read-back/boot.json: "index": 1, CAPOS_EVIDENCE_INCONSISTENT',
    ],
    [
      "a verdict and its judgement",
      () =>
        replaced(
          "judgement.json",
          /"proved"(?=,\n {2}")|"verdict": "proved"\n\}/u,
          '"verdict": "refuted"\n}',
        ),
      'verdict.json: "verdict": "proved" CAPOS_EVIDENCE_INCONSISTENT',
    ],
    [
      "the freshness",
      () => replaced("verdict.json", '"echoed"', '"by-construction"'),
      'verdict.json: "freshness": "by-construction" CAPOS_EVIDENCE_INCONSISTENT',
    ],
    [
      "the proof",
      () => replaced("started.json", '"proof": "run-sample"', '"proof": "run-simple"'),
      'started.json: "proof": "run-simple" CAPOS_EVIDENCE_INCONSISTENT',
    ],
    [
      "the declared inputs",
      () => replaced("inputs.json", /"digest": "\w+",\n {4}"parts"/u, `"digest": "${zeros}",\n    "parts"`),
      'inputs.json: "digest": "0000000000000000000 CAPOS_EVIDENCE_INCONSISTENT',
    ],
    ["a file that has no place", () => ({ "boots/1-store/notes.json": "{}\n" }), "CAPOS_EVIDENCE_FORMAT"],
    ["a file that is missing", () => ({ "boots/1-store/disks.json": undefined }), "CAPOS_EVIDENCE_MISSING"],
    [
      "a field that nobody knows",
      () => replaced("judgement.json", '"v": 1', '"v": 1,\n  "w": 2'),
      'judgement.json: "w": 2, CAPOS_EVIDENCE_FORMAT',
    ],
    [
      "a version that nobody knows",
      () => replaced("boots/1-store/disks.json", '"v": 1', '"v": 2'),
      'boots/1-store/disks.json: "v": 2 CAPOS_EVIDENCE_FORMAT',
    ],
    [
      "JSON in another form",
      () => replaced("boots/1-store/disks.json", '"v": 1', '"v":  1'),
      'boots/1-store/disks.json: "v":  1 CAPOS_EVIDENCE_FORMAT',
    ],
    [
      "no JSON",
      () => replaced("judgement.json", '"captures": {', '"captures": '),
      'judgement.json: "size": "4096" CAPOS_EVIDENCE_FORMAT',
    ],
    [
      "a time index in another form",
      () => replaced("boots/1-store/timeline.jsonl", '"wallMs":2', '"wallMs":2.0'),
      'boots/1-store/timeline.jsonl: {"at":{"cpuMs":1,"wallMs":2.0} CAPOS_EVIDENCE_FORMAT',
    ],
    [
      "bytes without a time",
      () => replaced("boots/1-store/timeline.jsonl", /.*\n/u, ""),
      'boots/1-store/timeline.jsonl: {"at":{"cpuMs":2,"wallMs":3}," CAPOS_EVIDENCE_FORMAT',
    ],
    [
      "a time without bytes",
      () => replaced("boots/1-store/timeline.jsonl", /"length":\d+/u, '"length":9999'),
      'boots/1-store/timeline.jsonl: {"at":{"cpuMs":0.5,"wallMs":1} CAPOS_EVIDENCE_FORMAT',
    ],
    [
      "half a line of time",
      () => replaced("boots/1-store/timeline.jsonl", /\n$/u, ""),
      'boots/1-store/timeline.jsonl: {"at":{"cpuMs":2,"wallMs":3}," CAPOS_EVIDENCE_FORMAT',
    ],
    [
      "nesting that would exhaust a reader",
      () => ({ "judgement.json": `${"[".repeat(9000)}${"]".repeat(9000)}\n` }),
      "judgement.json: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[ CAPOS_EVIDENCE_FORMAT",
    ],
  ])("are refused where they contradict: %s", (_, changes, where) => {
    expect(forged(changes())).toEqual([where]);
  });
});
