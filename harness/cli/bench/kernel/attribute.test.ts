import { expect, test } from "vitest";
import type { Symbols } from "../../../build/index.ts";
import { attribute, type Program, readingsOf, readPlaces, readTrace, sumUp } from "./attribute.ts";

/** A program at 0x1000 whose first function begins at `start`. */
function program(name: string, bytes: readonly number[], start = 0x1000n): Program {
  const range = {
    start: 0x1000n,
    end: 0x2000n,
    writable: false,
    executable: true,
    bytes: Uint8Array.from(bytes),
  };
  const symbol = { name: "_start", address: start, size: 4n };
  const symbols: Symbols = {
    ranges: [range],
    symbols: [symbol],
    at: (address) => (address === start ? { symbol, offset: 0n } : undefined),
    show: () => undefined,
  };
  return { name, symbols };
}

const kernel = program("kernel", []);
const inKernel = 0xffff_ffff_8000_0000n;

test("the emulator's log of executed instructions is their addresses", () => {
  const log = [
    "Trace 0: 0x7f2c9c000100 [00000000/ffffffff80101234/0040c0b3/ff000201] memcpy",
    "Trace 0: 0x7f2c9c000240 [00000000/0000000000401000/00c0c2b3/ff000201] ",
    "Stopped execution of TB chain before 0x7f2c9c000240 [0000000000401000] ",
  ].join("\n");
  expect(readTrace(log)).toEqual([0xffffffff80101234n, 0x401000n]);
});

test("a user program goes on behind its system call, or begins at its beginning", () => {
  const first = program("first", [0x90, 0x0f, 0x05, 0x90]);
  const second = program("second", [0x0f, 0x05, 0x90, 0x90]);
  const third = program("third", [0x90, 0x90, 0x90, 0x90, 0x90], 0x1004n);
  const trace = [
    0x1000n,
    inKernel,
    0x1002n,
    0x1003n,
    inKernel,
    0x1003n,
    inKernel,
    0x1004n,
    inKernel,
    0x1001n,
  ];
  const found = attribute(trace, kernel, [first, second, third]);
  expect(found.map(({ program: name, address, count }) => [name, address, count])).toEqual([
    ["first", 0x1000n, 1],
    ["kernel", inKernel, 4],
    ["second", 0x1002n, 1],
    ["second", 0x1003n, 1],
    ["first", 0x1003n, 1],
    ["third", 0x1004n, 1],
    [undefined, 0x1001n, 1],
  ]);
  expect(sumUp(found, (one) => one.program ?? "elsewhere")).toEqual([
    { place: "kernel", count: 4 },
    { place: "first", count: 2 },
    { place: "second", count: 2 },
    { place: "elsewhere", count: 1 },
    { place: "third", count: 1 },
  ]);
});

test("readings of the counter are found by their bytes", () => {
  const code = [0x90, 0x0f, 0xae, 0xe8, 0x0f, 0x31, 0x0f, 0xae, 0xe8, 0x90, 0x0f, 0xae, 0xe8, 0x0f, 0x31];
  expect(readingsOf(program("measure", code))).toEqual([0x1004n, 0x100dn]);
});

test("an instruction counts for the innermost file of the tree", () => {
  const text = [
    "0xffffffff80101234: /usr/src/rust/library/core/src/ptr/mod.rs:1750",
    " (inlined by) /tree/kernel/core/src/ring.rs:70 (discriminator 2)",
    " (inlined by) /tree/kernel/src/run.rs:1",
    "0xffffffff80101238: kernel/src/arch/entry.rs:?",
    "0xffffffff80101240: ??:?",
    "0xffffffff80101250: /usr/src/rust/library/core/src/mem.rs:1",
  ].join("\n");
  expect([...readPlaces(text, "/tree")]).toEqual([
    [0xffffffff80101234n, "kernel/core/src/ring.rs"],
    [0xffffffff80101238n, "kernel/src/arch/entry.rs"],
  ]);
});
