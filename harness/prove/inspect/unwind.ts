import type { Symbols } from "../../build/index.ts";
import type { Registers } from "./registers.ts";

export interface Frame {
  readonly address: bigint;
  /** `function+0x12`, where a symbol is known. */
  readonly name: string | undefined;
}

/** Reads so many bytes of what a processor sees at an address; undefined where it sees nothing. */
export type ReadMemory = (address: bigint, length: number) => Promise<Uint8Array | undefined>;

const maxFrames = 64;
const maxFrameBytes = 1n << 20n;

/**
 * The callers of where a processor is, by the chain of frame pointers that our kernel and programs keep. Frames that
 * do not go up the stack, or leave it, end the chain: at a kernel's entry, or where somebody has written over it.
 */
export async function unwind(
  registers: Registers,
  read: ReadMemory,
  nameOf: (address: bigint) => string | undefined,
): Promise<readonly Frame[]> {
  const frames: Frame[] = [{ address: registers.rip, name: nameOf(registers.rip) }];
  let frame = registers.rbp;
  while (frames.length < maxFrames && frame !== 0n && frame % 8n === 0n) {
    const pair = await read(frame, 16);
    if (pair === undefined) break;
    const view = new DataView(pair.buffer, pair.byteOffset, pair.byteLength);
    const [next, address] = [view.getBigUint64(0, true), view.getBigUint64(8, true)];
    if (address === 0n) break;
    // The call lies before the address to which it returns.
    frames.push({ address, name: nameOf(address - 1n) });
    if (next <= frame || next - frame > maxFrameBytes) break;
    frame = next;
  }
  return frames;
}

/** A program of the image, as it was linked. */
export interface KnownProgram {
  readonly name: string;
  readonly symbols: Symbols;
}

/**
 * Which program a processor is in: the one whose bytes stand in memory around there. All are linked to the same
 * addresses, so an address alone says nothing.
 */
export async function programAt(
  address: bigint,
  read: ReadMemory,
  programs: readonly KnownProgram[],
): Promise<KnownProgram | undefined> {
  const there = await read(address, 32);
  if (there === undefined) return undefined;
  const fits = programs.filter(({ symbols }) => {
    const range = symbols.ranges.find((r) => r.executable && address >= r.start && address < r.end);
    if (range === undefined) return false;
    const offset = Number(address - range.start);
    const bytes = range.bytes.subarray(offset, offset + there.length);
    return bytes.length > 0 && Buffer.compare(bytes, there.subarray(0, bytes.length)) === 0;
  });
  // The same library code in two programs at the same place names neither.
  return fits.length === 1 ? fits[0] : undefined;
}
