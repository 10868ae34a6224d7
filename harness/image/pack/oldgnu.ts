import type { ByteRange } from "../bytes.ts";
import { setAscii } from "../bytes.ts";
import type { SparseDisk } from "./grow.ts";

const RECORD = 512;
/** Sparse entries in the file's header, and in each header that continues it. */
const FIRST_ENTRIES = 4;
const MORE_ENTRIES = 21;
/** How much of the disk is read at once: a multiple of the record and of the disk's blocks. */
const STEP = 1 << 20;

/**
 * A tar archive with one sparse member, in the form that GNU tar calls `oldgnu` (GNU tar manual, "Storing sparse
 * files"; tar.h's `oldgnu_header`). The map of holes comes from the content, not from the file system, and times
 * and owners are zero: the same disk always gives the same bytes.
 */
export function* oldGnuArchive(member: string, disk: SparseDisk): Generator<Uint8Array> {
  // The last entry says where the file ends, also when it ends in a hole.
  const map = [...disk.extents, { offset: disk.size, length: 0 }];
  yield header(member, disk, map.slice(0, FIRST_ENTRIES), map.length > FIRST_ENTRIES);
  for (let at = FIRST_ENTRIES; at < map.length; at += MORE_ENTRIES) {
    yield continuation(map.slice(at, at + MORE_ENTRIES), map.length > at + MORE_ENTRIES);
  }
  for (const { offset, length } of disk.extents) {
    for (let at = offset; at < offset + length; at += STEP) {
      const bytes = disk.read(at, Math.min(STEP, offset + length - at));
      yield bytes;
      const rest = bytes.length % RECORD;
      if (rest > 0) yield new Uint8Array(RECORD - rest);
    }
  }
  yield new Uint8Array(2 * RECORD);
}

function header(member: string, disk: SparseDisk, map: readonly ByteRange[], more: boolean): Uint8Array {
  const bytes = new Uint8Array(RECORD);
  const stored = disk.extents.reduce((sum, extent) => sum + extent.length, 0);
  setAscii(bytes, 0, member);
  setNumber(bytes, 100, 8, 0o644);
  setNumber(bytes, 108, 8, 0);
  setNumber(bytes, 116, 8, 0);
  setNumber(bytes, 124, 12, stored);
  setNumber(bytes, 136, 12, 0);
  setAscii(bytes, 148, "        ");
  setAscii(bytes, 156, "S");
  setAscii(bytes, 257, "ustar  \0");
  setMap(bytes, 386, map);
  bytes[482] = more ? 1 : 0;
  setNumber(bytes, 483, 12, disk.size);
  const sum = bytes.reduce((a, b) => a + b, 0);
  setAscii(bytes, 148, `${sum.toString(8).padStart(6, "0")}\0 `);
  return bytes;
}

function continuation(map: readonly ByteRange[], more: boolean): Uint8Array {
  const bytes = new Uint8Array(RECORD);
  setMap(bytes, 0, map);
  bytes[504] = more ? 1 : 0;
  return bytes;
}

function setMap(bytes: Uint8Array, at: number, map: readonly ByteRange[]): void {
  for (const [i, { offset, length }] of map.entries()) {
    setNumber(bytes, at + 24 * i, 12, offset);
    setNumber(bytes, at + 24 * i + 12, 12, length);
  }
}

/** Octal and a zero byte; what is too large for that in base 256 with the top bit set, as GNU tar does. */
function setNumber(bytes: Uint8Array, at: number, width: number, value: number): void {
  const octal = value.toString(8);
  if (octal.length < width) return setAscii(bytes, at, octal.padStart(width - 1, "0"));
  let rest = BigInt(value);
  for (let i = width - 1; i > 0; i--, rest >>= 8n) bytes[at + i] = Number(rest & 0xffn);
  bytes[at] = 0x80;
}
