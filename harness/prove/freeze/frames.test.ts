import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inflateSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { openCore, type PhysicalMemory } from "./core.ts";
import { describeFrames, drawFrames, sortFrames } from "./frames.ts";
import { parseMappings } from "./mappings.ts";

const dir = mkdtempSync(join(tmpdir(), "capos-core-"));
afterAll(() => rmSync(dir, { recursive: true }));

/** Memory of `pages` frames, given as their 64-bit words by place. */
function memory(pages: number, words: Readonly<Record<number, bigint>>): PhysicalMemory {
  const bytes = Buffer.alloc(pages * 4096);
  for (const [at, word] of Object.entries(words)) bytes.writeBigUInt64LE(word, Number(at));
  return {
    ranges: [{ start: 0, end: bytes.length }],
    page: (at) => (at >= 0 && at + 4096 <= bytes.length ? bytes.subarray(at, at + 4096) : undefined),
    close: () => {},
  };
}

const [present, user, noExecute] = [1n, 4n, 1n << 63n];

test("frames are sorted by the page tables of the processors and by what is in them", () => {
  // Tables in frames 1 to 4; a program's text in frame 5, its data in 6; the kernel's in 7; frame 8 is in use.
  const guest = memory(10, {
    0x1000: 0x2000n | present | user,
    [0x1000 + 511 * 8]: 0x9000n | present,
    0x2000: 0x3000n | present | user,
    0x3000: 0x4000n | present | user,
    0x4000: 0x5000n | present | user,
    [0x4000 + 8]: 0x6000n | present | user | noExecute,
    [0x4000 + 16]: 0x7000n | present,
    0x8000: 1n,
  });
  const range = { start: 0x2000n, end: 0x3000n, executable: true, writable: false, bytes: new Uint8Array() };
  const kernel = { ranges: [range], symbols: [], at: () => undefined, show: () => undefined };
  const kinds = sortFrames(guest, [0x1000], kernel);
  expect([...kinds.values()]).toEqual([
    "empty",
    ...Array(4).fill("page table"),
    "program text",
    "program data",
    "kernel text",
    "used",
    "page table",
  ]);
  const text = describeFrames(kinds);
  expect(text).toContain("       5 frames  page table");
  expect(text).toContain("000000005000-000000006000 program text");
  expect(describeFrames(kinds, 2).at(-1)).toBe("and 5 ranges more");
});

test("the upper half of the addresses is the kernel's", () => {
  const guest = memory(6, {
    [0x1000 + 256 * 8]: 0x2000n | present,
    0x2000: 0x3000n | present,
    0x3000: 0x4000n | present,
    0x4000: 0x5000n | present,
  });
  const start = 0xffff_8000_0000_0000n;
  const range = { start, end: start + 4096n, executable: false, writable: true, bytes: new Uint8Array() };
  const kernel = { ranges: [range], symbols: [], at: () => undefined, show: () => undefined };
  expect(sortFrames(guest, [0x1000], kernel).get(0x5000)).toBe("kernel data");
});

test("tables that lead to themselves, or anywhere, are walked to an end", () => {
  const entry = fc.record({ at: fc.nat(511), to: fc.nat(7), flags: fc.nat(0xff) });
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 12 }), (entries) => {
      const words: Record<number, bigint> = {};
      for (const { at, to, flags } of entries) words[0x1000 + at * 8] = BigInt(to * 4096 + flags);
      expect(sortFrames(memory(8, words), [0x1000], undefined).size).toBe(8);
    }),
    { numRuns: 40 },
  );
});

test("the picture is a PNG with a row for each MiB", () => {
  const png = Buffer.from(
    drawFrames(
      new Map([
        [0, "used"],
        [3 << 20, "kernel text"],
      ] as const),
    ),
  );
  expect(png.subarray(1, 4).toString()).toBe("PNG");
  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([1024, 16]);
  const at = png.indexOf("IDAT");
  const rows = inflateSync(png.subarray(at + 4, at + 4 + png.readUInt32BE(at - 4)));
  expect(rows.length).toBe(16 * 1025);
  expect(rows[1]).toBe(1);
  expect(rows[12 * 1025 + 1]).toBe(3);
});

/** A core file with one range of two pages at 0x10000. */
function core(): Buffer {
  const elf = Buffer.alloc(64 + 56 + 8192);
  elf.write("\x7fELF", 0, "latin1");
  elf.writeBigUInt64LE(64n, 32);
  elf.writeUInt16LE(56, 54);
  elf.writeUInt16LE(1, 56);
  elf.writeUInt32LE(1, 64);
  elf.writeBigUInt64LE(120n, 72);
  elf.writeBigUInt64LE(0x10000n, 88);
  elf.writeBigUInt64LE(8192n, 96);
  elf[120 + 4096] = 7;
  return elf;
}

test("physical memory is found in a core file", () => {
  const file = join(dir, "core");
  writeFileSync(file, core());
  const guest = openCore(file);
  expect(guest?.ranges).toEqual([{ start: 0x10000, end: 0x12000 }]);
  expect(guest?.page(0x11000)?.[0]).toBe(7);
  expect(guest?.page(0x12000)).toBe(undefined);
  expect(guest?.page(0)).toBe(undefined);
  guest?.close();
  writeFileSync(file, "no core");
  expect(openCore(file)).toBe(undefined);
});

test("a damaged core file is none, or has less memory", () => {
  const file = join(dir, "damaged");
  fc.assert(
    fc.property(fc.nat(119), fc.nat(255), fc.nat(8312), (at, value, length) => {
      const bytes = core().subarray(0, length);
      if (at < length) bytes[at] = value;
      writeFileSync(file, bytes);
      const guest = openCore(file);
      guest?.page(0x10000);
      guest?.close();
    }),
    { numRuns: 200 },
  );
});

test("the emulator's list of mappings is read", () => {
  expect(parseMappings("0000000000200000-0000000000206000 0000000000006000 ur-\nnot this\n")).toEqual([
    { start: 0x200000n, end: 0x206000n, rights: "ur-" },
  ]);
});
