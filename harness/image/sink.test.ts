import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Piece } from "./bytes.ts";
import { BLOCK_BYTES, ImageSink, writePieces } from "./sink.ts";
import { measureImage, memorySource } from "./source.ts";
import { type ImagePlan, writeToMemory } from "./targets.ts";

/** The definition of docs/images.md, said once more in the plainest way. */
function plainDigest(image: Uint8Array): string {
  const hash = createHash("sha256");
  const number = (n: number): Buffer => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(BigInt(n));
    return bytes;
  };
  hash.update("CAPOS-IMAGE-V1\0\0").update(number(image.length));
  for (let at = 0; at < image.length; at += BLOCK_BYTES) {
    const block = Buffer.alloc(BLOCK_BYTES);
    block.set(image.subarray(at, at + BLOCK_BYTES));
    if (block.some((byte) => byte !== 0)) hash.update(number(at)).update(block);
  }
  return hash.digest("hex");
}

function plan(size: number, pieces: readonly Piece[], undigested: ImagePlan["undigested"] = []): ImagePlan {
  return { size, pieces, undigested };
}

const piece = (offset: number, bytes: Uint8Array): Piece => ({ what: "x", offset, bytes });

/** Gaps and lengths around the block size, contents with long runs of zeros. */
const pieces = fc
  .array(
    fc.record({
      gap: fc.oneof(fc.nat(600), fc.nat(3 * BLOCK_BYTES), fc.constant(BLOCK_BYTES)),
      length: fc.oneof(fc.nat(600), fc.nat(3 * BLOCK_BYTES), fc.constant(2 * BLOCK_BYTES)),
      fill: fc.constantFrom(0, 0, 1, 255),
      lastByte: fc.nat(1),
    }),
    { maxLength: 8 },
  )
  .map((parts) => {
    let offset = 0;
    return parts.map(({ gap, length, fill, lastByte }) => {
      const bytes = new Uint8Array(length).fill(fill);
      if (length > 0) bytes[length - 1] = lastByte;
      const made = piece(offset + gap, bytes);
      offset += gap + length;
      return made;
    });
  });

describe("ImageSink", () => {
  test("stores what was written and digests it as the definition says", () => {
    fc.assert(
      fc.property(pieces, fc.nat(2 * BLOCK_BYTES), (parts, tail) => {
        const last = parts.at(-1);
        const size = (last === undefined ? 0 : last.offset + last.bytes.length) + tail;
        const expected = new Uint8Array(size);
        for (const p of parts) expected.set(p.bytes, p.offset);
        const written = writeToMemory(plan(size, parts));
        expect(Buffer.compare(written.bytes, expected)).toBe(0);
        expect(written.digest).toBe(plainDigest(expected));
        const { bytes: _, ...known } = written;
        expect(measureImage(memorySource(expected))).toEqual(known);
      }),
      { numRuns: 200 },
    );
  });

  test("has this digest for ever", () => {
    const image = new Uint8Array(3 * BLOCK_BYTES + 512);
    image[BLOCK_BYTES + 5] = 1;
    image[3 * BLOCK_BYTES + 511] = 2;
    const digest = measureImage(memorySource(image)).digest;
    expect(digest).toBe("cfa4c2c714136a78b3ece408f31fa64011ff263633e6791be24bbcf340c9f5e7");
  });

  test("puts only non-zero blocks, each once, in ascending order", () => {
    const puts: number[] = [];
    const sink = new ImageSink(10 * BLOCK_BYTES, { put: (offset) => puts.push(offset / BLOCK_BYTES) });
    const bytes = new Uint8Array(4 * BLOCK_BYTES);
    bytes[0] = 1;
    bytes[3 * BLOCK_BYTES] = 1;
    sink.write(BLOCK_BYTES, bytes);
    sink.write(7 * BLOCK_BYTES + 9, Uint8Array.of(1, 2));
    sink.write(7 * BLOCK_BYTES + 100, Uint8Array.of(3));
    const { extents } = sink.finish();
    expect(puts).toEqual([1, 4, 7]);
    expect(extents).toEqual([1, 4, 7].map((n) => ({ offset: n * BLOCK_BYTES, length: BLOCK_BYTES })));
  });

  test("tells images apart that differ in size or in the place of a block only", () => {
    const digestOf = (size: number, offset: number): string =>
      writeToMemory(plan(size, [piece(offset, Uint8Array.of(1))])).digest;
    const digests = [
      digestOf(4 * BLOCK_BYTES, 0),
      digestOf(4 * BLOCK_BYTES, BLOCK_BYTES),
      digestOf(5 * BLOCK_BYTES, 0),
      digestOf(4 * BLOCK_BYTES - 1, 0),
    ];
    expect(new Set(digests).size).toBe(4);
  });

  test("stores undigested bytes without digesting or changing them", () => {
    const range = { offset: BLOCK_BYTES - 2, length: 4 };
    const around = [1, 2, 3, 4, 5, 6];
    const caller = Buffer.from(around);
    const marked = writeToMemory(plan(4 * BLOCK_BYTES, [piece(range.offset - 1, caller)], [range]));
    const zeroed = writeToMemory(
      plan(4 * BLOCK_BYTES, [piece(range.offset - 1, Uint8Array.of(1, 0, 0, 0, 0, 6))]),
    );
    expect(marked.digest).toBe(zeroed.digest);
    expect([...marked.bytes.subarray(range.offset - 1, range.offset + 5)]).toEqual(around);
    expect([...caller]).toEqual(around);
    const whole = Buffer.alloc(BLOCK_BYTES, 7);
    writeToMemory(plan(BLOCK_BYTES, [piece(0, whole)], [{ offset: 0, length: 9 }]));
    expect(whole.every((byte) => byte === 7)).toBe(true);
  });

  test("refuses to go back or past the end", () => {
    const sink = new ImageSink(100, { put() {} });
    sink.write(10, new Uint8Array(10));
    expect(() => sink.write(19, new Uint8Array(1))).toThrow(RangeError);
    expect(() => sink.write(99, new Uint8Array(2))).toThrow(RangeError);
    expect(() => writePieces(new ImageSink(4, { put() {} }), [piece(0, new Uint8Array(5))])).toThrow(
      RangeError,
    );
  });
});
