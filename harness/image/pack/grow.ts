import { type Result, fail, ok, problem } from "../../base/index.ts";
import { type ByteRange, type Piece, SECTOR_BYTES } from "../bytes.ts";
import { imageCodes } from "../codes.ts";
import { encodeGpt, GPT_BACKUP_SECTORS } from "../gpt.ts";
import { readGpt } from "../gpt-read.ts";
import { BLOCK_BYTES, ImageSink } from "../sink.ts";
import { type ByteSource, measureImage } from "../source.ts";

/** A disk to be packed: what it holds, and where there is anything but zeros. */
export interface SparseDisk extends ByteSource {
  /** The image digest of the disk as it is packed, 64 hexadecimal digits. */
  readonly digest: string;
  /** Runs of 64 KiB blocks with a byte that is not zero, in ascending order. */
  readonly extents: readonly ByteRange[];
}

/**
 * The disk made larger: a provider wants whole GiB or MiB, and firmware and kernels look for the backup partition
 * table in the last sectors, so both tables are made anew. Partitions stay where they are. Only what is not zero
 * is read, once. `more` is written over what is there.
 */
export function growDisk(source: ByteSource, size: number, more: readonly Piece[] = []): Result<SparseDisk> {
  if (size < source.size || size % SECTOR_BYTES !== 0) {
    const message = `a disk of ${source.size} bytes cannot become one of ${size}`;
    return fail(problem(imageCodes, "CAPOS_IMAGE_SIZE", message));
  }
  const table = readGpt(source);
  if (!table.ok) return table;
  const bootCode = source.read(0, 440);
  const gpt = encodeGpt({ ...table.value, sectors: size / SECTOR_BYTES }, bootCode);
  const backup = (end: number): number => end - GPT_BACKUP_SECTORS * SECTOR_BYTES;
  const pieces: readonly Piece[] = [
    { what: "protective MBR", offset: 0, bytes: gpt.protectiveMbr },
    { what: "GPT header", offset: SECTOR_BYTES, bytes: gpt.header },
    { what: "GPT entries", offset: 2 * SECTOR_BYTES, bytes: gpt.entries },
    {
      what: "the old backup",
      offset: backup(source.size),
      bytes: new Uint8Array(GPT_BACKUP_SECTORS * SECTOR_BYTES),
    },
    { what: "backup GPT entries", offset: backup(size), bytes: gpt.entries },
    { what: "backup GPT header", offset: size - SECTOR_BYTES, bytes: gpt.backupHeader },
    ...more,
  ];
  const grown = patched(source, size, pieces);
  const sink = new ImageSink(size, { put() {} });
  for (const block of blocksOf([...measureImage(source).extents, ...pieces.map(rangeOf)])) {
    sink.write(block, grown.read(block, Math.min(BLOCK_BYTES, size - block)));
  }
  const { digest, extents } = sink.finish();
  return ok({ ...grown, digest, extents });
}

/** The source with zeros behind its end and the pieces over it; a later piece lies over an earlier one. */
function patched(source: ByteSource, size: number, pieces: readonly Piece[]): ByteSource {
  return {
    size,
    read(offset, length) {
      const end = offset + length;
      if (offset < 0 || length < 0 || end > size) throw new RangeError(`disk read of ${length} at ${offset}`);
      const bytes = new Uint8Array(length);
      const stored = Math.min(end, source.size) - offset;
      if (stored > 0) bytes.set(source.read(offset, stored));
      for (const piece of pieces) {
        const from = Math.max(piece.offset, offset);
        const to = Math.min(piece.offset + piece.bytes.length, end);
        if (from < to) bytes.set(piece.bytes.subarray(from - piece.offset, to - piece.offset), from - offset);
      }
      return bytes;
    },
  };
}

function rangeOf({ offset, bytes }: Piece): ByteRange {
  return { offset, length: bytes.length };
}

/** The offsets of all blocks that the ranges touch, each once, in ascending order. */
function blocksOf(ranges: readonly ByteRange[]): readonly number[] {
  const blocks = new Set<number>();
  for (const { offset, length } of ranges) {
    for (let at = offset - (offset % BLOCK_BYTES); at < offset + length; at += BLOCK_BYTES) blocks.add(at);
  }
  return [...blocks].toSorted((a, b) => a - b);
}
