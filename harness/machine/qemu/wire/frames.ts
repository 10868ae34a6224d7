import { type Result, err, ok } from "../../../base/index.ts";
import type { Datagram } from "../../types.ts";
import { arpBytes, readArp } from "./arp.ts";
import type { Damage } from "./damage.ts";
import { type EthernetFrame, ethernetBytes, etherType, everybody, readEthernet } from "./ethernet.ts";
import { ipv4Bytes, protocolUdp, readIpv4 } from "./ipv4.ts";
import { readUdp, udpBytes } from "./udp.ts";

/** Both ends of the wire. */
export interface WireEnds {
  readonly guest: { readonly ip: string; readonly mac: string };
  readonly peers: { readonly ip: string; readonly mac: string };
}

export type Frame =
  | { readonly kind: "datagram"; readonly datagram: Datagram }
  /** The guest asks for the peers' hardware address. */
  | { readonly kind: "who-has" };

/**
 * Why nobody gets to see a frame. `elsewhere`: it is not for the peers, or no datagram, as everything that the
 * emulator's own stack deals with. `stranger`: it is for them, but not from where an answer would go.
 */
export type Unread = Damage | "elsewhere" | "stranger";

/** What a frame of the guest says to its peers. */
export function readFrame(ends: WireEnds, bytes: Uint8Array): Result<Frame, Unread> {
  const frame = readEthernet(bytes);
  if (!frame.ok) return frame;
  const { to, type } = frame.value;
  if (to !== ends.peers.mac && to !== everybody) return err("elsewhere");
  if (type === etherType.arp) return readQuestion(ends, frame.value);
  return type === etherType.ip ? readDatagram(ends, frame.value) : err("elsewhere");
}

function readQuestion(ends: WireEnds, { payload }: EthernetFrame): Result<Frame, Unread> {
  const arp = readArp(payload);
  if (!arp.ok) return arp;
  const asks = arp.value.operation === "request" && arp.value.target.ip === ends.peers.ip;
  return asks ? ok({ kind: "who-has" }) : err("elsewhere");
}

function readDatagram(ends: WireEnds, { from: mac, payload }: EthernetFrame): Result<Frame, Unread> {
  const packet = readIpv4(payload);
  if (!packet.ok) return packet;
  const { from, to, protocol } = packet.value;
  if (to !== ends.peers.ip || protocol !== protocolUdp) return err("elsewhere");
  if (from !== ends.guest.ip || mac !== ends.guest.mac) return err("stranger");
  const udp = readUdp(packet.value, packet.value.payload);
  if (!udp.ok) return udp;
  const { fromPort, toPort, bytes } = udp.value;
  return ok({ kind: "datagram", datagram: { guestPort: fromPort, peerPort: toPort, bytes } });
}

/** The frame that brings a datagram to the guest. */
export function datagramFrame(
  { guest, peers }: WireEnds,
  { guestPort, peerPort, bytes }: Datagram,
): Uint8Array {
  const carrier = { from: peers.ip, to: guest.ip };
  const payload = udpBytes(carrier, { fromPort: peerPort, toPort: guestPort, bytes });
  return ethernetBytes({
    to: guest.mac,
    from: peers.mac,
    type: etherType.ip,
    payload: ipv4Bytes({ ...carrier, protocol: protocolUdp, payload }),
  });
}

/** The frame that tells the guest the peers' hardware address. */
export function hereFrame({ guest, peers }: WireEnds): Uint8Array {
  return ethernetBytes({
    to: guest.mac,
    from: peers.mac,
    type: etherType.arp,
    payload: arpBytes({ operation: "reply", sender: peers, target: guest }),
  });
}
