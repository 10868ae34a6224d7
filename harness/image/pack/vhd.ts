import { createHash } from "node:crypto";
import { SECTOR_BYTES, setAscii, viewOf } from "../bytes.ts";
import type { SparseDisk } from "./grow.ts";

/** What follows the disk in a fixed VHD. */
export const VHD_FOOTER_BYTES = 512;

/**
 * The footer of a fixed VHD (Microsoft's "Virtual Hard Disk Image Format Specification", 1.0). Numbers are big
 * endian. Its time is the format's epoch and its id comes from the disk's digest, so that it is always the same.
 */
export function vhdFooter(disk: Pick<SparseDisk, "size" | "digest">): Uint8Array {
  const footer = new Uint8Array(VHD_FOOTER_BYTES);
  const view = viewOf(footer);
  setAscii(footer, 0, "conectix");
  view.setUint32(8, 2); // "reserved": always set
  view.setUint32(12, 0x0001_0000);
  view.setBigUint64(16, 0xffff_ffff_ffff_ffffn); // no dynamic header
  // Readers take the size of an unknown creator from the geometry, which cannot say every size; of Hyper-V's from
  // the size field.
  setAscii(footer, 28, "win ");
  view.setUint32(32, 0x0001_0000);
  setAscii(footer, 36, "Wi2k");
  view.setBigUint64(40, BigInt(disk.size));
  view.setBigUint64(48, BigInt(disk.size));
  const { cylinders, heads, sectors } = geometry(disk.size / SECTOR_BYTES);
  view.setUint16(56, cylinders);
  view.setUint8(58, heads);
  view.setUint8(59, sectors);
  view.setUint32(60, 2); // fixed
  footer.set(createHash("sha256").update(`capos-vhd\0${disk.digest}`).digest().subarray(0, 16), 68);
  // The checksum is taken while its own field is still zero.
  view.setUint32(64, ~footer.reduce((a, b) => a + b, 0) >>> 0);
  return footer;
}

interface Geometry {
  readonly cylinders: number;
  readonly heads: number;
  readonly sectors: number;
}

/** The appendix "CHS calculation" of the specification. */
function geometry(total: number): Geometry {
  const capped = Math.min(total, 65535 * 16 * 255);
  if (capped >= 65535 * 16 * 63) return { cylinders: Math.floor(capped / 255 / 16), heads: 16, sectors: 255 };
  let sectors = 17;
  let tracks = Math.floor(capped / sectors);
  let heads = Math.max(4, Math.floor((tracks + 1023) / 1024));
  if (tracks >= heads * 1024 || heads > 16) {
    sectors = 31;
    heads = 16;
    tracks = Math.floor(capped / sectors);
  }
  if (tracks >= heads * 1024) {
    sectors = 63;
    heads = 16;
    tracks = Math.floor(capped / sectors);
  }
  return { cylinders: Math.floor(tracks / heads), heads, sectors };
}
