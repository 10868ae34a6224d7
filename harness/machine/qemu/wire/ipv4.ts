import { type Result, err, ok } from "../../../base/index.ts";
import { internetChecksum } from "./checksum.ts";
import type { Damage } from "./damage.ts";

/** A packet of IPv4 that is whole and has no options. Addresses as `10.0.2.15`. */
export interface Ipv4Packet {
  readonly from: string;
  readonly to: string;
  readonly protocol: number;
  readonly payload: Uint8Array;
}

export const protocolUdp = 17;

const header = 20;
/** Version 4, a header of five words. */
const form = 0x45;
const timeToLive = 64;

/** What follows the packet, as padding does, is no part of it. */
export function readIpv4(bytes: Uint8Array): Result<Ipv4Packet, Damage> {
  if (bytes.length < header) return err("cut-short");
  const packet = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (packet[0] !== form) return err("ip-form");
  if (internetChecksum(packet.subarray(0, header)) !== 0) return err("ip-checksum");
  const length = packet.readUInt16BE(2);
  if (length < header) return err("ip-form");
  if (length > packet.length) return err("cut-short");
  // The two flags that may be set are the reserved one and "do not fragment".
  if ((packet.readUInt16BE(6) & 0x3fff) !== 0) return err("fragment");
  return ok({
    from: ipAt(packet, 12),
    to: ipAt(packet, 16),
    protocol: packet.readUInt8(9),
    payload: packet.subarray(header, length),
  });
}

export function ipv4Bytes({ from, to, protocol, payload }: Ipv4Packet): Uint8Array {
  const packet = Buffer.alloc(header + payload.length);
  packet[0] = form;
  packet.writeUInt16BE(packet.length, 2);
  packet[8] = timeToLive;
  packet[9] = protocol;
  packet.set(ipBytes(from), 12);
  packet.set(ipBytes(to), 16);
  packet.writeUInt16BE(internetChecksum(packet.subarray(0, header)), 10);
  packet.set(payload, header);
  return packet;
}

export function ipBytes(ip: string): readonly number[] {
  return ip.split(".").map(Number);
}

/** The address of four bytes that must be there. */
export function ipAt(bytes: Uint8Array, at: number): string {
  return bytes.subarray(at, at + 4).join(".");
}
