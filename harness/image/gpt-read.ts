import { crc32 } from "node:zlib";
import { type Problem, type Result, err, ok, problem } from "../base/index.ts";
import { SECTOR_BYTES, ascii, copyOf, equalBytes, viewOf } from "./bytes.ts";
import { imageCodes } from "./codes.ts";
import {
  GPT_BACKUP_SECTORS,
  GPT_ENTRIES,
  GPT_ENTRY_BYTES,
  GPT_HEADER_BYTES,
  GPT_PRIMARY_SECTORS,
  GPT_SIGNATURE,
  type Partition,
  type PartitionTable,
} from "./gpt.ts";
import { guidText } from "./ids.ts";
import type { ByteSource } from "./source.ts";

interface Header {
  readonly own: number;
  readonly other: number;
  readonly diskId: string;
  readonly entriesLba: number;
  readonly entriesCrc: number;
}

/**
 * Reads a partition table and checks all of it: the protective MBR, both headers, both copies of the
 * entries, the checksums, and that the partitions lie inside the disk and apart. Every fault is reported.
 */
export function readGpt(source: ByteSource): Result<PartitionTable> {
  const faults: Problem[] = [];
  const fault = (lba: number, what: string): void => {
    faults.push(problem(imageCodes, "CAPOS_IMAGE_DAMAGED", `LBA ${lba}: ${what}`));
  };
  const sectors = Math.floor(source.size / SECTOR_BYTES);
  if (source.size % SECTOR_BYTES !== 0) fault(sectors, "the image ends inside a sector");
  if (sectors < GPT_PRIMARY_SECTORS + GPT_BACKUP_SECTORS + 1) {
    fault(sectors, "the image is too small to hold a partition table");
    return err(faults);
  }
  checkProtectiveMbr(source, sectors, fault);
  const primary = readHeader(source, 1, fault);
  const backup = readHeader(source, sectors - 1, fault);
  if (primary === undefined || backup === undefined) return err(faults);

  if (primary.other !== sectors - 1)
    fault(1, `the backup header is said to be at LBA ${primary.other}, not at the end`);
  if (backup.other !== 1) fault(sectors - 1, `the primary header is said to be at LBA ${backup.other}`);
  if (primary.diskId !== backup.diskId) fault(sectors - 1, "the two headers name different disks");
  if (primary.entriesLba !== 2) fault(1, `the entries are said to be at LBA ${primary.entriesLba}, not 2`);
  if (backup.entriesLba !== sectors - GPT_BACKUP_SECTORS)
    fault(sectors - 1, `the entries are said to be at LBA ${backup.entriesLba}`);

  const entries = readEntries(source, 2, primary.entriesCrc, fault);
  const copy = readEntries(source, sectors - GPT_BACKUP_SECTORS, backup.entriesCrc, fault);
  if (!equalBytes(entries, copy)) fault(sectors - GPT_BACKUP_SECTORS, "the two copies of the entries differ");
  const partitions = decodeEntries(entries);
  checkPartitions(partitions, sectors, fault);
  return faults.length > 0 ? err(faults) : ok({ diskId: primary.diskId, sectors, partitions });
}

type Fault = (lba: number, what: string) => void;

function checkProtectiveMbr(source: ByteSource, sectors: number, fault: Fault): void {
  const mbr = viewOf(source.read(0, SECTOR_BYTES));
  if (mbr.getUint16(510, true) !== 0xaa55) fault(0, "the protective MBR has no signature");
  if (mbr.getUint8(450) !== 0xee) fault(0, "the MBR's first partition is not the protective one");
  if (mbr.getUint32(454, true) !== 1) fault(0, "the protective partition does not start at LBA 1");
  if (mbr.getUint32(458, true) !== Math.min(sectors - 1, 0xffff_ffff))
    fault(0, "the protective partition does not cover the disk");
}

function readHeader(source: ByteSource, lba: number, fault: Fault): Header | undefined {
  const sector = copyOf(source.read(lba * SECTOR_BYTES, SECTOR_BYTES));
  const view = viewOf(sector);
  if (ascii(sector.subarray(0, 8)) !== GPT_SIGNATURE) {
    fault(lba, "there is no GPT header");
    return undefined;
  }
  const told = view.getUint32(16, true);
  view.setUint32(16, 0, true);
  if (view.getUint32(12, true) !== GPT_HEADER_BYTES || told !== crc32(sector.subarray(0, GPT_HEADER_BYTES))) {
    fault(lba, "the GPT header's checksum is wrong");
    return undefined;
  }
  if (view.getUint32(80, true) !== GPT_ENTRIES || view.getUint32(84, true) !== GPT_ENTRY_BYTES) {
    fault(lba, `the table does not have ${GPT_ENTRIES} entries of ${GPT_ENTRY_BYTES} bytes`);
    return undefined;
  }
  const own = Number(view.getBigUint64(24, true));
  if (own !== lba) fault(lba, `the GPT header says that it is at LBA ${own}`);
  return {
    own,
    other: Number(view.getBigUint64(32, true)),
    diskId: guidText(sector.subarray(56, 72)),
    entriesLba: Number(view.getBigUint64(72, true)),
    entriesCrc: view.getUint32(88, true),
  };
}

function readEntries(source: ByteSource, lba: number, crc: number, fault: Fault): Uint8Array {
  const entries = source.read(lba * SECTOR_BYTES, GPT_ENTRIES * GPT_ENTRY_BYTES);
  if (crc32(entries) !== crc) fault(lba, "the checksum of the partition entries is wrong");
  return entries;
}

function decodeEntries(entries: Uint8Array): Partition[] {
  const partitions: Partition[] = [];
  for (let at = 0; at < entries.length; at += GPT_ENTRY_BYTES) {
    const entry = entries.subarray(at, at + GPT_ENTRY_BYTES);
    if (entry.subarray(0, 16).every((byte) => byte === 0)) continue;
    const view = viewOf(entry);
    partitions.push({
      name: decodeName(view),
      type: guidText(entry.subarray(0, 16)),
      id: guidText(entry.subarray(16, 32)),
      firstLba: Number(view.getBigUint64(32, true)),
      lastLba: Number(view.getBigUint64(40, true)),
    });
  }
  return partitions;
}

function decodeName(entry: DataView): string {
  let name = "";
  for (let at = 56; at < GPT_ENTRY_BYTES; at += 2) {
    const unit = entry.getUint16(at, true);
    if (unit === 0) break;
    name += String.fromCharCode(unit);
  }
  return name;
}

function checkPartitions(partitions: readonly Partition[], sectors: number, fault: Fault): void {
  let end = GPT_PRIMARY_SECTORS - 1;
  for (const p of partitions.toSorted((a, b) => a.firstLba - b.firstLba)) {
    if (p.firstLba <= end) fault(p.firstLba, `partition "${p.name}" overlaps what stands before it`);
    if (p.lastLba < p.firstLba || p.lastLba >= sectors - GPT_BACKUP_SECTORS)
      fault(p.lastLba, `partition "${p.name}" does not end inside the disk`);
    end = Math.max(end, p.lastLba);
  }
}
