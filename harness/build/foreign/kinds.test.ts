import * as fc from "fast-check";
import { expect, test } from "vitest";
import { misfit } from "./kinds.ts";
import { fakeLinux } from "./testing.ts";

const kinds = ["linux", "multiboot", "pvh", "disk"] as const;

/** The kinds that a file could be started as. */
function fitting(bytes: Uint8Array, size = bytes.length): readonly string[] {
  return kinds.filter((kind) => misfit(kind, bytes, size) === undefined);
}

function multiboot(at: number, flags = 3, checksum = -(0x1badb002 + flags)): Uint8Array {
  const kernel = Buffer.alloc(16_384);
  kernel.writeUInt32LE(0x1badb002, at);
  kernel.writeUInt32LE(flags, at + 4);
  kernel.writeInt32LE(checksum | 0, at + 8);
  return kernel;
}

/** An ELF file with one note segment. */
function noted(owner: string, type: number, wide: boolean): Uint8Array {
  const elf = Buffer.alloc(256);
  elf.write(`\x7fELF${wide ? "\x02" : "\x01"}\x01`, "latin1");
  const [table, size, note] = [64, wide ? 56 : 32, 160];
  if (wide) {
    elf.writeBigUInt64LE(BigInt(table), 32);
    elf.writeBigUInt64LE(BigInt(note), table + 8);
    elf.writeBigUInt64LE(20n, table + 32);
  } else {
    elf.writeUInt32LE(table, 28);
    elf.writeUInt32LE(note, table + 4);
    elf.writeUInt32LE(20, table + 16);
  }
  elf.writeUInt16LE(size, wide ? 54 : 42);
  elf.writeUInt16LE(1, wide ? 56 : 44);
  elf.writeUInt32LE(4, table);
  elf.writeUInt32LE(4, note);
  elf.writeUInt32LE(4, note + 4);
  elf.writeUInt32LE(type, note + 8);
  elf.write(`${owner}\0`, note + 12, "latin1");
  return elf;
}

test("each kind is known by its own sign", () => {
  expect(fitting(fakeLinux(""))).toEqual(["linux"]);
  expect(fitting(multiboot(0))).toEqual(["multiboot"]);
  expect(fitting(multiboot(8180))).toEqual(["multiboot"]);
  expect(fitting(noted("Xen", 18, true))).toEqual(["pvh"]);
  expect(fitting(noted("Xen", 18, false))).toEqual(["pvh"]);
  const disk = Buffer.alloc(1024);
  disk.writeUInt16BE(0x55aa, 510);
  expect(fitting(disk)).toEqual(["disk"]);
});

test("what only looks like one is none", () => {
  expect(fitting(multiboot(8192))).toEqual([]);
  expect(fitting(multiboot(2))).toEqual([]);
  expect(fitting(multiboot(0, 3, 0))).toEqual([]);
  expect(fitting(noted("GNU", 18, true))).toEqual([]);
  expect(fitting(noted("Xen", 17, true))).toEqual([]);
  const disk = Buffer.alloc(512);
  disk.writeUInt16BE(0x55aa, 510);
  expect(fitting(disk, 513)).toEqual([]);
  expect(fitting(new Uint8Array())).toEqual([]);
});

test("a program header that is too short for its fields is none", () => {
  const elf = noted("Xen", 18, true);
  new DataView(elf.buffer, elf.byteOffset).setUint16(54, 4, true);
  new DataView(elf.buffer, elf.byteOffset).setBigUint64(32, 252n, true);
  elf.set([4, 0, 0, 0], 252);
  expect(fitting(elf)).toEqual([]);
});

test("no bytes make it throw", () => {
  const from = [noted("Xen", 18, true), noted("Xen", 18, false), multiboot(8180), fakeLinux("")];
  fc.assert(
    fc.property(
      fc.constantFrom(...from),
      fc.array(fc.tuple(fc.nat(255), fc.nat(255))),
      fc.nat(300),
      (base, edits, cut) => {
        const bytes = Uint8Array.from(base.subarray(0, cut));
        for (const [at, byte] of edits) if (at < bytes.length) bytes[at] = byte;
        fitting(bytes);
      },
    ),
    { numRuns: 1000 },
  );
});
