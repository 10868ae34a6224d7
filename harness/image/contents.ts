import { type ByteRange, SECTOR_BYTES } from "./bytes.ts";
import type { Partition } from "./gpt.ts";
import { diskPaths } from "./grub-config.ts";

/** One file of an image, as `capos build` prints it and evidence stores it. */
export interface FileRecord {
  readonly path: string;
  readonly size: number;
  /** 64 hexadecimal digits. */
  readonly sha256: string;
  /** Sector of the disk at which the file starts; null when it is empty. */
  readonly lba: number | null;
}

/** The table of contents of a disk. The writer and the reader make the same one. */
export interface DiskContents {
  /** Bytes. */
  readonly size: number;
  readonly diskId: string;
  readonly partitions: readonly Partition[];
  /** Files of the EFI system partition, ordered by path. */
  readonly files: readonly FileRecord[];
}

/** The sector that a stamp changes: stored, but no part of the image's identity. */
export function undigestedRanges(contents: Pick<DiskContents, "files">): readonly ByteRange[] {
  const stamp = contents.files.find((f) => f.path === diskPaths.stamp);
  if (stamp === undefined || stamp.lba === null) return [];
  return [{ offset: stamp.lba * SECTOR_BYTES, length: SECTOR_BYTES }];
}
