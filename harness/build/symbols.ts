import { existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { err, keepNewest, ok, type Result, sha256, writeFileAtomic } from "../base/index.ts";
import { target } from "./cargo.ts";
import { readElf } from "./elf.ts";
import { readableName } from "./rust-names.ts";

/** A function or a variable of a program. */
export interface Symbol {
  readonly name: string;
  readonly address: bigint;
  /** In bytes; reaches to the next symbol where the file does not say. */
  readonly size: bigint;
}

/** What of a program lies at an address when it runs. */
export interface LoadedRange {
  readonly start: bigint;
  readonly end: bigint;
  readonly writable: boolean;
  readonly executable: boolean;
  /** Bytes of the file at `start`; behind them come zeros. */
  readonly bytes: Uint8Array;
}

/** A linked program with its symbols. */
export interface Symbols {
  readonly ranges: readonly LoadedRange[];
  /** By address. */
  readonly symbols: readonly Symbol[];
  /** The symbol in which an address lies, and how far behind its beginning. */
  at(address: bigint): { readonly symbol: Symbol; readonly offset: bigint } | undefined;
  /** `name+0x12`, or nothing where no symbol is. */
  show(address: bigint): string | undefined;
}

/** Linked programs that stay; each is a MiB or two. */
const keptSymbols = 150;

const [functionType, objectType, noType] = [2, 1, 0];

/** Reads the symbol table of a 64-bit little-endian ELF; an error sentence when it has none. */
export function readSymbols(bytes: Uint8Array): Result<Symbols, string> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const long = (at: number): bigint => view.getBigUint64(at, true);
  try {
    if (view.getUint32(0) !== 0x7f454c46 || bytes[4] !== 2 || bytes[5] !== 1) {
      return err("not a 64-bit little-endian ELF file");
    }
    const ranges = readRanges(bytes, view);
    const sections = Array.from(
      { length: view.getUint16(60, true) },
      (_, i) => Number(long(40)) + i * view.getUint16(58, true),
    );
    const table = sections.find((at) => view.getUint32(at + 4, true) === 2);
    if (table === undefined) return err("it has no symbols");
    const strings = sections[view.getUint32(table + 40, true)];
    if (strings === undefined) return err("its symbols have no names");
    const names = Number(long(strings + 24));
    const found: Symbol[] = [];
    const [start, size] = [Number(long(table + 24)), Number(long(table + 32))];
    for (let at = start; at + 24 <= start + size; at += 24) {
      const type = view.getUint8(at + 4) & 0xf;
      const isCode = type === functionType || type === objectType || type === noType;
      const name = stringAt(bytes, names + view.getUint32(at, true));
      if (!isCode || name === "" || view.getUint16(at + 6, true) === 0) continue;
      found.push({ name: readableName(name), address: long(at + 8), size: long(at + 16) });
    }
    return ok(new Table(ranges, found));
  } catch (error) {
    // A header that points outside the file.
    if (error instanceof RangeError) return err("it is cut off or damaged");
    throw error;
  }
}

function readRanges(bytes: Uint8Array, view: DataView): readonly LoadedRange[] {
  const [at, size, count] = [
    Number(view.getBigUint64(32, true)),
    view.getUint16(54, true),
    view.getUint16(56, true),
  ];
  return Array.from({ length: count }, (_, i) => at + i * size)
    .filter((header) => view.getUint32(header, true) === 1)
    .map((header) => {
      const flags = view.getUint32(header + 4, true);
      const offset = Number(view.getBigUint64(header + 8, true));
      const start = view.getBigUint64(header + 16, true);
      return {
        start,
        end: start + view.getBigUint64(header + 40, true),
        executable: (flags & 1) !== 0,
        writable: (flags & 2) !== 0,
        bytes: bytes.subarray(offset, offset + Number(view.getBigUint64(header + 32, true))),
      };
    });
}

class Table implements Symbols {
  readonly ranges: readonly LoadedRange[];
  readonly symbols: readonly Symbol[];

  constructor(ranges: readonly LoadedRange[], found: readonly Symbol[]) {
    this.ranges = ranges;
    // Of several names for one place the one that says how large it is.
    const sorted = found.toSorted((a, b) => compare(a.address, b.address) || compare(b.size, a.size));
    this.symbols = sorted.map((symbol, i) => {
      if (symbol.size > 0n) return symbol;
      const next = sorted.slice(i + 1).find((other) => other.address > symbol.address);
      const end = ranges.find((r) => symbol.address >= r.start && symbol.address < r.end)?.end;
      const until = min(next?.address ?? end ?? 0n, end ?? 0n);
      return { ...symbol, size: until > symbol.address ? until - symbol.address : 0n };
    });
  }

  at(address: bigint): { readonly symbol: Symbol; readonly offset: bigint } | undefined {
    let [low, high] = [0, this.symbols.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.symbols[middle]?.address ?? 0n) <= address) low = middle + 1;
      else high = middle;
    }
    // Some symbols lie within others; the nearest that reaches so far is meant.
    for (let i = low - 1; i >= 0 && i > low - 8; i--) {
      const symbol = this.symbols[i];
      if (symbol !== undefined && address < symbol.address + symbol.size) {
        return { symbol, offset: address - symbol.address };
      }
    }
    return undefined;
  }

  show(address: bigint): string | undefined {
    const found = this.at(address);
    return found === undefined ? undefined : `${found.symbol.name}+0x${found.offset.toString(16)}`;
  }
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

function stringAt(bytes: Uint8Array, start: number): string {
  const end = bytes.indexOf(0, start);
  return Buffer.from(bytes.subarray(start, end < 0 ? bytes.length : end)).toString("latin1");
}

/** Keeps what the linker made, symbols included, under the digest of what is loaded of it. */
export function keepSymbols(cacheDir: string, loaded: Uint8Array, linked: Uint8Array): void {
  const file = symbolFile(cacheDir, sha256(loaded));
  // What is loaded may be equal where the rest is not: an earlier build may have had no symbols.
  if (existsSync(file) && statSync(file).size === linked.length) return;
  mkdirSync(join(cacheDir, "symbols"), { recursive: true });
  writeFileAtomic(file, linked, { flush: false });
  keepNewest(join(cacheDir, "symbols"), keptSymbols, (name) => name.endsWith(".elf"));
}

/**
 * Absolute path of the linked program of which a loaded one was made: kept when it was built, or what the compiler has
 * made last, if it is still the same. Undefined when it is in neither place.
 */
export function findSymbols(
  root: string,
  cacheDir: string,
  program: { readonly name: string; readonly sha256: string },
): string | undefined {
  const kept = symbolFile(cacheDir, program.sha256);
  if (existsSync(kept)) return kept;
  const last = join(root, ".capos", "cargo", target, "release", program.name);
  const facts = existsSync(last) ? readElf(readFileSync(last)) : undefined;
  return facts?.ok === true && sha256(facts.value.stripped) === program.sha256 ? last : undefined;
}

function symbolFile(cacheDir: string, digest: string): string {
  return join(cacheDir, "symbols", `${digest}.elf`);
}
