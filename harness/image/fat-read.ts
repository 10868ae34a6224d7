import { type Problem, type Result, err, ok, problem } from "../base/index.ts";
import { type ByteRange, SECTOR_BYTES, ascii, equalBytes, viewOf } from "./bytes.ts";
import { imageCodes } from "./codes.ts";
import { type DirectoryRow, directoryRows } from "./fat-directory.ts";
import { FAT32_MIN_CLUSTERS, FIRST_CLUSTER, type FatGeometry, clusterOffset } from "./fat-geometry.ts";
import { nodeName } from "./fat-tree.ts";
import type { ByteSource } from "./source.ts";

/** A file or directory as it was found. Offsets count from the start of the source. */
export interface FoundNode {
  readonly kind: "file" | "directory";
  /** Empty for the root. */
  readonly path: string;
  readonly size: number;
  /** Its clusters as runs of bytes, in the order of its content; the last may reach past `size`. */
  readonly extents: readonly ByteRange[];
}

export interface FatVolume {
  readonly geometry: FatGeometry;
  /** Offset of the volume in the source. */
  readonly start: number;
  readonly fatCopies: number;
  readonly reservedSectors: number;
  /** The root first, parents before children. */
  readonly nodes: readonly FoundNode[];
}

/** Beyond this a volume is none of ours, and its table would not fit in memory with comfort. */
const MAX_CLUSTERS = 1 << 24;
/** More would not help anyone to see what is wrong. */
const MAX_FAULTS = 50;
const END_MARKS = 0x0fff_fff8;
const UNKNOWN = 0xffff_ffff;

type Fault = (offset: number, what: string) => void;

/**
 * Reads and checks a FAT32 volume, made by this tool or by another: the boot sector and its copy, FSInfo,
 * the copies of the table, every directory and every chain. Each cluster may have one owner only, so
 * no damage can make this loop. Every fault is reported with its offset in the source.
 */
export function readFat(source: ByteSource, start: number, sectors: number): Result<FatVolume> {
  const faults: Problem[] = [];
  const fault: Fault = (offset, what) => {
    if (faults.length < MAX_FAULTS)
      faults.push(problem(imageCodes, "CAPOS_IMAGE_DAMAGED", `byte ${offset}: ${what}`));
  };
  const shape = readBootSector(source, start, sectors, fault);
  if (shape === undefined) return err(faults);
  const table = readTable(source, shape, fault);
  const nodes = readNodes(source, shape, table, fault);
  checkFree(source, shape, table, fault);
  return faults.length > 0 ? err(faults) : ok({ ...shape, nodes });
}

type Shape = Omit<FatVolume, "nodes"> & { readonly root: number; readonly infoSector: number };

function readBootSector(source: ByteSource, start: number, sectors: number, fault: Fault): Shape | undefined {
  const boot = source.read(start, SECTOR_BYTES);
  const view = viewOf(boot);
  const perCluster = view.getUint8(13);
  const reserved = view.getUint16(14, true);
  const copies = view.getUint8(16);
  const total = view.getUint32(32, true);
  const fatSectors = view.getUint32(36, true);
  if (view.getUint16(510, true) !== 0xaa55 || ascii(boot.subarray(82, 90)) !== "FAT32   ") {
    fault(start, "there is no FAT32 boot sector");
    return undefined;
  }
  const dataStart = reserved + copies * fatSectors;
  const clusters = Math.floor((total - dataStart) / perCluster);
  const sane =
    view.getUint16(11, true) === SECTOR_BYTES &&
    perCluster > 0 &&
    (perCluster & (perCluster - 1)) === 0 &&
    copies >= 1 &&
    total <= sectors &&
    clusters >= FAT32_MIN_CLUSTERS &&
    clusters <= MAX_CLUSTERS &&
    fatSectors * (SECTOR_BYTES / 4) >= clusters + FIRST_CLUSTER;
  if (!sane) {
    fault(start, "the FAT32 boot sector contradicts itself or the partition");
    return undefined;
  }
  const infoSector = view.getUint16(48, true);
  const copy = view.getUint16(50, true);
  if (infoSector === 0 || infoSector >= reserved || copy === 0 || copy >= reserved) {
    fault(start, "FSInfo or the copy of the boot sector is not in the reserved sectors");
    return undefined;
  }
  if (!equalBytes(boot, source.read(start + copy * SECTOR_BYTES, SECTOR_BYTES)))
    fault(start + copy * SECTOR_BYTES, "the copy of the boot sector differs from it");
  const geometry = {
    sectors: total,
    perCluster,
    fatSectors,
    clusters,
    dataStart,
    clusterBytes: perCluster * SECTOR_BYTES,
  };
  return {
    geometry,
    start,
    fatCopies: copies,
    reservedSectors: reserved,
    root: view.getUint32(44, true),
    infoSector,
  };
}

/** The entries of the table by cluster, and who owns each cluster so far. */
interface Table {
  readonly next: DataView;
  readonly owned: Uint8Array;
}

function readTable(source: ByteSource, shape: Shape, fault: Fault): Table {
  const { clusters, fatSectors } = shape.geometry;
  const length = (clusters + FIRST_CLUSTER) * 4;
  const at = (copy: number): number =>
    shape.start + (shape.reservedSectors + copy * fatSectors) * SECTOR_BYTES;
  const first = source.read(at(0), length);
  for (let copy = 1; copy < shape.fatCopies; copy++) {
    if (!equalBytes(first, source.read(at(copy), length)))
      fault(at(copy), `FAT ${copy + 1} differs from FAT 1`);
  }
  return { next: viewOf(first), owned: new Uint8Array(clusters + FIRST_CLUSTER) };
}

function readNodes(source: ByteSource, shape: Shape, table: Table, fault: Fault): readonly FoundNode[] {
  const nodes: FoundNode[] = [];
  const waiting: { readonly path: string; readonly row: DirectoryRow }[] = [
    { path: "", row: { name: "", kind: "directory", first: shape.root, size: 0, offset: 0 } },
  ];
  // The list grows while it is walked: a directory adds what it holds.
  for (const { path, row } of waiting) {
    const chain = followChain(shape, table, row.first);
    const bytes = chain.clusters * shape.geometry.clusterBytes;
    const name = nodeName({ kind: row.kind, path });
    const where = row.offset === 0 ? shape.start : row.offset;
    if (chain.fault !== undefined) fault(where, `${name}: ${chain.fault}`);
    else if (row.kind === "directory" && chain.clusters === 0) fault(where, `${name} has no cluster`);
    else if (row.kind === "file" && Math.ceil(row.size / shape.geometry.clusterBytes) !== chain.clusters)
      fault(where, `${name} has ${row.size} bytes and ${chain.clusters} clusters`);
    else
      nodes.push({
        kind: row.kind,
        path,
        size: row.kind === "file" ? row.size : bytes,
        extents: chain.extents,
      });
    if (row.kind === "file" || chain.fault !== undefined) continue;
    for (const child of directoryRows(source, chain.extents, fault)) {
      waiting.push({ path: path === "" ? child.name : `${path}/${child.name}`, row: child });
    }
  }
  return nodes;
}

interface Chain {
  readonly clusters: number;
  readonly extents: readonly ByteRange[];
  readonly fault?: string;
}

function followChain(shape: Shape, table: Table, first: number): Chain {
  const { geometry } = shape;
  const extents: { offset: number; length: number }[] = [];
  let clusters = 0;
  for (let cluster = first; cluster !== 0 && cluster < END_MARKS;) {
    if (cluster < FIRST_CLUSTER || cluster >= geometry.clusters + FIRST_CLUSTER)
      return { clusters, extents, fault: `its chain leads to cluster ${cluster}, which does not exist` };
    if (table.owned[cluster] === 1)
      return { clusters, extents, fault: `cluster ${cluster} of its chain belongs to another chain too` };
    table.owned[cluster] = 1;
    clusters++;
    const offset = shape.start + clusterOffset(geometry, cluster);
    const last = extents.at(-1);
    if (last !== undefined && last.offset + last.length === offset) last.length += geometry.clusterBytes;
    else extents.push({ offset, length: geometry.clusterBytes });
    const next = table.next.getUint32(cluster * 4, true) & 0x0fff_ffff;
    if (next === 0) return { clusters, extents, fault: `its chain breaks off at cluster ${cluster}` };
    cluster = next;
  }
  return { clusters, extents };
}

/** Clusters that are taken but belong to nothing, and FSInfo's count of the free ones. */
function checkFree(source: ByteSource, shape: Shape, table: Table, fault: Fault): void {
  const tableStart = shape.start + shape.reservedSectors * SECTOR_BYTES;
  let free = 0;
  let lost: number | undefined;
  for (let cluster = FIRST_CLUSTER; cluster < shape.geometry.clusters + FIRST_CLUSTER; cluster++) {
    if ((table.next.getUint32(cluster * 4, true) & 0x0fff_ffff) === 0) free++;
    else if (table.owned[cluster] === 0) lost ??= cluster;
  }
  if (lost !== undefined) fault(tableStart + lost * 4, `cluster ${lost} is taken and belongs to no file`);
  const offset = shape.start + shape.infoSector * SECTOR_BYTES;
  const info = viewOf(source.read(offset, SECTOR_BYTES));
  if (info.getUint32(0, true) !== 0x4161_5252 || info.getUint32(484, true) !== 0x6141_7272) {
    fault(offset, "FSInfo has no signature");
  } else {
    const told = info.getUint32(488, true);
    if (told !== UNKNOWN && told !== free)
      fault(offset + 488, `FSInfo counts ${told} free clusters; there are ${free}`);
  }
}
