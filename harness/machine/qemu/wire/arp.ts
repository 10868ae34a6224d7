import { type Result, err, ok } from "../../../base/index.ts";
import type { Damage } from "./damage.ts";
import { macAt, macBytes } from "./ethernet.ts";
import { ipAt, ipBytes } from "./ipv4.ts";

/** Who has an IPv4 address on an Ethernet: the question, or its answer. */
export interface Arp {
  readonly operation: "request" | "reply";
  readonly sender: { readonly mac: string; readonly ip: string };
  readonly target: { readonly mac: string; readonly ip: string };
}

const size = 28;
/** Ethernet, IPv4, addresses of six and of four bytes. */
const form = [0, 1, 8, 0, 6, 4, 0];
const operations = { request: 1, reply: 2 } as const;

export function readArp(bytes: Uint8Array): Result<Arp, Damage> {
  if (bytes.length < size) return err("cut-short");
  const operation = bytes[7];
  const isKnown = operation === operations.request || operation === operations.reply;
  if (!isKnown || form.some((byte, i) => bytes[i] !== byte)) return err("arp-form");
  return ok({
    operation: operation === operations.request ? "request" : "reply",
    sender: { mac: macAt(bytes, 8), ip: ipAt(bytes, 14) },
    target: { mac: macAt(bytes, 18), ip: ipAt(bytes, 24) },
  });
}

export function arpBytes({ operation, sender, target }: Arp): Uint8Array {
  return Uint8Array.from([
    ...form,
    operations[operation],
    ...macBytes(sender.mac),
    ...ipBytes(sender.ip),
    ...macBytes(target.mac),
    ...ipBytes(target.ip),
  ]);
}
