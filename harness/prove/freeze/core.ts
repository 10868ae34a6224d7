import { closeSync, fstatSync, openSync, readSync } from "node:fs";

/** A guest's physical memory, as an emulator has dumped it. */
export interface PhysicalMemory {
  /** Ranges that are memory, by address, not overlapping. */
  readonly ranges: readonly { readonly start: number; readonly end: number }[];
  /** The page of 4 KiB at this address; undefined where no memory is. */
  page(address: number): Uint8Array | undefined;
  close(): void;
}

const pageSize = 4096;

interface Piece {
  readonly start: number;
  readonly end: number;
  readonly offset: number;
}

/** Opens an ELF core file of `dump-guest-memory`; undefined when it is none. */
export function openCore(file: string): PhysicalMemory | undefined {
  const fd = openSync(file, "r");
  const pieces = readPieces(fd);
  if (pieces === undefined) {
    closeSync(fd);
    return undefined;
  }
  const page = Buffer.alloc(pageSize);
  return {
    ranges: merged(pieces),
    page(address) {
      const piece = pieces.find((p) => address >= p.start && address + pageSize <= p.end);
      if (piece === undefined) return undefined;
      return readSync(fd, page, 0, pageSize, piece.offset + address - piece.start) === pageSize
        ? page
        : undefined;
    },
    close: () => closeSync(fd),
  };
}

function readPieces(fd: number): readonly Piece[] | undefined {
  const { size } = fstatSync(fd);
  const header = Buffer.alloc(64);
  if (readSync(fd, header, 0, 64, 0) < 64 || header.readUInt32BE(0) !== 0x7f454c46) return undefined;
  const [at, each] = [Number(header.readBigUInt64LE(32)), header.readUInt16LE(54)];
  let count = header.readUInt16LE(56);
  if (count === 0xffff) {
    // So many mappings that their number stands in the first section's header.
    const section = Buffer.alloc(64);
    const place = Number(header.readBigUInt64LE(40));
    if (place > size || readSync(fd, section, 0, 64, place) < 64) return undefined;
    count = section.readUInt32LE(44);
  }
  if (each < 56 || at + count * each > size) return undefined;
  const table = Buffer.alloc(count * each);
  readSync(fd, table, 0, table.length, at);
  const pieces: Piece[] = [];
  for (let i = 0; i + each <= table.length; i += each) {
    if (table.readUInt32LE(i) !== 1) continue;
    const [offset, start, bytes] = [8, 24, 32].map((field) => Number(table.readBigUInt64LE(i + field)));
    if (offset === undefined || start === undefined || bytes === undefined) continue;
    if (bytes > 0 && offset + bytes <= size) pieces.push({ start, end: start + bytes, offset });
  }
  // The largest first: the mappings of a kernel that maps all memory hold everything.
  return pieces.toSorted((a, b) => b.end - b.start - (a.end - a.start));
}

function merged(pieces: readonly Piece[]): readonly { start: number; end: number }[] {
  const ranges: { start: number; end: number }[] = [];
  for (const { start, end } of pieces.toSorted((a, b) => a.start - b.start)) {
    const last = ranges.at(-1);
    if (last !== undefined && start <= last.end) last.end = Math.max(last.end, end);
    else ranges.push({ start, end });
  }
  return ranges;
}
