import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { sha256 } from "../base/index.ts";
import { readElf } from "./elf.ts";
import { readableName } from "./rust-names.ts";
import { findSymbols, keepSymbols, readSymbols } from "./symbols.ts";

test.each([
  ["_RNvCsa9SUi5Qa8TJ_12capos_kernel11kernel_main", "capos_kernel::kernel_main"],
  [
    "_RNvMs0_NtCsbnw6cfk2yx5_10capos_core6framesNtB5_6Frames8take_run",
    "capos_core::frames::Frames::take_run",
  ],
  [
    "_RNCNvMNtCsa9SUi5Qa8TJ_12capos_kernel4bootNtB4_4Boot11from_loader0B6_",
    "capos_kernel::boot::Boot::from_loader::{closure}",
  ],
  [
    "_RINvMs1_NtNtCsbnw6cfk2yx5_10capos_core6system4ringNtB8_6System9carry_outNtNtCsa9SUi5Qa8TJ_12capos_kernel5world5WorldEB1c_",
    "capos_core::system::System::carry_out",
  ],
  ["syscall_entry", "syscall_entry"],
  ["_Rgarbage", "_Rgarbage"],
])("%s", (mangled, name) => {
  expect(readableName(mangled)).toBe(name);
});

test("no text makes the reader of names fail or run for ever", () => {
  const letters = fc.constantFrom(..."NvMXYICBs_RQASTELKup0123456789abz");
  fc.assert(
    fc.property(fc.array(letters, { maxLength: 60 }), (parts) => {
      expect(typeof readableName(`_R${parts.join("")}`)).toBe("string");
    }),
  );
});

/** One executable segment at 0x1000 with 0x40 bytes, one symbol with a size and one without. */
function program(): Buffer {
  const elf = Buffer.alloc(0x300);
  elf.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  elf.writeBigUInt64LE(64n, 32); // program headers
  elf.writeBigUInt64LE(0x200n, 40); // section headers
  elf.writeUInt16LE(56, 54);
  elf.writeUInt16LE(1, 56);
  elf.writeUInt16LE(64, 58);
  elf.writeUInt16LE(3, 60);
  elf.writeUInt32LE(1, 64); // PT_LOAD, readable and executable
  elf.writeUInt32LE(5, 68);
  elf.writeBigUInt64LE(0x80n, 72);
  elf.writeBigUInt64LE(0x1000n, 80);
  elf.writeBigUInt64LE(0x40n, 96);
  elf.writeBigUInt64LE(0x40n, 104);
  const symbol = (i: number, name: number, address: bigint, size: bigint): void => {
    const at = 0x100 + i * 24;
    elf.writeUInt32LE(name, at);
    elf.writeUInt8(2, at + 4);
    elf.writeUInt16LE(1, at + 6);
    elf.writeBigUInt64LE(address, at + 8);
    elf.writeBigUInt64LE(size, at + 16);
  };
  symbol(1, 1, 0x1000n, 0x10n);
  symbol(2, 7, 0x1020n, 0n);
  elf.write("\0first\0second\0", 0x180, "latin1");
  elf.writeUInt32LE(2, 0x240 + 4); // symbol table, its names in section 2
  elf.writeBigUInt64LE(0x100n, 0x240 + 24);
  elf.writeBigUInt64LE(72n, 0x240 + 32);
  elf.writeUInt32LE(2, 0x240 + 40);
  elf.writeUInt32LE(3, 0x280 + 4);
  elf.writeBigUInt64LE(0x180n, 0x280 + 24);
  return elf;
}

test("an address is named by the symbol that it lies in", () => {
  const symbols = readSymbols(program());
  if (!symbols.ok) throw new Error(symbols.error);
  const { show, ranges } = { show: (a: bigint) => symbols.value.show(a), ranges: symbols.value.ranges };
  expect(show(0x1000n)).toBe("first+0x0");
  expect(show(0x100fn)).toBe("first+0xf");
  expect(show(0x1010n)).toBe(undefined);
  expect(show(0x103fn), "a symbol without a size reaches to the end").toBe("second+0x1f");
  expect(show(0x1040n)).toBe(undefined);
  expect(show(0n)).toBe(undefined);
  expect(ranges).toMatchObject([{ start: 0x1000n, end: 0x1040n, executable: true, writable: false }]);
});

test("a damaged file is an error sentence, never more", () => {
  const sound = program();
  fc.assert(
    fc.property(fc.nat(sound.length - 1), fc.nat(255), fc.nat(sound.length), (at, value, length) => {
      const damaged = Buffer.from(sound.subarray(0, length));
      if (at < length) damaged[at] = value;
      const read = readSymbols(damaged);
      if (!read.ok) expect(read.error).toMatch(/^[a-zI]/u);
      else read.value.show(0x1008n);
    }),
  );
});

const root = mkdtempSync(join(tmpdir(), "capos-symbols-"));
afterAll(() => rmSync(root, { recursive: true }));

test("symbols are found where they were kept, or where the compiler left them, but only of the same program", () => {
  const linked = program();
  const facts = readElf(linked);
  if (!facts.ok) throw new Error(facts.error);
  expect(linked.equals(program()), "what is stripped is a copy").toBe(true);
  const digest = sha256(facts.value.stripped);
  const cacheDir = join(root, ".capos/cache");
  expect(findSymbols(root, cacheDir, { name: "p", sha256: digest })).toBe(undefined);
  const release = join(root, ".capos/cargo/x86_64-unknown-none/release");
  mkdirSync(release, { recursive: true });
  writeFileSync(join(release, "p"), linked);
  expect(findSymbols(root, cacheDir, { name: "p", sha256: digest })).toBe(join(release, "p"));
  expect(findSymbols(root, cacheDir, { name: "p", sha256: sha256("other") })).toBe(undefined);
  keepSymbols(cacheDir, facts.value.stripped, linked);
  expect(findSymbols(root, cacheDir, { name: "p", sha256: digest })).toBe(
    join(cacheDir, "symbols", `${digest}.elf`),
  );
});
