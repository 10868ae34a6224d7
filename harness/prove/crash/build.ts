import { closeSync, openSync, readSync, statSync } from "node:fs";
import { type CrashMoment, type DiskHistory, sectorBytes } from "../../contract/index.ts";
import { type Extents, survivorsOf } from "./orders.ts";
import { copySparse, writeAll } from "./sparse.ts";
import type { DiskState } from "./states.ts";

const grainBytes = 1 << 16;

/** The parts of a disk that are not zero, in grains of 64 KiB. Throws as the file system. */
export function readExtents(file: string): { readonly bytes: number; readonly extents: Extents } {
  const bytes = statSync(file).size;
  const extents: { offset: number; data: Uint8Array }[] = [];
  const fd = openSync(file, "r");
  try {
    const grain = Buffer.alloc(grainBytes);
    const zeros = Buffer.alloc(grainBytes);
    for (let offset = 0; offset < bytes; offset += grainBytes) {
      const length = readSync(fd, grain, 0, grainBytes, offset);
      const data = grain.subarray(0, length);
      if (!data.equals(zeros.subarray(0, length))) extents.push({ offset, data: Buffer.from(data) });
    }
  } finally {
    closeSync(fd);
  }
  return { bytes, extents };
}

/** Writes a state to a new file: the disk before the first write, what is durable, and what survives. */
export function buildState(
  base: string,
  to: string,
  history: DiskHistory,
  moment: CrashMoment,
  state: DiskState,
): void {
  copySparse(base, to);
  const fd = openSync(to, "r+");
  try {
    const durable = moment.durable.map((write) => ({ write, from: 0, to: Infinity }));
    for (const { write, from, to: until } of [...durable, ...survivorsOf(history, moment, state.parts)]) {
      const { sector = 0, data = new Uint8Array() } = history.writes[write] ?? {};
      writeAll(fd, data.subarray(from * sectorBytes, until * sectorBytes), (sector + from) * sectorBytes);
    }
  } finally {
    closeSync(fd);
  }
}
