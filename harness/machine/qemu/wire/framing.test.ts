import fc from "fast-check";
import { expect, test } from "vitest";
import { framed, FrameReader } from "./framing.ts";

test("frames come whole out of a stream cut anywhere", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 50 })), fc.array(fc.nat(500)), (frames, borders) => {
      const stream = Buffer.concat(frames.map(framed));
      const reader = new FrameReader();
      const cuts = [0, ...borders.filter((b) => b < stream.length).toSorted((a, b) => a - b), stream.length];
      const read = cuts.slice(1).flatMap((cut, i) => reader.add(stream.subarray(cuts[i], cut)));
      expect(read.map((f) => Buffer.from(f).toString("hex"))).toEqual(
        frames.map((f) => Buffer.from(f).toString("hex")),
      );
    }),
  );
});
