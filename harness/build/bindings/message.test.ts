import { execFileSync } from "node:child_process";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MalformedMessage, readFramed, readSegment, type StructView } from "./message.ts";
import { readRequest } from "./request.ts";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../../..");

/** Struct pointer, list pointer, and words to bytes. */
const structPointer = (offset: number, data: number, pointers: number): bigint =>
  BigInt.asUintN(32, BigInt(offset) << 2n) | (BigInt(data) << 32n) | (BigInt(pointers) << 48n);
const listPointer = (offset: number, size: number, count: number): bigint =>
  BigInt.asUintN(32, BigInt(offset) << 2n) | 1n | (BigInt(size) << 32n) | (BigInt(count) << 35n);

function bytesOf(words: readonly bigint[]): Uint8Array {
  const bytes = new Uint8Array(words.length * 8);
  const view = new DataView(bytes.buffer);
  words.forEach((word, index) => view.setBigUint64(8 * index, word, true));
  return bytes;
}

const segment = (...words: readonly bigint[]): StructView => readSegment(bytesOf(words));

describe("reading", () => {
  test("what is missing reads as zero or empty", () => {
    const empty = segment(0n);
    expect([
      empty.bool(3),
      empty.i32(0),
      empty.u64(8),
      empty.text(0),
      empty.texts(1),
      empty.structs(2),
    ]).toEqual([false, 0, 0n, "", [], []]);
    expect(empty.struct(0).data(0)).toEqual(new Uint8Array());
    expect(empty.has(0)).toBe(false);
  });

  test("signed numbers keep their sign", () => {
    const view = segment(structPointer(0, 1, 0), 0xfffffffe_fffd_fc_01n);
    expect([view.i8(1), view.i16(2), view.i32(4), view.u32(4), view.i64(0) < 0n]).toEqual([
      -4,
      -3,
      -2,
      0xffff_fffe,
      true,
    ]);
  });

  test("far pointers, single and double, lead to other segments", () => {
    // Segment 0: a far pointer to the landing pad in segment 1; there, the struct's pointer 0 is a double-far.
    const far = (word: number, id: number, double: boolean): bigint =>
      BigInt((word << 3) | (double ? 4 : 0) | 2) | (BigInt(id) << 32n);
    const segments = [
      [far(0, 1, false)],
      [structPointer(0, 1, 1), 42n, far(0, 2, true)],
      [far(0, 3, false), listPointer(0, 2, 3)],
      [0x6968n],
    ];
    const table = new Uint32Array([segments.length - 1, ...segments.map((words) => words.length), 0]);
    const framed = Buffer.concat([Buffer.from(table.buffer), ...segments.map(bytesOf)]);
    const view = readFramed(framed);
    expect(view.u32(0)).toBe(42);
    expect(view.text(0)).toBe("hi");
  });

  test.each([
    ["a struct behind the end", [structPointer(0, 1, 0)], () => undefined],
    ["a struct before the start", [structPointer(-2, 0, 0)], () => undefined],
    ["a list where a struct belongs", [listPointer(0, 2, 0)], () => undefined],
    ["a far pointer to nowhere", [0x0000_0009_0000_0002n], () => undefined],
    [
      "a text without NUL",
      [structPointer(0, 0, 1), listPointer(0, 2, 2), 0x6161n],
      (v: StructView) => v.text(0),
    ],
    [
      "a text that is not UTF-8",
      [structPointer(0, 0, 1), listPointer(0, 2, 2), 0xffn],
      (v: StructView) => v.text(0),
    ],
    ["a text of words", [structPointer(0, 0, 1), listPointer(0, 5, 1), 0n], (v: StructView) => v.text(0)],
    [
      "a tag that promises too much",
      [structPointer(0, 0, 1), listPointer(0, 7, 1), structPointer(9, 1, 0), 0n],
      (v: StructView) => v.structs(0),
    ],
    [
      "structs without number",
      [structPointer(0, 0, 1), listPointer(0, 7, 0), structPointer(0x1fff_ffff, 0, 0)],
      (v: StructView) => v.structs(0),
    ],
  ] as const)("refuses %s", (_, words, use) => {
    expect(() => use(segment(...words))).toThrow(MalformedMessage);
  });

  test("a struct that contains itself ends at the nesting limit", () => {
    const deep = (view: StructView): StructView => deep(view.struct(0));
    expect(() => deep(segment(structPointer(0, 0, 1), structPointer(-1, 0, 1)))).toThrow(/nested too deep/);
  });
});

describe("the compiler's request", () => {
  const request = execFileSync("capnp", ["compile", "-o-", "kernel/abi/capos.capnp"], { cwd: root });

  test("is read to the end", () => {
    const schema = readRequest(request);
    const paths = schema.top.map((id) => schema.nodes.get(id)?.path);
    expect(paths.slice(0, 3)).toEqual(["BootManifest", "Binary", "Init"]);
    const node = schema.nodes.get("e1b7046fd3582c9a");
    expect(node?.kind === "interface" ? node.methods.map(({ name }) => name) : []).toEqual([
      "writeLine",
      "derive",
    ]);
  });

  test("damaged anywhere, it is refused or read, and nothing else", () => {
    const damage = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), {
      minLength: 1,
      maxLength: 4,
    });
    const cut = fc.option(fc.nat({ max: request.length }), { nil: request.length });
    fc.assert(
      fc.property(damage, cut, (changes, length) => {
        const damaged = Buffer.from(request);
        for (const [at, value] of changes) damaged[at % damaged.length] = value;
        try {
          readRequest(damaged.subarray(0, length));
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedMessage);
        }
      }),
      { numRuns: 300 },
    );
  });
});
