import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { Agreement } from "./agreement.ts";
import { choose } from "./power-cut.ts";
import { copySparse } from "./sparse.ts";
import { readEntry } from "./write-log.ts";

const dir = mkdtempSync(join(tmpdir(), "capos-record-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe("trace and console", () => {
  test("agree up to their first difference, whichever is ahead and however they are cut", () => {
    const steps = fc.array(fc.tuple(fc.constantFrom("traced", "shown"), fc.integer({ min: 1, max: 9 })));
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(80), steps, (bytes, place, cuts) => {
        const streams = { traced: Buffer.from(bytes), shown: Buffer.from(bytes) };
        const differs = place < bytes.length;
        if (differs) streams.shown[place] = (streams.shown[place] ?? 0) ^ 1;
        const agreement = new Agreement();
        const at = { traced: 0, shown: 0 };
        const give = (side: "traced" | "shown", length: number): void => {
          agreement.add(side, streams[side].subarray(at[side], at[side] + length));
          at[side] = Math.min(bytes.length, at[side] + length);
        };
        for (const [side, length] of cuts) {
          give(side === "traced" ? "traced" : "shown", length);
          const both = Math.min(at.traced, at.shown);
          expect(agreement.bytes).toBe(differs ? Math.min(both, place) : both);
        }
      }),
    );
  });
});

describe("the write log", () => {
  /** A superblock that nobody reads, a write of two sectors at sector 9, a flush, and nothing behind it. */
  function log(): string {
    const bytes = Buffer.alloc(512 * 6);
    bytes.writeBigUInt64LE(9n, 512);
    bytes.writeBigUInt64LE(2n, 512 + 8);
    bytes.fill(0x61, 1024, 2048);
    bytes.writeBigUInt64LE(1n, 2048 + 16);
    const file = join(dir, `log-${Math.random()}`);
    writeFileSync(file, bytes);
    return file;
  }

  test("gives the data of an entry, and nothing where there is none", () => {
    const fd = openSync(log(), "r");
    try {
      expect(readEntry(fd, 512)).toEqual({ sector: 9, data: Buffer.alloc(1024, "a") });
      expect(readEntry(fd, 2048)).toBeUndefined();
      expect(readEntry(fd, 2560)).toBeUndefined();
      expect(readEntry(fd, 99_999)).toBeUndefined();
    } finally {
      closeSync(fd);
    }
  });

  test("gives nothing of an entry that the emulator did not finish", () => {
    const file = log();
    writeFileSync(file, readFileSync(file).subarray(0, 1500));
    const fd = openSync(file, "r");
    try {
      expect(readEntry(fd, 512)).toBeUndefined();
    } finally {
      closeSync(fd);
    }
  });
});

test("a copy has the same bytes and takes no room for what is zero", () => {
  const [from, to] = [join(dir, "from"), join(dir, "to")];
  const bytes = Buffer.alloc((3 << 20) + 512);
  bytes.fill(7, 1_234_567, 1_234_999);
  bytes.fill(8, bytes.length - 3);
  writeFileSync(from, bytes);
  copySparse(from, to);
  expect(readFileSync(to).equals(bytes)).toBe(true);
  expect(statSync(to).blocks * 512).toBeLessThan(512 << 10);
  expect(() => copySparse(from, to)).toThrow(/EEXIST/u);
});

test("a power cut keeps nothing, everything, or a choice that its seed repeats", () => {
  const pending = Array.from({ length: 200 }, (_, i) => i);
  expect(choose(pending, "none")).toEqual([]);
  expect(choose(pending, "all")).toEqual(pending);
  const seven = choose(pending, { random: 7 });
  expect(choose(pending, { random: 7 })).toEqual(seven);
  expect(choose(pending, { random: 8 })).not.toEqual(seven);
  expect(seven.length).toBeGreaterThan(60);
  expect(seven.length).toBeLessThan(140);
});
