/**
 * QEMU's `blklogwrites` log, which has the form of Linux' dm-log-writes: a superblock of one sector, then entries, each a
 * sector with four little-endian numbers and the data behind it. The superblock is brought up to date only by a flush, so
 * it is not looked at: where the entries are is known from QEMU's trace.
 */
import { readSync } from "node:fs";
import { canonicalJson } from "../../base/index.ts";
import { type DiskHistory, sectorBytes } from "../../contract/index.ts";

export interface LogEntry {
  readonly sector: number;
  readonly data: Uint8Array;
}

/** Flags of an entry: flush, FUA, discard, mark. Only data has no flag but FUA. */
const withoutData = 1 | 4 | 8;

/** The data entry at this byte of an open log; undefined where it is not there, because the emulator was killed first. */
export function readEntry(fd: number, offset: number): LogEntry | undefined {
  const head = Buffer.alloc(32);
  if (readSync(fd, head, 0, head.length, offset) < head.length) return undefined;
  const [sector, sectors, flags] = [0, 8, 16].map((at) => Number(head.readBigUInt64LE(at)));
  if (sector === undefined || sectors === undefined || flags === undefined) return undefined;
  if (sectors === 0 || (flags & withoutData) !== 0 || sectors * sectorBytes > maxEntryBytes) return undefined;
  const data = Buffer.alloc(sectors * sectorBytes);
  const read = readSync(fd, data, 0, data.length, offset + sectorBytes);
  return read < data.length ? undefined : { sector, data };
}

/** More than any device takes in one request. */
const maxEntryBytes = 1 << 30;

/**
 * A history as evidence holds it: one line for each thing that happened, with the places of a write's parts, and behind
 * each other the data of all parts. From the two follow all crash states.
 */
export function recordOf({ events, writes }: DiskHistory): {
  readonly record: Uint8Array;
  readonly data: Uint8Array;
} {
  const lines = events.map((event) => {
    if (event.kind !== "write") return canonicalJson(event);
    const parts = writes.flatMap(({ request, sector, data, fua }) =>
      request === event.request ? [{ sector, sectors: data.length / sectorBytes, fua }] : [],
    );
    return canonicalJson({ ...event, parts });
  });
  return {
    record: Buffer.from(lines.map((line) => `${line}\n`).join("")),
    data: Buffer.concat(writes.map(({ data }) => data)),
  };
}
