import { type Result, err, ok } from "../../../base/index.ts";
import { internetChecksum } from "./checksum.ts";
import type { Damage } from "./damage.ts";
import { ipBytes, protocolUdp } from "./ipv4.ts";

export interface UdpDatagram {
  readonly fromPort: number;
  readonly toPort: number;
  readonly bytes: Uint8Array;
}

/** The addresses of the packet that carries it: its checksum is over them, too. */
export interface Carrier {
  readonly from: string;
  readonly to: string;
}

const header = 8;

/** A checksum of zero says that the sender made none, as it may. */
export function readUdp(carrier: Carrier, payload: Uint8Array): Result<UdpDatagram, Damage> {
  if (payload.length < header) return err("cut-short");
  const all = Buffer.from(payload.buffer, payload.byteOffset, payload.length);
  const length = all.readUInt16BE(4);
  if (length < header || length > all.length) return err("udp-length");
  const datagram = all.subarray(0, length);
  const isChecked = datagram.readUInt16BE(6) !== 0;
  if (isChecked && internetChecksum(pseudoHeader(carrier, length), datagram) !== 0)
    return err("udp-checksum");
  return ok({
    fromPort: datagram.readUInt16BE(0),
    toPort: datagram.readUInt16BE(2),
    bytes: Uint8Array.from(datagram.subarray(header)),
  });
}

export function udpBytes(carrier: Carrier, { fromPort, toPort, bytes }: UdpDatagram): Uint8Array {
  const datagram = Buffer.alloc(header + bytes.length);
  datagram.writeUInt16BE(fromPort, 0);
  datagram.writeUInt16BE(toPort, 2);
  datagram.writeUInt16BE(datagram.length, 4);
  datagram.set(bytes, header);
  const sum = internetChecksum(pseudoHeader(carrier, datagram.length), datagram);
  // A sum of zero would say that there is none.
  datagram.writeUInt16BE(sum === 0 ? 0xffff : sum, 6);
  return datagram;
}

function pseudoHeader({ from, to }: Carrier, length: number): Uint8Array {
  return Uint8Array.from([...ipBytes(from), ...ipBytes(to), 0, protocolUdp, length >>> 8, length & 0xff]);
}
