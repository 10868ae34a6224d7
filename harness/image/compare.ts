import { SECTOR_BYTES, equalBytes } from "./bytes.ts";
import { type Disk, readDisk } from "./disk-read.ts";
import { BACKUP_SECTOR, FSINFO_SECTOR } from "./fat-encode.ts";
import { FIRST_CLUSTER, clusterOffset } from "./fat-geometry.ts";
import { DIR_ENTRY_BYTES } from "./fat-names.ts";
import type { FatVolume } from "./fat-read.ts";
import { nodeName } from "./fat-tree.ts";
import { GPT_BACKUP_SECTORS, GPT_ENTRY_BYTES } from "./gpt.ts";
import { BLOCK_BYTES } from "./sink.ts";
import type { ByteSource } from "./source.ts";

/** The first byte in which two images differ, and what holds it. */
export interface Difference {
  readonly offset: number;
  /** Named as a person would: `FAT 1, entry of cluster 7 (file grub.cfg)`. */
  readonly structure: string;
}

/** Compares two images byte by byte; nothing when they are equal. */
export function firstDifference(a: ByteSource, b: ByteSource): Difference | undefined {
  const size = Math.min(a.size, b.size);
  for (let at = 0; at < size; at += BLOCK_BYTES) {
    const length = Math.min(BLOCK_BYTES, size - at);
    const [left, right] = [a.read(at, length), b.read(at, length)];
    if (equalBytes(left, right)) continue;
    const offset = at + left.findIndex((byte, i) => byte !== right[i]);
    // Either image can tell what stands there; a damaged one cannot, and then the other may.
    return { offset, structure: structureAt([a, b], offset) };
  }
  return a.size === b.size ? undefined : { offset: size, structure: "the end of the shorter image" };
}

function structureAt(sources: readonly ByteSource[], offset: number): string {
  for (const source of sources) {
    const disk = readDisk(source);
    if (disk.ok) return describeByte(disk.value, offset);
  }
  return `LBA ${Math.floor(offset / SECTOR_BYTES)} of a disk that cannot be read`;
}

/** Says what a byte of a disk belongs to. */
export function describeByte(disk: Disk, offset: number): string {
  const { table, esp } = disk;
  const lba = Math.floor(offset / SECTOR_BYTES);
  const backupEntries = table.sectors - GPT_BACKUP_SECTORS;
  if (lba === 0) return "protective MBR";
  if (lba === 1) return "GPT header";
  if (lba < GPT_BACKUP_SECTORS + 1) return `GPT ${entryName(offset - 2 * SECTOR_BYTES)}`;
  if (lba === table.sectors - 1) return "backup GPT header";
  if (lba >= backupEntries) return `backup GPT ${entryName(offset - backupEntries * SECTOR_BYTES)}`;
  const partition = table.partitions.find((p) => lba >= p.firstLba && lba <= p.lastLba);
  if (partition === undefined) return `unused sector ${lba} outside all partitions`;
  const inside = offset - partition.firstLba * SECTOR_BYTES;
  if (esp.start !== partition.firstLba * SECTOR_BYTES) return `partition ${partition.name}, byte ${inside}`;
  return describeFatByte(esp, offset);
}

function entryName(offset: number): string {
  return `entry ${Math.floor(offset / GPT_ENTRY_BYTES) + 1}`;
}

function describeFatByte(esp: FatVolume, offset: number): string {
  const sector = Math.floor((offset - esp.start) / SECTOR_BYTES);
  const { geometry, reservedSectors } = esp;
  if (sector < reservedSectors) return reservedSector(sector);
  if (sector >= geometry.dataStart) {
    const owner = ownerOf(esp, offset);
    return owner === undefined ? "free cluster of the FAT volume" : `${owner.name}, ${owner.part}`;
  }
  const inTables = sector - reservedSectors;
  const copy = Math.floor(inTables / geometry.fatSectors);
  const tableStart = esp.start + (reservedSectors + copy * geometry.fatSectors) * SECTOR_BYTES;
  const cluster = Math.floor((offset - tableStart) / 4);
  const owner =
    cluster < FIRST_CLUSTER ? undefined : ownerOf(esp, esp.start + clusterOffset(geometry, cluster));
  return `FAT ${copy + 1}, entry of cluster ${cluster} (${owner?.name ?? (cluster < FIRST_CLUSTER ? "a mark" : "free")})`;
}

function reservedSector(sector: number): string {
  switch (sector) {
    case 0:
      return "FAT boot sector";
    case FSINFO_SECTOR:
      return "FSInfo";
    case BACKUP_SECTOR:
      return "copy of the FAT boot sector";
    case BACKUP_SECTOR + FSINFO_SECTOR:
      return "copy of FSInfo";
    default:
      return `reserved sector ${sector} of the FAT volume`;
  }
}

interface Owner {
  /** `file grub.cfg` */
  readonly name: string;
  /** Where in it: `byte 17`, `entry 3`. */
  readonly part: string;
}

function ownerOf(esp: FatVolume, offset: number): Owner | undefined {
  for (const node of esp.nodes) {
    let before = 0;
    for (const extent of node.extents) {
      if (offset >= extent.offset && offset < extent.offset + extent.length) {
        const at = before + offset - extent.offset;
        const name = nodeName(node);
        const part =
          node.kind === "directory"
            ? `entry ${Math.floor(at / DIR_ENTRY_BYTES) + 1}`
            : at < node.size
              ? `byte ${at}`
              : "the rest of its last cluster";
        return { name, part };
      }
      before += extent.length;
    }
  }
  return undefined;
}
