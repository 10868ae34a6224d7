import type { Cursor } from "./reader.ts";
import { parseDuration, parseSize } from "./units.ts";

/** Milliseconds of a duration of a proof. */
export function readDuration(at: Cursor, otherwise?: string): number {
  return parseDuration(at.string(otherwise)) ?? at.refuse('a duration is written "250ms", "5s" or "2m"', 0);
}

/** Bytes of a size of a proof. */
export function readSize(at: Cursor, otherwise?: string): number {
  return parseSize(at.string(otherwise)) ?? at.refuse('a size is written "512", "64Ki", "16Mi" or "1Gi"', 0);
}
