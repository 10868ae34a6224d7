import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import * as fc from "fast-check";
import { list } from "tar";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { packFiles, readBundle } from "./bundle.ts";
import { packCase, verifyBundle } from "./index.ts";
import { must, sampleJudge, temporaryFolder, writeSampleCase } from "./testing.ts";
import { verifyBundleBytes } from "./verify.ts";

let folder: ReturnType<typeof temporaryFolder>;
let packed: { readonly digest: string; readonly bytes: Uint8Array };
let file: string;
beforeAll(() => {
  folder = temporaryFolder();
  packed = must(packCase(writeSampleCase(folder.path)));
  file = `tasks/evidence/${packed.digest}.tar`;
  writeFileSync(join(folder.path, `${packed.digest}.tar`), packed.bytes);
});
afterAll(() => folder.remove());

/** What tar itself says of the bundle: name, first and last byte of the member with its header. */
async function members(): Promise<readonly { name: string; from: number; until: number }[]> {
  const found: { name: string; from: number; until: number }[] = [];
  let at = 0;
  await list({
    file: join(folder.path, `${packed.digest}.tar`),
    onReadEntry: (entry) => {
      const until = at + 512 + Math.ceil((entry.size ?? 0) / 512) * 512;
      found.push({ name: entry.path, from: at, until });
      at = until;
    },
  });
  return found;
}

describe("a bundle", () => {
  test("is the same bytes for the same files, in whatever order they come", () => {
    const files = new Map([...readBundle(packed.bytes, file, packed.digest).files].toReversed());
    expect(Buffer.compare(packFiles(files).bytes, packed.bytes)).toBe(0);
  });

  test("verifies from a file, with no judge's objection", () => {
    const report = verifyBundle(folder.path, `${packed.digest}.tar`, sampleJudge());
    expect(report.problems).toEqual([]);
    expect(report.notes).toEqual([]);
    expect(report.case?.verdict.verdict).toBe("proved");
  });

  test("is read by the system's tar and gunzip", () => {
    const tar = join(folder.path, `${packed.digest}.tar`);
    const console = execFileSync("tar", ["-xOf", tar, "boots/1-store/console.raw.gz"]);
    expect(gunzipSync(console).toString()).toBe(
      "capos kernel starting boot=1\r\n[store] object size=4096\r\n",
    );
    expect(
      execFileSync("tar", ["-tvf", tar], { encoding: "utf8", env: { TZ: "UTC" } }).split("\n")[0],
    ).toMatch(/^-rw-r--r-- 0\/0 +\d+ 1970-01-01 00:00 bundle\.json$/u);
    expect(execFileSync("tar", ["-xOf", tar, "inputs.json"], { encoding: "utf8" })).toContain("run-sample");
  });

  test("shows any changed byte, and names the member it lies in", async () => {
    const all = await members();
    const place = (at: number) =>
      all.find((m) => at >= m.from && at < m.until)?.name.replace(/\.gz$/u, "") ?? "the end";
    for (let at = 0; at < packed.bytes.length; at++) {
      const changed = Uint8Array.from(packed.bytes);
      changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8));
      const report = readBundle(changed, file, packed.digest);
      const said = report.problems.map((p) => p.message).join("\n");
      if (!said.includes(place(at)))
        throw new Error(`byte ${at} of ${place(at)}: ${said || "nothing was found"}`);
    }
  });

  test("shows any change of any length anywhere", () => {
    const size = packed.bytes.length;
    const piece = fc.tuple(fc.nat(size - 1), fc.nat(2000), fc.uint8Array({ maxLength: 600 }));
    fc.assert(
      fc.property(piece, ([at, removed, inserted]) => {
        const changed = Buffer.concat([
          packed.bytes.subarray(0, at),
          inserted,
          packed.bytes.subarray(at + removed),
        ]);
        fc.pre(Buffer.compare(changed, packed.bytes) !== 0);
        expect(verifyBundleBytes(changed, file, sampleJudge()).problems).not.toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  test("is not believed whatever bytes it consists of", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000 }), (bytes) => {
        expect(verifyBundleBytes(bytes, file, sampleJudge()).problems).not.toEqual([]);
      }),
    );
    expect(verifyBundleBytes(new Uint8Array(), file, sampleJudge()).problems[0]?.code).toBe(
      "CAPOS_EVIDENCE_CHANGED",
    );
  });

  test("names the header field, the padding and the end", () => {
    const say = (at: number) => {
      const changed = Uint8Array.from(packed.bytes);
      changed[at] = 0x41;
      return readBundle(changed, "b.tar", packed.digest).problems[0]?.message;
    };
    const end = packed.bytes.length - 1024;
    expect([say(136), say(end - 1), say(end)]).toMatchInlineSnapshot(`
      [
        "b.tar: byte 136, in the header of bundle.json, field mtime, is 0x41 and must be 0x30",
        "b.tar: byte 19967, in the padding behind verdict.json, is 0x41 and must be 0x00",
        "b.tar: byte 19968, in the end of the archive, is 0x41 and must be 0x00",
      ]
    `);
  });

  test("cannot be swapped for another good one under its name", () => {
    const other = must(packCase(writeSampleCase(join(folder.path, "other"), { size: 512 })));
    const report = verifyBundleBytes(other.bytes, file, sampleJudge());
    expect(report.problems.map((p) => p.message)).toEqual([
      `${file}: bundle.json has the digest ${other.digest}, and must have ${packed.digest}`,
    ]);
  });

  test("refuses a member that decompresses to more than it states", () => {
    const zeros = new Uint8Array(1 << 20);
    const bomb = packFiles(new Map([["boots/1-a/console.raw", zeros]]));
    const lying = Buffer.from(bomb.bytes);
    const at = lying.indexOf('"bytes": 1048576');
    lying.write('"bytes": 1048575', at);
    const report = readBundle(lying, "b.tar", undefined);
    expect(report.problems[0]?.message).toContain("cannot be decompressed");
  });
});

describe("judging again", () => {
  const read = () => verifyBundleBytes(packed.bytes, file, sampleJudge("1"));

  test("finds a judgement that the consoles do not bear out", () => {
    const files = new Map(readBundle(packed.bytes, file, undefined).files);
    const judgement = Buffer.from(files.get("judgement.json") ?? "")
      .toString()
      .replace('"4096"', '"4097"');
    files.set("judgement.json", Buffer.from(judgement));
    const resealed = verifyBundleBytes(packFiles(files).bytes, "b.tar", sampleJudge());
    expect(resealed.problems.map((p) => p.message)[0]).toContain("b.tar!judgement.json has the digest");

    const lying = sampleJudge();
    const report = verifyBundleBytes(packed.bytes, file, (c) => ({ ...lying(c), cause: "it was otherwise" }));
    expect(report.problems[0]?.code).toBe("CAPOS_EVIDENCE_INCONSISTENT");
    expect(report.problems[0]?.span?.line).toBe(36);
    expect(read().problems).toEqual([]);
  });

  test("says when a newer judge judges differently, and when it only reads differently", () => {
    const newer = sampleJudge("2");
    const stricter = verifyBundleBytes(packed.bytes, file, (c) => ({
      ...newer(c),
      verdict: "refuted",
      cause: "torn",
    }));
    expect(stricter.problems[0]?.message).toContain("judge 1 said proved, and judge 2 says refuted: torn");
    const other = verifyBundleBytes(packed.bytes, file, (c) => ({ ...newer(c), cause: "fine" }));
    expect(other.problems).toEqual([]);
    expect(other.notes[0]).toContain("judge 2 comes to the same verdict as 1, and reads $.cause differently");
    expect(verifyBundleBytes(packed.bytes, file, newer).notes).toEqual([]);
  });
});
