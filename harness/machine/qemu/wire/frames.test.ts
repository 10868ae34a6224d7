import fc from "fast-check";
import { expect, test } from "vitest";
import { datagramFrame, hereFrame, readFrame, type WireEnds } from "./frames.ts";
import { internetChecksum } from "./checksum.ts";

const ends: WireEnds = {
  guest: { ip: "10.0.2.15", mac: "52:54:00:12:34:56" },
  peers: { ip: "10.0.2.100", mac: "52:55:0a:00:02:64" },
};
/** The same wire from its other end: what we put on it, a guest reads, and the other way round. */
const turned: WireEnds = { guest: ends.peers, peers: ends.guest };

// Measured: Linux 6.1 asking for the peers' address and sending "hi\n" from port 52396 to 9999.
const asked = "ffffffffffff525400123456080600010800060400015254001234560a00020f0000000000000a000264";
const sent = "52550a00026452540012345608004500001f00b04000401121ac0a00020f0a000264ccac270f000b814068690a";

test("a datagram is read at one end as it was put in at the other", () => {
  const datagrams = fc.record({
    guestPort: fc.integer({ min: 1, max: 65535 }),
    peerPort: fc.integer({ min: 1, max: 65535 }),
    bytes: fc.uint8Array({ maxLength: 1472 }),
  });
  fc.assert(
    fc.property(datagrams, ({ guestPort, peerPort, bytes }) => {
      const frame = datagramFrame(turned, { guestPort: peerPort, peerPort: guestPort, bytes });
      const datagram = { guestPort, peerPort, bytes };
      expect(readFrame(ends, frame)).toEqual({ ok: true, value: { kind: "datagram", datagram } });
    }),
  );
});

test("frames of a real guest are understood", () => {
  expect(readFrame(ends, Buffer.from(asked, "hex"))).toEqual({ ok: true, value: { kind: "who-has" } });
  const datagram = { guestPort: 52396, peerPort: 9999, bytes: Uint8Array.from(Buffer.from("hi\n")) };
  expect(readFrame(ends, Buffer.from(sent, "hex"))).toEqual({
    ok: true,
    value: { kind: "datagram", datagram },
  });
  const here = Buffer.from(hereFrame(ends)).toString("hex");
  expect(here.slice(0, 84)).toBe(
    "52540012345652550a0002640806000108000604000252550a0002640a0002645254001234560a00020f",
  );
});

/** The guest's datagram with some bytes changed, and the header's checksum made right again unless it is the matter. */
function change(places: Readonly<Record<number, number>>, { sealed = true } = {}): Uint8Array {
  const frame = Buffer.from(sent, "hex");
  for (const [at, byte] of Object.entries(places)) frame[Number(at)] = byte;
  if (sealed) {
    frame.fill(0, 24, 26);
    frame.writeUInt16BE(internetChecksum(frame.subarray(14, 34)), 24);
  }
  return frame;
}

test.each([
  ["another hardware address", change({ 5: 1 }), "elsewhere"],
  ["IPv6", change({ 12: 0x86, 13: 0xdd }), "elsewhere"],
  ["TCP", change({ 23: 6 }), "elsewhere"],
  ["the gateway", change({ 33: 2 }), "elsewhere"],
  ["another sender", change({ 29: 16 }), "stranger"],
  ["another card", change({ 11: 1 }), "stranger"],
  ["options", change({ 14: 0x46 }), "ip-form"],
  ["a length below the header", change({ 17: 19 }), "ip-form"],
  ["a length beyond the frame", change({ 17: 0x20 }), "cut-short"],
  ["a fragment that others follow", change({ 20: 0x20 }), "fragment"],
  ["a fragment that follows others", change({ 21: 1 }), "fragment"],
  ["a damaged header", change({ 22: 63 }, { sealed: false }), "ip-checksum"],
  ["a datagram longer than its packet", change({ 39: 12 }), "udp-length"],
  ["a datagram shorter than its header", change({ 39: 7 }), "udp-length"],
  ["a damaged text", change({ 42: 0x67 }), "udp-checksum"],
  ["a frame that ends too early", Buffer.from(sent, "hex").subarray(0, 41), "cut-short"],
  ["no frame at all", new Uint8Array(13), "cut-short"],
  ["a question for the gateway", Buffer.from(asked.replace(/64$/u, "02"), "hex"), "elsewhere"],
  ["a question of another form", Buffer.from(asked.replace("08060001", "08060006"), "hex"), "arp-form"],
])("%s is no datagram for the peers", (_, frame, why) => {
  expect(readFrame(ends, frame)).toEqual({ ok: false, error: why });
});

test("no frame of a hostile guest makes the reader throw, though it is almost right", () => {
  const almost = fc.array(fc.tuple(fc.nat(44), fc.nat(255)), { maxLength: 4 });
  fc.assert(
    fc.property(almost, fc.nat(45), fc.boolean(), (places, length, sealed) => {
      const frame = change(Object.fromEntries(places), { sealed });
      expect(typeof readFrame(ends, frame.subarray(0, length)).ok).toBe("boolean");
      expect(typeof readFrame(ends, frame).ok).toBe("boolean");
    }),
    { numRuns: 2000 },
  );
});
