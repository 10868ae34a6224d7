import * as fc from "fast-check";
import { expect, test } from "vitest";
import { SerialRing } from "../fake/ring.ts";
import { SerialReader } from "./reader.ts";

const text = fc.array(fc.constantFrom(..."ab\n[]é€🦀"), { maxLength: 400 }).map((c) => c.join(""));

test("whatever the pieces, the console is what was printed, and nothing is lost unseen", () => {
  fc.assert(
    fc.property(
      fc.array(text, { maxLength: 20 }),
      fc.integer({ min: 20, max: 900 }),
      fc.integer({ min: 4, max: 300 }),
      (parts, size, most) => {
        const ring = new SerialRing(size);
        const reader = new SerialReader();
        let printed = 0;
        let read = 0;
        let lost = 0;
        for (const part of parts) {
          ring.add(Buffer.from(part));
          printed += Buffer.byteLength(part);
          const piece = ring.read(reader.next, most);
          read += piece.next - piece.start;
          lost += reader.take(piece).lost?.count ?? 0;
        }
        while (reader.next < printed) {
          const piece = ring.read(reader.next, most);
          read += piece.next - piece.start;
          lost += reader.take(piece).lost?.count ?? 0;
        }
        expect(read + lost).toBe(printed);
        if (printed <= size) expect(lost).toBe(0);
      },
    ),
  );
});

test("whole characters come as they were, when they are not cut", () => {
  const ring = new SerialRing();
  const reader = new SerialReader();
  ring.add(Buffer.from("[kernel] a line\n[store] half"));
  expect(Buffer.from(reader.take(ring.read(reader.next)).bytes).toString()).toBe(
    "[kernel] a line\n[store] half",
  );
  ring.add(Buffer.from(" a line"));
  expect(Buffer.from(reader.take(ring.read(reader.next)).bytes).toString()).toBe(" a line");
  expect(reader.take(ring.read(reader.next))).toEqual({ bytes: Buffer.alloc(0), restarted: false });
});

test("bytes that the service has dropped are told with their place", () => {
  const ring = new SerialRing(10);
  const reader = new SerialReader();
  ring.add(Buffer.from("0123456789abcdef"));
  expect(reader.take(ring.read(0))).toEqual({
    bytes: Buffer.from("6789abcdef"),
    restarted: false,
    lost: { from: 0, count: 6 },
  });
});

test("a port that begins anew is read from its beginning", () => {
  const ring = new SerialRing();
  const reader = new SerialReader();
  ring.add(Buffer.from("the first boot, which was long"));
  reader.take(ring.read(0));
  ring.clear();
  ring.add(Buffer.from("the second"));
  expect(reader.take(ring.read(reader.next))).toMatchObject({ restarted: true });
  const again = reader.take(ring.read(reader.next));
  expect(Buffer.from(again.bytes).toString()).toBe("the second");
});

const words = fc.string({ unit: fc.constantFrom(..."ab\n"), minLength: 1, maxLength: 6 });

test("behind a restart only what was printed since is read, and all of it unless it begins as the first boot did", () => {
  fc.assert(
    fc.property(
      words,
      fc.array(words, { minLength: 1, maxLength: 5 }),
      fc.boolean(),
      (first, parts, keeps) => {
        const ring = new SerialRing();
        const reader = new SerialReader();
        ring.add(Buffer.from(first));
        reader.take(ring.read(0));
        reader.expectRestart();
        if (!keeps) ring.clear();
        let [seen, printed] = ["", ""];
        const look = (): void => {
          const piece = ring.read(reader.next);
          seen += Buffer.from(reader.take(piece).bytes).toString();
        };
        for (const part of parts) {
          ring.add(Buffer.from(part));
          printed += part;
          for (let i = 0; i < 4; i++) look();
        }
        expect(printed.endsWith(seen)).toBe(true);
        if (keeps || !`${parts[0]}`.startsWith(first.slice(0, parts[0]?.length))) expect(seen).toBe(printed);
      },
    ),
    { numRuns: 1000 },
  );
});
