import { type Piece, SECTOR_BYTES, roundUp, setAscii, viewOf } from "./bytes.ts";
import { FAT_COPIES, FAT_RESERVED_SECTORS, FIRST_CLUSTER, type FatGeometry } from "./fat-geometry.ts";
import { DIR_ENTRY_BYTES, longNameEntries } from "./fat-names.ts";
import type { DirectoryNode, TreeNode } from "./fat-tree.ts";

export const ATTR_VOLUME_LABEL = 0x08;
export const ATTR_DIRECTORY = 0x10;
const ATTR_ARCHIVE = 0x20;
/** FSInfo stands in sector 1; both have copies five sectors further on. */
export const FSINFO_SECTOR = 1;
export const BACKUP_SECTOR = 6;
export const END_OF_CHAIN = 0x0fff_ffff;
/** 1 January 1980, the first day FAT can say. Every entry bears it, so no clock or time zone leaks in. */
const FAT_DATE = 0x0021;

export interface FatVolumeSpec {
  /** Size of the volume in sectors of 512 bytes. */
  readonly sectors: number;
  /** First sector of the volume on its disk. */
  readonly hiddenSectors: number;
  readonly serial: number;
  /** At most 11 characters, upper case. */
  readonly label: string;
}

/** Which clusters everything was given. */
export interface Placement {
  /** Every node that has clusters, in ascending order of them; each has one run. */
  readonly placed: readonly { readonly node: TreeNode; readonly first: number; readonly clusters: number }[];
  /** First cluster by path. */
  readonly firstOf: ReadonlyMap<string, number>;
  /** The first cluster that is free; all behind it are. */
  readonly next: number;
}

/** Boot sector and FSInfo, and their copies. */
export function encodeReserved(
  spec: FatVolumeSpec,
  geometry: FatGeometry,
  placement: Placement,
): readonly Piece[] {
  const boot = encodeBootSector(spec, geometry);
  const info = encodeFsInfo(geometry, placement);
  const at = (sector: number): number => sector * SECTOR_BYTES;
  return [
    { what: "FAT boot sector", offset: 0, bytes: boot },
    { what: "FSInfo", offset: at(FSINFO_SECTOR), bytes: info },
    { what: "copy of the FAT boot sector", offset: at(BACKUP_SECTOR), bytes: boot },
    { what: "copy of FSInfo", offset: at(BACKUP_SECTOR + FSINFO_SECTOR), bytes: info },
  ];
}

function encodeBootSector(spec: FatVolumeSpec, geometry: FatGeometry): Uint8Array {
  const sector = new Uint8Array(SECTOR_BYTES);
  const view = viewOf(sector);
  sector.set([0xeb, 0x58, 0x90]);
  setAscii(sector, 3, "CAPOS   ");
  view.setUint16(11, SECTOR_BYTES, true);
  view.setUint8(13, geometry.perCluster);
  view.setUint16(14, FAT_RESERVED_SECTORS, true);
  view.setUint8(16, FAT_COPIES);
  view.setUint8(21, 0xf8);
  // A track must divide the volume, or mtools refuses it; volumes are whole MiB.
  view.setUint16(24, 32, true);
  view.setUint16(26, 64, true);
  view.setUint32(28, spec.hiddenSectors, true);
  view.setUint32(32, spec.sectors, true);
  view.setUint32(36, geometry.fatSectors, true);
  view.setUint32(44, FIRST_CLUSTER, true);
  view.setUint16(48, FSINFO_SECTOR, true);
  view.setUint16(50, BACKUP_SECTOR, true);
  view.setUint8(64, 0x80);
  view.setUint8(66, 0x29);
  view.setUint32(67, spec.serial, true);
  setAscii(sector, 71, spec.label.padEnd(11));
  setAscii(sector, 82, "FAT32   ");
  // Nobody boots from here; if a firmware tries, wait instead of running into zeros: cli; hlt; jmp $-1.
  sector.set([0xfa, 0xf4, 0xeb, 0xfd], 90);
  view.setUint16(510, 0xaa55, true);
  return sector;
}

function encodeFsInfo(geometry: FatGeometry, placement: Placement): Uint8Array {
  const sector = new Uint8Array(SECTOR_BYTES);
  const view = viewOf(sector);
  const free = geometry.clusters - (placement.next - FIRST_CLUSTER);
  view.setUint32(0, 0x4161_5252, true);
  view.setUint32(484, 0x6141_7272, true);
  view.setUint32(488, free, true);
  view.setUint32(492, free === 0 ? 0xffff_ffff : placement.next, true);
  view.setUint32(508, 0xaa55_0000, true);
  return sector;
}

/** Both copies of the table. Only its used front is made; the rest is zero, which means free. */
export function encodeTables(geometry: FatGeometry, placement: Placement): readonly Piece[] {
  const bytes = new Uint8Array(placement.next * 4);
  const view = viewOf(bytes);
  // Marks, not clusters: the media byte again, and "cleanly unmounted".
  view.setUint32(0, 0x0fff_fff8, true);
  view.setUint32(4, END_OF_CHAIN, true);
  for (const { first, clusters } of placement.placed) {
    const last = first + clusters - 1;
    for (let cluster = first; cluster < last; cluster++) view.setUint32(cluster * 4, cluster + 1, true);
    view.setUint32(last * 4, END_OF_CHAIN, true);
  }
  return Array.from({ length: FAT_COPIES }, (_, copy) => ({
    what: `FAT ${copy + 1}`,
    offset: (FAT_RESERVED_SECTORS + copy * geometry.fatSectors) * SECTOR_BYTES,
    bytes,
  }));
}

/** The entries of a directory, filled up to whole clusters. */
export function encodeDirectory(
  directory: DirectoryNode,
  placement: Placement,
  label: string,
  geometry: FatGeometry,
): Uint8Array {
  const parts: Uint8Array[] = [];
  if (directory.path === "") {
    parts.push(encodeEntry(label.padEnd(11), ATTR_VOLUME_LABEL, 0, 0));
  } else {
    parts.push(encodeEntry(".".padEnd(11), ATTR_DIRECTORY, placement.firstOf.get(directory.path) ?? 0, 0));
    parts.push(encodeEntry("..".padEnd(11), ATTR_DIRECTORY, parentCluster(directory, placement), 0));
  }
  for (const { name, short, node } of directory.entries) {
    const first = placement.firstOf.get(node.path) ?? 0;
    parts.push(longNameEntries(name, short));
    if (node.kind === "directory") parts.push(encodeEntry(short, ATTR_DIRECTORY, first, 0));
    else parts.push(encodeEntry(short, ATTR_ARCHIVE, first, node.content.length));
  }
  const used = Buffer.concat(parts);
  return Buffer.concat([used], roundUp(used.length, geometry.clusterBytes));
}

/** Zero means the root, by FAT's own rule, wherever the root lies. */
function parentCluster(directory: DirectoryNode, placement: Placement): number {
  const slash = directory.path.lastIndexOf("/");
  return slash === -1 ? 0 : (placement.firstOf.get(directory.path.slice(0, slash)) ?? 0);
}

function encodeEntry(short: string, attributes: number, first: number, size: number): Uint8Array {
  const entry = new Uint8Array(DIR_ENTRY_BYTES);
  const view = viewOf(entry);
  setAscii(entry, 0, short);
  view.setUint8(11, attributes);
  // Created, read, written: all on the same day at midnight.
  for (const date of [16, 18, 24]) view.setUint16(date, FAT_DATE, true);
  view.setUint16(20, first >>> 16, true);
  view.setUint16(26, first & 0xffff, true);
  view.setUint32(28, size, true);
  return entry;
}
