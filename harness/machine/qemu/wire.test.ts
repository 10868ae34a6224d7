import fc from "fast-check";
import { expect, test } from "vitest";
import { datagramFrame, framed, FrameReader, hereFrame, readFrame, type WireEnds } from "./wire.ts";

const ends: WireEnds = {
  guest: { ip: "10.0.2.15", mac: "52:54:00:12:34:56" },
  peers: { ip: "10.0.2.100", mac: "52:55:0a:00:02:64" },
};
/** The same wire from its other end: what we put on it, a guest reads, and the other way round. */
const turned: WireEnds = { guest: ends.peers, peers: ends.guest };

const datagrams = fc.record({
  guestPort: fc.integer({ min: 1, max: 65535 }),
  peerPort: fc.integer({ min: 1, max: 65535 }),
  bytes: fc.uint8Array({ maxLength: 1472 }),
});

test("a datagram is read at one end as it was put in at the other", () => {
  fc.assert(
    fc.property(datagrams, ({ guestPort, peerPort, bytes }) => {
      const frame = datagramFrame(turned, { guestPort: peerPort, peerPort: guestPort, bytes });
      expect(readFrame(ends, frame)).toEqual({ kind: "datagram", datagram: { guestPort, peerPort, bytes } });
    }),
  );
});

test("both checksums of a frame come to nothing, as a receiver computes them", () => {
  fc.assert(
    fc.property(datagrams, (datagram) => {
      const frame = Buffer.from(datagramFrame(ends, datagram));
      const pseudo = Buffer.concat([frame.subarray(26, 34), Buffer.from([0, 17]), frame.subarray(38, 40)]);
      expect(sum(frame.subarray(14, 34))).toBe(0xffff);
      expect(sum(Buffer.concat([pseudo, frame.subarray(34)]))).toBe(0xffff);
    }),
  );
});

test("a checksum that comes to zero is not taken for none", () => {
  const datagram = { guestPort: 1, peerPort: 2, bytes: Buffer.alloc(2) };
  // What completes the sum of this one makes the sum of the next nothing.
  const word = Buffer.from(datagramFrame(ends, datagram)).subarray(40, 42);
  const frame = Buffer.from(datagramFrame(ends, { ...datagram, bytes: word }));
  expect(frame.readUInt16BE(40)).toBe(0xffff);
});

// Measured: Linux 6.1 asking for the peers' address and sending "hi\n" from port 52396 to 9999.
const asked = "ffffffffffff525400123456080600010800060400015254001234560a00020f0000000000000a000264";
const sent = "52550a00026452540012345608004500001f00b04000401121ac0a00020f0a000264ccac270f000b814068690a";

test("frames of a real guest are understood", () => {
  expect(readFrame(ends, Buffer.from(asked, "hex"))).toEqual({ kind: "who-has" });
  expect(readFrame(ends, Buffer.from(sent, "hex"))).toEqual({
    kind: "datagram",
    datagram: { guestPort: 52396, peerPort: 9999, bytes: Uint8Array.from(Buffer.from("hi\n")) },
  });
  const here = Buffer.from(hereFrame(ends)).toString("hex");
  expect(here.slice(0, 84)).toBe(
    "52540012345652550a0002640806000108000604000252550a0002640a0002645254001234560a00020f",
  );
});

test("what is not a whole datagram for the peers is none, whatever a hostile guest sends", () => {
  const frame = Buffer.from(sent, "hex");
  const change = (at: number, byte: number): Buffer => {
    const changed = Buffer.from(frame);
    changed[at] = byte;
    return changed;
  };
  const others = [
    change(12, 0x86),
    change(14, 0x46),
    change(20, 0x20),
    change(23, 6),
    change(33, 2),
    change(39, 7),
    change(38, 1),
    frame.subarray(0, 41),
  ];
  for (const other of others) expect(readFrame(ends, other)).toBeUndefined();
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      readFrame(ends, bytes);
    }),
  );
});

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

function sum(bytes: Buffer): number {
  let all = 0;
  for (let at = 0; at < bytes.length; at += 2) all += ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
  while (all > 0xffff) all = (all & 0xffff) + (all >>> 16);
  return all;
}
