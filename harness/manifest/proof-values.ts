import type { Cursor } from "./reader.ts";
import { parseDuration, parseSize } from "./units.ts";

/** Milliseconds of a duration of a proof. */
export function readDuration(at: Cursor, otherwise?: string): number {
  return parseDuration(at.string(otherwise)) ?? at.refuse('a duration is written "250ms", "5s" or "2m"', 0);
}

/** Bytes of a size of a proof. */
export function readSize(at: Cursor): number {
  return parseSize(at.string()) ?? at.refuse(noSize, 0);
}

const noSize = 'a size is written "512", "64Ki", "16Mi" or "1Gi", and is below 8 PiB';

const sectorBytes = 512;
const mebibyte = 2 ** 20;

/** Bytes of a disk, which is made of whole sectors. */
export function readDiskSize(at: Cursor): number {
  const bytes = parseSize(at.string());
  if (bytes === undefined) return at.refuse(noSize, 0);
  if (bytes > 0 && bytes % sectorBytes === 0) return bytes;
  return at.refuse(`a disk has at least one sector, and only whole ones of ${sectorBytes} bytes`, 0);
}

/** Bytes of memory, which an emulator gives out by the mebibyte. */
export function readMemory(at: Cursor, otherwise: string): number {
  const bytes = parseSize(at.string(otherwise));
  if (bytes === undefined) return at.refuse(noSize, 0);
  if (bytes > 0 && bytes % mebibyte === 0) return bytes;
  return at.refuse('a machine has at least "1Mi" of memory, and only whole mebibytes', 0);
}
