/**
 * Frames of the guest's network card, as far as datagrams need them: Ethernet, IPv4 without options or fragments, UDP,
 * and the question who has an address. TCP is the emulator's own business.
 */

/** A datagram between a port of the guest and a port of its peers' address. */
export interface Datagram {
  readonly guestPort: number;
  readonly peerPort: number;
  readonly bytes: Uint8Array;
}

/** Both ends of the wire. */
export interface WireEnds {
  readonly guest: { readonly ip: string; readonly mac: string };
  readonly peers: { readonly ip: string; readonly mac: string };
}

export type Frame =
  | { readonly kind: "datagram"; readonly datagram: Datagram }
  /** The guest asks for the peers' hardware address. */
  | { readonly kind: "who-has" };

const ethernet = 14;
const ipHeader = 20;
const udpHeader = 8;
const typeIp = 0x0800;
const typeArp = 0x0806;
const protocolUdp = 17;

/** What a frame of the guest says to its peers; undefined for everything else, and for what is damaged. */
export function readFrame(ends: WireEnds, bytes: Uint8Array): Frame | undefined {
  const frame = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (frame.length < ethernet + ipHeader) return undefined;
  const type = frame.readUInt16BE(12);
  if (type === typeArp) {
    const asks = frame.length >= ethernet + 28 && frame.readUInt16BE(ethernet + 6) === 1;
    return asks && isAddress(frame, ethernet + 24, ends.peers.ip) ? { kind: "who-has" } : undefined;
  }
  if (type !== typeIp || frame[ethernet] !== 0x45 || frame[ethernet + 9] !== protocolUdp) return undefined;
  const udp = ethernet + ipHeader;
  // The two flags that may be set are the reserved one and "do not fragment".
  const isFragment = (frame.readUInt16BE(ethernet + 6) & 0x3fff) !== 0;
  if (isFragment || !isAddress(frame, ethernet + 16, ends.peers.ip) || frame.length < udp + udpHeader) {
    return undefined;
  }
  const length = frame.readUInt16BE(udp + 4);
  if (length < udpHeader || frame.length < udp + length) return undefined;
  const datagram = {
    guestPort: frame.readUInt16BE(udp),
    peerPort: frame.readUInt16BE(udp + 2),
    bytes: Uint8Array.from(frame.subarray(udp + udpHeader, udp + length)),
  };
  return { kind: "datagram", datagram };
}

/** The frame that brings a datagram to the guest. */
export function datagramFrame(ends: WireEnds, { guestPort, peerPort, bytes }: Datagram): Uint8Array {
  const udp = ethernet + ipHeader;
  const frame = Buffer.alloc(udp + udpHeader + bytes.length);
  putHeader(frame, ends, typeIp);
  frame[ethernet] = 0x45;
  frame.writeUInt16BE(ipHeader + udpHeader + bytes.length, ethernet + 2);
  frame[ethernet + 8] = 64;
  frame[ethernet + 9] = protocolUdp;
  putAddress(frame, ethernet + 12, ends.peers.ip);
  putAddress(frame, ethernet + 16, ends.guest.ip);
  frame.writeUInt16BE(checksum(frame.subarray(ethernet, udp)), ethernet + 10);
  frame.writeUInt16BE(peerPort, udp);
  frame.writeUInt16BE(guestPort, udp + 2);
  frame.writeUInt16BE(udpHeader + bytes.length, udp + 4);
  frame.set(bytes, udp + udpHeader);
  const pseudo = Buffer.alloc(12);
  frame.copy(pseudo, 0, ethernet + 12, udp);
  pseudo[9] = protocolUdp;
  pseudo.writeUInt16BE(udpHeader + bytes.length, 10);
  // A sum of zero would say that there is none.
  frame.writeUInt16BE(checksum(Buffer.concat([pseudo, frame.subarray(udp)])) || 0xffff, udp + 6);
  return frame;
}

/** The frame that tells the guest the peers' hardware address. */
export function hereFrame(ends: WireEnds): Uint8Array {
  const frame = Buffer.alloc(60);
  putHeader(frame, ends, typeArp);
  frame.set([0, 1, 8, 0, 6, 4, 0, 2], ethernet);
  putMac(frame, ethernet + 8, ends.peers.mac);
  putAddress(frame, ethernet + 14, ends.peers.ip);
  putMac(frame, ethernet + 18, ends.guest.mac);
  putAddress(frame, ethernet + 24, ends.guest.ip);
  return frame;
}

/** A frame as the emulator's filters pass it on: its length in four bytes, then itself. */
export function framed(frame: Uint8Array): Uint8Array {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(frame.length);
  return Buffer.concat([length, frame]);
}

/** Cuts what the emulator's filters send into frames, wherever chunks begin and end. */
export class FrameReader {
  #rest = Buffer.alloc(0);

  add(bytes: Uint8Array): readonly Uint8Array[] {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    const frames: Uint8Array[] = [];
    for (;;) {
      if (this.#rest.length < 4) return frames;
      const length = this.#rest.readUInt32BE(0);
      if (this.#rest.length < 4 + length) return frames;
      frames.push(this.#rest.subarray(4, 4 + length));
      this.#rest = this.#rest.subarray(4 + length);
    }
  }
}

function putHeader(frame: Buffer, ends: WireEnds, type: number): void {
  putMac(frame, 0, ends.guest.mac);
  putMac(frame, 6, ends.peers.mac);
  frame.writeUInt16BE(type, 12);
}

function putMac(frame: Buffer, at: number, mac: string): void {
  frame.set(
    mac.split(":").map((byte) => Number.parseInt(byte, 16)),
    at,
  );
}

function putAddress(frame: Buffer, at: number, ip: string): void {
  frame.set(ip.split(".").map(Number), at);
}

function isAddress(frame: Buffer, at: number, ip: string): boolean {
  return ip.split(".").every((byte, i) => frame[at + i] === Number(byte));
}

/** RFC 1071. */
function checksum(bytes: Buffer): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
