import { deflateSync } from "node:zlib";
import { SECTOR_BYTES, setAscii, viewOf } from "../bytes.ts";
import type { SparseDisk } from "./grow.ts";

/** 64 KiB: VMware's own grain, and the grain of our holes. */
const GRAIN_SECTORS = 128;
const GRAIN_BYTES = GRAIN_SECTORS * SECTOR_BYTES;
const TABLE_ENTRIES = 512;
const DESCRIPTOR_SECTORS = 20;
/** Where grains begin: behind the header and the descriptor, at a whole grain. */
const OVERHEAD_SECTORS = 128;
const AT_END = 0xffff_ffff_ffff_ffffn;

const marker = { endOfStream: 0, table: 1, directory: 2, footer: 3 } as const;

/**
 * A stream-optimized VMDK (VMware's "Virtual Disk Format 5.0", section 3.3): compressed grains, each behind its
 * address, tables where they are complete, the directory at the end. It is written from front to back, once.
 */
export function* streamVmdk(disk: SparseDisk): Generator<Uint8Array> {
  const capacity = Math.ceil(disk.size / SECTOR_BYTES / GRAIN_SECTORS) * GRAIN_SECTORS;
  let sector = 0;
  const counted = (bytes: Uint8Array): Uint8Array => {
    sector += bytes.length / SECTOR_BYTES;
    return bytes;
  };
  yield counted(sparseHeader(capacity, AT_END));
  yield counted(padded(Buffer.from(descriptor(disk, capacity)), DESCRIPTOR_SECTORS * SECTOR_BYTES));
  yield counted(new Uint8Array((OVERHEAD_SECTORS - sector) * SECTOR_BYTES));

  const directory = new Uint32Array(Math.ceil(capacity / GRAIN_SECTORS / TABLE_ENTRIES));
  for (const [table, grains] of tablesOf(disk)) {
    const entries = new Uint32Array(TABLE_ENTRIES);
    for (const grain of grains) {
      entries[grain % TABLE_ENTRIES] = sector;
      yield counted(compressedGrain(disk, grain));
    }
    yield counted(metadata(marker.table, (TABLE_ENTRIES * 4) / SECTOR_BYTES));
    directory[table] = sector;
    yield counted(littleEndian(entries));
  }
  const directoryBytes = littleEndian(directory);
  yield counted(metadata(marker.directory, directoryBytes.length / SECTOR_BYTES));
  const directoryAt = BigInt(sector);
  yield counted(directoryBytes);
  yield metadata(marker.footer, 1);
  yield sparseHeader(capacity, directoryAt);
  yield metadata(marker.endOfStream, 0);
}

/** The grains with content, by the table that they belong to, both in ascending order. */
function tablesOf(disk: SparseDisk): ReadonlyMap<number, readonly number[]> {
  const tables = new Map<number, number[]>();
  for (const { offset, length } of disk.extents) {
    for (let grain = Math.floor(offset / GRAIN_BYTES); grain * GRAIN_BYTES < offset + length; grain++) {
      const table = Math.floor(grain / TABLE_ENTRIES);
      const grains = tables.get(table);
      if (grains === undefined) tables.set(table, [grain]);
      else grains.push(grain);
    }
  }
  return tables;
}

function compressedGrain(disk: SparseDisk, grain: number): Uint8Array {
  const offset = grain * GRAIN_BYTES;
  const bytes = padded(disk.read(offset, Math.min(GRAIN_BYTES, disk.size - offset)), GRAIN_BYTES);
  const packed = deflateSync(bytes, { level: 6 });
  const stored = new Uint8Array(Math.ceil((12 + packed.length) / SECTOR_BYTES) * SECTOR_BYTES);
  viewOf(stored).setBigUint64(0, BigInt(grain * GRAIN_SECTORS), true);
  viewOf(stored).setUint32(8, packed.length, true);
  stored.set(packed, 12);
  return stored;
}

function metadata(type: number, sectors: number): Uint8Array {
  const bytes = new Uint8Array(SECTOR_BYTES);
  viewOf(bytes).setBigUint64(0, BigInt(sectors), true);
  viewOf(bytes).setUint32(12, type, true);
  return bytes;
}

function sparseHeader(capacity: number, directoryAt: bigint): Uint8Array {
  const bytes = new Uint8Array(SECTOR_BYTES);
  const view = viewOf(bytes);
  setAscii(bytes, 0, "KDMV");
  view.setUint32(4, 3, true);
  view.setUint32(8, 0x0003_0001, true); // newline test, compressed grains, markers
  view.setBigUint64(12, BigInt(capacity), true);
  view.setBigUint64(20, BigInt(GRAIN_SECTORS), true);
  view.setBigUint64(28, 1n, true);
  view.setBigUint64(36, BigInt(DESCRIPTOR_SECTORS), true);
  view.setUint32(44, TABLE_ENTRIES, true);
  view.setBigUint64(56, directoryAt, true);
  view.setBigUint64(64, BigInt(OVERHEAD_SECTORS), true);
  setAscii(bytes, 73, "\n \r\n");
  view.setUint16(77, 1, true); // deflate
  return bytes;
}

function descriptor(disk: SparseDisk, capacity: number): string {
  const cylinders = Math.min(65_535, Math.ceil(capacity / (255 * 63)));
  return `# Disk DescriptorFile
version=1
CID=${disk.digest.slice(0, 8)}
parentCID=ffffffff
createType="streamOptimized"

# Extent description
RDONLY ${capacity} SPARSE "disk.vmdk"

# The Disk Data Base
ddb.virtualHWVersion = "4"
ddb.geometry.cylinders = "${cylinders}"
ddb.geometry.heads = "255"
ddb.geometry.sectors = "63"
ddb.adapterType = "lsilogic"
`;
}

function padded(bytes: Uint8Array, length: number): Uint8Array {
  if (bytes.length === length) return bytes;
  const whole = new Uint8Array(length);
  whole.set(bytes);
  return whole;
}

function littleEndian(words: Uint32Array): Uint8Array {
  const bytes = new Uint8Array(Math.ceil((words.length * 4) / SECTOR_BYTES) * SECTOR_BYTES);
  for (const [i, word] of words.entries()) viewOf(bytes).setUint32(4 * i, word, true);
  return bytes;
}
