import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Capture, LineCutter } from "./output.ts";

const chunked = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 30 });

test("a short stream is kept whole, a long one by both its ends", () => {
  fc.assert(
    fc.property(chunked, fc.integer({ min: 0, max: 200 }), (chunks, limit) => {
      const whole = Buffer.concat(chunks).toString("latin1");
      const ascii = chunks.map((chunk) => chunk.map((byte) => 0x20 + (byte % 0x5f)));
      const text = Buffer.concat(ascii).toString("latin1");
      const capture = new Capture(limit);
      for (const chunk of ascii) capture.add(chunk);
      const got = capture.get();
      expect(got.bytes).toBe(whole.length);
      const head = Math.floor(limit / 4);
      if (text.length <= limit) {
        expect(got).toEqual({ text, bytes: text.length, dropped: 0 });
      } else {
        expect(got.dropped).toBe(text.length - limit);
        expect(got.text).toBe(
          `${text.slice(0, head)}\n[${got.dropped} bytes left out]\n${text.slice(text.length - (limit - head))}`,
        );
      }
    }),
  );
});

function cut(chunks: readonly Uint8Array[], maxLength?: number): string[] {
  const lines: string[] = [];
  const cutter = new LineCutter((line) => lines.push(line), maxLength);
  for (const chunk of chunks) cutter.add(chunk);
  cutter.end();
  return lines;
}

test("lines do not depend on where the stream was cut", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "grapheme", maxLength: 60 }),
      fc.infiniteStream(fc.nat(4)),
      (text, sizes) => {
        const bytes = Buffer.from(text.replaceAll("x", "\n"));
        const chunks: Uint8Array[] = [];
        for (let at = 0; at < bytes.length;) {
          const size = sizes.next().value ?? 1;
          chunks.push(bytes.subarray(at, at + size));
          at += size;
        }
        expect(cut(chunks)).toEqual(cut([bytes]));
      },
    ),
  );
});

test("a carriage return before the newline is dropped and a last line needs no newline", () => {
  expect(cut([Buffer.from("one\r\ntwo\n\nthree")])).toEqual(["one", "two", "", "three"]);
});

test("a line without end comes in pieces, so memory is bounded", () => {
  expect(cut([Buffer.from("abcdefgh")], 3)).toEqual(["abc", "def", "gh"]);
});
