import { crc32 } from "node:zlib";
import { SECTOR_BYTES, setAscii, viewOf } from "./bytes.ts";
import { guidBytes } from "./ids.ts";

/** Partition types, as UUIDs in text form. */
export const partitionTypes = {
  biosBoot: "21686148-6449-6e6f-744e-656564454649",
  efiSystem: "c12a7328-f81f-11d2-ba4b-00a0c93ec93b",
} as const;

/** Sectors in front of the first usable one (protective MBR, header, 32 of entries), and as many less one behind. */
export const GPT_PRIMARY_SECTORS = 34;
export const GPT_BACKUP_SECTORS = 33;

export const GPT_SIGNATURE = "EFI PART";
export const GPT_HEADER_BYTES = 92;
export const GPT_ENTRIES = 128;
export const GPT_ENTRY_BYTES = 128;

export interface Partition {
  /** At most 36 characters of printable ASCII. */
  readonly name: string;
  /** UUID in text form. */
  readonly type: string;
  /** UUID in text form. */
  readonly id: string;
  readonly firstLba: number;
  /** Inclusive, as GPT counts. */
  readonly lastLba: number;
}

export interface PartitionTable {
  /** UUID in text form. */
  readonly diskId: string;
  /** Size of the disk in sectors of 512 bytes. */
  readonly sectors: number;
  readonly partitions: readonly Partition[];
}

/** The parts of an encoded table, each for its own place. */
export interface EncodedTable {
  /** LBA 0; `bootCode` fills at most its first 440 bytes. */
  readonly protectiveMbr: Uint8Array;
  /** LBA 1. */
  readonly header: Uint8Array;
  /** LBA 2 to 33, and again 33 sectors before the end. */
  readonly entries: Uint8Array;
  /** The last sector. */
  readonly backupHeader: Uint8Array;
}

/**
 * Encodes a GUID partition table (UEFI 2.10, section 5). The table is not judged: partitions that overlap
 * or leave the disk are for `readGpt` to find.
 */
export function encodeGpt(table: PartitionTable, bootCode: Uint8Array): EncodedTable {
  const entries = new Uint8Array(GPT_ENTRIES * GPT_ENTRY_BYTES);
  table.partitions.forEach((p, i) => entries.set(encodeEntry(p), i * GPT_ENTRY_BYTES));
  const last = table.sectors - 1;
  const backupEntries = table.sectors - GPT_BACKUP_SECTORS;
  return {
    protectiveMbr: protectiveMbr(table.sectors, bootCode),
    header: encodeHeader(table, entries, { own: 1, other: last, entries: 2 }),
    entries,
    backupHeader: encodeHeader(table, entries, { own: last, other: 1, entries: backupEntries }),
  };
}

function protectiveMbr(sectors: number, bootCode: Uint8Array): Uint8Array {
  const mbr = new Uint8Array(SECTOR_BYTES);
  mbr.set(bootCode.subarray(0, 440));
  const view = viewOf(mbr);
  const entry = 446;
  // Cylinder, head and sector mean nothing to anyone; these are the values that the standard asks for.
  mbr.set([0x00, 0x00, 0x02, 0x00, 0xee, 0xff, 0xff, 0xff], entry);
  view.setUint32(entry + 8, 1, true);
  view.setUint32(entry + 12, Math.min(sectors - 1, 0xffff_ffff), true);
  view.setUint16(510, 0xaa55, true);
  return mbr;
}

function encodeEntry(p: Partition): Uint8Array {
  const entry = new Uint8Array(GPT_ENTRY_BYTES);
  const view = viewOf(entry);
  entry.set(guidBytes(p.type), 0);
  entry.set(guidBytes(p.id), 16);
  view.setBigUint64(32, BigInt(p.firstLba), true);
  view.setBigUint64(40, BigInt(p.lastLba), true);
  for (let i = 0; i < p.name.length; i++) view.setUint16(56 + 2 * i, p.name.charCodeAt(i), true);
  return entry;
}

interface HeaderPlaces {
  readonly own: number;
  readonly other: number;
  readonly entries: number;
}

function encodeHeader(table: PartitionTable, entries: Uint8Array, at: HeaderPlaces): Uint8Array {
  const sector = new Uint8Array(SECTOR_BYTES);
  const view = viewOf(sector);
  setAscii(sector, 0, GPT_SIGNATURE);
  view.setUint32(8, 0x0001_0000, true);
  view.setUint32(12, GPT_HEADER_BYTES, true);
  view.setBigUint64(24, BigInt(at.own), true);
  view.setBigUint64(32, BigInt(at.other), true);
  view.setBigUint64(40, BigInt(GPT_PRIMARY_SECTORS), true);
  view.setBigUint64(48, BigInt(table.sectors - GPT_BACKUP_SECTORS - 1), true);
  sector.set(guidBytes(table.diskId), 56);
  view.setBigUint64(72, BigInt(at.entries), true);
  view.setUint32(80, GPT_ENTRIES, true);
  view.setUint32(84, GPT_ENTRY_BYTES, true);
  view.setUint32(88, crc32(entries), true);
  // The checksum is taken while its own field is still zero.
  view.setUint32(16, crc32(sector.subarray(0, GPT_HEADER_BYTES)), true);
  return sector;
}
