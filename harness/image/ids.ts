import { createHash } from "node:crypto";
import { sha256 } from "../base/index.ts";
import { copyOf, viewOf } from "./bytes.ts";

/**
 * What the ids of an image are made from: its name and the digest of its content. Two images never share
 * an id, the same image always has the same ones, and no random number is involved.
 */
export interface IdSeed {
  readonly image: string;
  /** SHA-256 over the content, 64 hexadecimal digits. */
  readonly content: string;
}

/** The digest that an `IdSeed` wants, from the digests of everything that goes into the image. */
export function contentDigest(digests: readonly string[]): string {
  return sha256(digests.join("\n"));
}

/** A UUID in text form for a role such as `disk`; version 8 of RFC 9562, whose bits are ours to choose. */
export function nameBasedId(seed: IdSeed, role: string): string {
  const bytes = nameHash(seed, role).subarray(0, 16);
  const view = viewOf(bytes);
  view.setUint8(6, (view.getUint8(6) & 0x0f) | 0x80);
  view.setUint8(8, (view.getUint8(8) & 0x3f) | 0x80);
  return uuidText(bytes);
}

/** A 32-bit serial number for a role, as a FAT volume has it. */
export function nameBasedSerial(seed: IdSeed, role: string): number {
  return viewOf(nameHash(seed, role)).getUint32(0, true);
}

/** The 16 bytes of a UUID as GPT stores them: the first three fields little endian. */
export function guidBytes(uuid: string): Uint8Array {
  return swapFields(Buffer.from(uuid.replaceAll("-", ""), "hex"));
}

/** The UUID that 16 stored bytes mean, in lower case. */
export function guidText(bytes: Uint8Array): string {
  return uuidText(swapFields(bytes));
}

function uuidText(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes).toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

function swapFields(bytes: Uint8Array): Uint8Array {
  const swapped = copyOf(bytes);
  swapped.subarray(0, 4).reverse();
  swapped.subarray(4, 6).reverse();
  swapped.subarray(6, 8).reverse();
  return swapped;
}

function nameHash(seed: IdSeed, role: string): Buffer {
  return createHash("sha256").update(`capos-id\0${seed.image}\0${role}\0${seed.content}`).digest();
}
