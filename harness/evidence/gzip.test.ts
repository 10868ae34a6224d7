import { gunzipSync } from "node:zlib";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sha256 } from "../base/index.ts";
import { gzip } from "./gzip.ts";

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
