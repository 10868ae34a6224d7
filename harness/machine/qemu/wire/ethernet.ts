import { type Result, err, ok } from "../../../base/index.ts";
import type { Damage } from "./damage.ts";

/** A frame of a network card, without the checksum that only a real wire has. Addresses as `52:54:00:12:34:56`. */
export interface EthernetFrame {
  readonly to: string;
  readonly from: string;
  readonly type: number;
  readonly payload: Uint8Array;
}

export const etherType = { ip: 0x0800, arp: 0x0806 } as const;
export const everybody = "ff:ff:ff:ff:ff:ff";

const header = 14;
/** What is shorter goes padded. */
const shortest = 60;

export function readEthernet(bytes: Uint8Array): Result<EthernetFrame, Damage> {
  if (bytes.length < header) return err("cut-short");
  const frame = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return ok({
    to: macAt(frame, 0),
    from: macAt(frame, 6),
    type: frame.readUInt16BE(12),
    payload: frame.subarray(header),
  });
}

export function ethernetBytes({ to, from, type, payload }: EthernetFrame): Uint8Array {
  const frame = Buffer.alloc(Math.max(shortest, header + payload.length));
  frame.set(macBytes(to), 0);
  frame.set(macBytes(from), 6);
  frame.writeUInt16BE(type, 12);
  frame.set(payload, header);
  return frame;
}

export function macBytes(mac: string): readonly number[] {
  return mac.split(":").map((byte) => Number.parseInt(byte, 16));
}

/** The address of six bytes that must be there. */
export function macAt(bytes: Uint8Array, at: number): string {
  return Array.from(bytes.subarray(at, at + 6), (byte) => byte.toString(16).padStart(2, "0")).join(":");
}
