import { SECTOR_BYTES } from "./bytes.ts";

/** Sectors in front of the first FAT: boot sector, FSInfo, their copies at 6 and 7. */
export const FAT_RESERVED_SECTORS = 32;
export const FAT_COPIES = 2;
/** With fewer clusters a driver takes the volume for FAT16, whatever its boot sector says. */
export const FAT32_MIN_CLUSTERS = 65_525;
/** Cluster numbers of 28 bits, less the reserved ones at the top. */
const FAT32_MAX_CLUSTERS = 0x0fff_fff5;
/** The first data cluster; 0 and 1 are not clusters but marks. */
export const FIRST_CLUSTER = 2;

/** How the sectors of a FAT32 volume are divided. All counts are sectors unless said otherwise. */
export interface FatGeometry {
  readonly sectors: number;
  readonly perCluster: number;
  /** Sectors of one copy of the FAT. */
  readonly fatSectors: number;
  /** Number of data clusters. */
  readonly clusters: number;
  /** First sector of cluster 2. */
  readonly dataStart: number;
  readonly clusterBytes: number;
}

/**
 * Divides a volume of `sectors`, or gives nothing when it cannot be FAT32. Clusters are as large as other
 * tools make them for that size, so that the table of a big volume stays small.
 */
export function fatGeometry(sectors: number): FatGeometry | undefined {
  const perCluster = sectorsPerCluster(sectors);
  const fatSectors = Math.ceil(
    (sectors - FAT_RESERVED_SECTORS + FIRST_CLUSTER * perCluster) /
      ((SECTOR_BYTES / 4) * perCluster + FAT_COPIES),
  );
  const dataStart = FAT_RESERVED_SECTORS + FAT_COPIES * fatSectors;
  const clusters = Math.floor((sectors - dataStart) / perCluster);
  if (clusters < FAT32_MIN_CLUSTERS || clusters > FAT32_MAX_CLUSTERS || sectors > 0xffff_ffff)
    return undefined;
  return { sectors, perCluster, fatSectors, clusters, dataStart, clusterBytes: perCluster * SECTOR_BYTES };
}

/** Offset of a cluster's first byte from the start of the volume. */
export function clusterOffset(geometry: FatGeometry, cluster: number): number {
  return (geometry.dataStart + (cluster - FIRST_CLUSTER) * geometry.perCluster) * SECTOR_BYTES;
}

function sectorsPerCluster(sectors: number): number {
  const gib = 2 * 1024 * 1024;
  if (sectors <= 260 * 2048) return 1;
  if (sectors <= 8 * gib) return 8;
  if (sectors <= 16 * gib) return 16;
  if (sectors <= 32 * gib) return 32;
  return 64;
}
