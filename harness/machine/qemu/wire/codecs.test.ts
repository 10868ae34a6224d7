import fc from "fast-check";
import { expect, test } from "vitest";
import { type Arp, arpBytes, readArp } from "./arp.ts";
import { internetChecksum } from "./checksum.ts";
import { ethernetBytes, readEthernet } from "./ethernet.ts";
import { ipv4Bytes, readIpv4 } from "./ipv4.ts";
import { readUdp, udpBytes } from "./udp.ts";

/** Each layer alone: what it writes it reads, what is damaged it names, and nothing makes it throw. */

const ips = fc.ipV4();
const macs = fc
  .uint8Array({ minLength: 6, maxLength: 6 })
  .map((bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(":"));
const ports = fc.integer({ min: 0, max: 65535 });
const datagrams = fc.record({ fromPort: ports, toPort: ports, bytes: fc.uint8Array({ maxLength: 1472 }) });

const carrier = { from: "192.168.0.1", to: "192.168.0.199" };
/** The header that textbooks compute: its checksum is 0xb861. */
const known = Buffer.from("45000073000040004011b861c0a80001c0a800c7", "hex");

test("the checksum is that of a known header, and of the example in RFC 1071", () => {
  const bare = Buffer.from(known);
  bare.fill(0, 10, 12);
  expect(internetChecksum(bare)).toBe(0xb861);
  expect(internetChecksum(known)).toBe(0);
  expect(internetChecksum(Buffer.from("0001f203f4f5f6f7", "hex"))).toBe(0xffff - 0xddf2);
  expect(internetChecksum(Buffer.from("0001f203", "hex"), Buffer.from("f4f5f6", "hex"))).toBe(
    internetChecksum(Buffer.from("0001f203f4f5f600", "hex")),
  );
});

test("frames, packets, datagrams and questions are read as they were written", () => {
  fc.assert(
    fc.property(
      macs,
      macs,
      ports,
      fc.uint8Array({ minLength: 46, maxLength: 1500 }),
      (to, from, type, bytes) => {
        const frame = { to, from, type, payload: Buffer.from(bytes) };
        expect(readEthernet(ethernetBytes(frame))).toEqual({ ok: true, value: frame });
      },
    ),
  );
  fc.assert(
    fc.property(ips, ips, fc.nat(255), fc.uint8Array({ maxLength: 1480 }), (from, to, protocol, bytes) => {
      const packet = { from, to, protocol, payload: Buffer.from(bytes) };
      const padded = Buffer.concat([ipv4Bytes(packet), Buffer.alloc(bytes.length % 7)]);
      expect(readIpv4(padded)).toEqual({ ok: true, value: packet });
    }),
  );
  fc.assert(
    fc.property(ips, ips, datagrams, (from, to, datagram) => {
      expect(readUdp({ from, to }, udpBytes({ from, to }, datagram))).toEqual({ ok: true, value: datagram });
    }),
  );
  fc.assert(
    fc.property(
      fc.constantFrom("request" as const, "reply" as const),
      macs,
      ips,
      macs,
      ips,
      (operation, ...of) => {
        const arp: Arp = { operation, sender: { mac: of[0], ip: of[1] }, target: { mac: of[2], ip: of[3] } };
        expect(readArp(arpBytes(arp))).toEqual({ ok: true, value: arp });
      },
    ),
  );
});

test("short frames go padded to sixty bytes", () => {
  const frame = { to: "00:00:00:00:00:01", from: "00:00:00:00:00:02", type: 1, payload: Buffer.from("a") };
  expect(ethernetBytes(frame)).toHaveLength(60);
});

test("any bytes are read, or said to be damaged", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => {
      for (const read of [readEthernet, readArp, readIpv4, (b: Uint8Array) => readUdp(carrier, b)]) {
        expect(typeof read(bytes).ok).toBe("boolean");
      }
    }),
    { numRuns: 1000 },
  );
});

test("a bit that turned over in a packet's header or anywhere in a datagram is seen", () => {
  fc.assert(
    fc.property(datagrams, fc.nat(), (datagram, bit) => {
      const packet = Buffer.from(ipv4Bytes({ ...carrier, protocol: 17, payload: datagram.bytes }));
      turn(packet, bit % 160);
      expect(readIpv4(packet).ok).toBe(false);
      const bytes = Buffer.from(udpBytes(carrier, datagram));
      const at = bit % (bytes.length * 8);
      // A shorter length takes bytes out of the sum, too, and those may happen to make up for it.
      fc.pre(at < 32 || at >= 48);
      turn(bytes, at);
      // Unless what is left says that there is no checksum.
      expect(readUdp(carrier, bytes).ok).toBe(bytes.readUInt16BE(6) === 0);
    }),
  );
});

test("a datagram for another address is seen by its checksum, and one without a checksum is taken", () => {
  const bytes = Buffer.from(udpBytes(carrier, { fromPort: 1, toPort: 2, bytes: Buffer.from("text") }));
  expect(readUdp({ ...carrier, to: "192.168.0.198" }, bytes)).toEqual({ ok: false, error: "udp-checksum" });
  bytes.fill(0, 6, 8);
  expect(readUdp({ ...carrier, to: "192.168.0.198" }, bytes).ok).toBe(true);
});

test("a checksum that comes to zero is not taken for none", () => {
  // What completes the sum of this one makes the sum of the next nothing.
  const word = udpBytes(carrier, { fromPort: 1, toPort: 2, bytes: Buffer.alloc(2) }).subarray(6, 8);
  const bytes = udpBytes(carrier, { fromPort: 1, toPort: 2, bytes: word });
  expect(Buffer.from(bytes).readUInt16BE(6)).toBe(0xffff);
  expect(readUdp(carrier, bytes).ok).toBe(true);
});

function turn(bytes: Buffer, bit: number): void {
  bytes[bit >>> 3] = (bytes[bit >>> 3] ?? 0) ^ (1 << (bit & 7));
}
