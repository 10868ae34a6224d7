import type { Symbols } from "../../build/index.ts";
import type { PhysicalMemory } from "./core.ts";
import { encodePng } from "./png.ts";

/** What a frame of 4 KiB is, as far as page tables and contents tell. */
export const frameKinds = [
  "empty",
  "used",
  "page table",
  "kernel text",
  "kernel constants",
  "kernel data",
  "program text",
  "program data",
] as const;
export type FrameKind = (typeof frameKinds)[number];

const colours: Readonly<Record<FrameKind, readonly [number, number, number]>> = {
  empty: [245, 245, 245],
  used: [150, 150, 150],
  "page table": [230, 159, 0],
  "kernel text": [0, 90, 160],
  "kernel constants": [86, 180, 233],
  "kernel data": [0, 158, 115],
  "program text": [213, 94, 0],
  "program data": [204, 121, 167],
};

const frameSize = 4096;
const framesPerRow = 256;
const pixelsPerFrame = 4;
const addressBits = 0x000f_ffff_ffff_f000n;

/** A translation of the guest's own tables: from which address, to which frame, for whom. */
interface Leaf {
  readonly virtual: bigint;
  readonly physical: number;
  readonly bytes: number;
  readonly user: boolean;
  readonly executable: boolean;
}

/**
 * Sorts the frames of a stopped guest. `roots` are its processors' page tables; a process that no processor runs keeps
 * its frames among the merely used ones.
 */
export function sortFrames(
  memory: PhysicalMemory,
  roots: readonly number[],
  kernel: Symbols | undefined,
): ReadonlyMap<number, FrameKind> {
  const kinds = new Map<number, FrameKind>();
  for (const { start, end } of memory.ranges) {
    for (let at = start; at + frameSize <= end; at += frameSize) {
      const page = memory.page(at);
      if (page !== undefined) kinds.set(at, isZero(page) ? "empty" : "used");
    }
  }
  for (const root of roots) {
    for (const leaf of leavesOf(memory, root, (table) => kinds.set(table, "page table"))) {
      const kind = kindOf(leaf, kernel);
      if (kind === undefined) continue;
      for (let at = leaf.physical; at < leaf.physical + leaf.bytes; at += frameSize) {
        if (kinds.has(at)) kinds.set(at, kind);
      }
    }
  }
  return kinds;
}

/** A kernel that maps all memory somewhere says nothing about a frame by that. */
function kindOf(leaf: Leaf, kernel: Symbols | undefined): FrameKind | undefined {
  if (leaf.user) return leaf.executable ? "program text" : "program data";
  const range = kernel?.ranges.find((r) => leaf.virtual >= r.start && leaf.virtual < r.end);
  if (range === undefined) return undefined;
  return range.executable ? "kernel text" : range.writable ? "kernel data" : "kernel constants";
}

/** Walks four levels of page tables. Whatever a broken table says, it ends: each table is visited once. */
function* leavesOf(
  memory: PhysicalMemory,
  root: number,
  onTable: (table: number) => void,
): Generator<Leaf, void, undefined> {
  const visited = new Set<string>();
  const waiting = [{ table: root, level: 3, virtual: 0n, user: true, executable: true }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { table, level } = next;
    const key = `${table} ${level} ${next.virtual}`;
    const page = visited.has(key) || visited.size > 65_536 ? undefined : memory.page(table);
    if (page === undefined) continue;
    visited.add(key);
    onTable(table);
    const entries = Buffer.from(page);
    for (let i = 0; i < 512; i++) {
      const entry = entries.readBigUInt64LE(i * 8);
      if ((entry & 1n) === 0n) continue;
      const shift = BigInt(12 + 9 * level);
      const below = next.virtual | (BigInt(i) << shift);
      const at = {
        virtual: level === 3 && i >= 256 ? below | 0xffff_0000_0000_0000n : below,
        user: next.user && (entry & 4n) !== 0n,
        executable: next.executable && entry >> 63n === 0n,
      };
      const physical = Number(entry & addressBits);
      if (level === 0 || (level < 3 && (entry & 0x80n) !== 0n)) {
        const bytes = Number(1n << shift);
        yield { ...at, physical: physical - (physical % bytes), bytes };
      } else {
        waiting.push({ table: physical, level: level - 1, ...at });
      }
    }
  }
}

/** How many frames of each kind there are, and where they lie, for a person. At most `limit` ranges. */
export function describeFrames(kinds: ReadonlyMap<number, FrameKind>, limit = 400): readonly string[] {
  const count = new Map<FrameKind, number>();
  const runs: { start: number; end: number; kind: FrameKind }[] = [];
  for (const [at, kind] of [...kinds].toSorted(([a], [b]) => a - b)) {
    count.set(kind, (count.get(kind) ?? 0) + 1);
    const last = runs.at(-1);
    if (last?.kind === kind && last.end === at) last.end = at + frameSize;
    else runs.push({ start: at, end: at + frameSize, kind });
  }
  const shown = runs.slice(0, limit);
  return [
    ...frameKinds.map((kind) => `${String(count.get(kind) ?? 0).padStart(8)} frames  ${kind}`),
    "",
    ...shown.map(({ start, end, kind }) => `${hex(start)}-${hex(end)} ${kind}`),
    ...(runs.length > limit ? [`and ${runs.length - limit} ranges more`] : []),
  ];
}

/** A picture of memory: a square for each frame, a MiB for each row. */
export function drawFrames(kinds: ReadonlyMap<number, FrameKind>): Uint8Array {
  const last = Math.max(0, ...kinds.keys());
  const rows = Math.floor(last / frameSize / framesPerRow) + 1;
  const [width, height] = [framesPerRow * pixelsPerFrame, rows * pixelsPerFrame];
  const pixels = new Uint8Array(width * height).fill(frameKinds.length);
  for (const [at, kind] of kinds) {
    const frame = at / frameSize;
    const [x, y] = [frame % framesPerRow, Math.floor(frame / framesPerRow)];
    const colour = frameKinds.indexOf(kind);
    for (let dy = 0; dy < pixelsPerFrame - 1; dy++) {
      const start = (y * pixelsPerFrame + dy) * width + x * pixelsPerFrame;
      pixels.fill(colour, start, start + pixelsPerFrame - 1);
    }
  }
  const palette = [...frameKinds.map((kind) => colours[kind]), [255, 255, 255] as const];
  return encodePng({ width, height, pixels, palette });
}

const zeros = Buffer.alloc(frameSize);

function isZero(page: Uint8Array): boolean {
  return zeros.equals(page);
}

function hex(address: number): string {
  return address.toString(16).padStart(12, "0");
}
