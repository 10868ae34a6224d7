import { gunzipSync } from "node:zlib";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sha256 } from "../base/index.ts";
import { gzip } from "./gzip.ts";

/** Bytes that look random and are the same everywhere. */
function pseudoRandom(length: number, symbols: number): Uint8Array {
  let state = 1;
  return new Uint8Array(length).map(() => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 16) % symbols;
  });
}

describe("gzip", () => {
  test("is read back by zlib, whatever the bytes", () => {
    const repetitive = fc
      .array(fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 400 })))
      .map((runs) =>
        Buffer.concat(runs.flatMap(([bytes, times]) => Array.from({ length: times }, () => bytes))),
      );
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 3000 }), repetitive), (bytes) => {
        expect(gunzipSync(gzip(bytes)).equals(bytes)).toBe(true);
      }),
    );
  });

  test("finds matches across the whole window and not beyond", () => {
    for (const gap of [32_763, 32_764, 32_767, 32_768, 32_769]) {
      const noise = new Uint8Array(gap).map((_, i) => (i * i * 31 + (i >> 7)) & 0xff);
      const bytes = Buffer.concat([Buffer.from("landmark"), noise, Buffer.from("landmark")]);
      expect(gunzipSync(gzip(bytes)).equals(bytes)).toBe(true);
    }
  });

  test("keeps its bytes: a change here would make every stored bundle unverifiable", () => {
    const console = Array.from({ length: 200 }, (_, i) => `[store] line ${i * 7919} of a console\r\n`).join(
      "",
    );
    expect(sha256(gzip(Buffer.from(console)))).toMatchInlineSnapshot(
      `"0ed8fb9112910c6ab797a839d6b0b39feb0d8e1de23452976a3c030989e7550e"`,
    );
    // Few symbols make many candidates, and the copy makes matches at exactly the window's length.
    const digests = [2, 5, 40].map((symbols) => {
      const noise = pseudoRandom(32_768, symbols);
      return sha256(gzip(Buffer.concat([noise, noise, noise.subarray(0, 1000)])));
    });
    expect(digests).toMatchInlineSnapshot(`
      [
        "963e1caceef402fb8dc1fa288bf224ef3acdc77986adcdd15c17c896934e3d4f",
        "39a0f8db139566f516ddbb0d3ac323d2f5c0037ba8debe8277fe5ef6b80da458",
        "26b6aaa4319dbdb12c4f4dabcca2c3bf5ed2cf6bb27ed6d2a2b42a75521efd47",
      ]
    `);
    expect(Buffer.from(gzip(new Uint8Array())).toString("hex")).toMatchInlineSnapshot(
      `"1f8b08000000000000ff03000000000000000000"`,
    );
  });

  test("makes a console's text several times smaller", () => {
    const lines = Array.from(
      { length: 500 },
      (_, i) => `[    ${i}.123456] virtio_blk virtio0: [vda] ${i} blocks\r\n`,
    );
    const bytes = Buffer.from(lines.join(""));
    expect(gzip(bytes).length).toBeLessThan(bytes.length / 4);
  });
});
