import { Buffer } from "node:buffer";

export const SECTOR_BYTES = 512;
export const MIB = 1024 * 1024;

/** A range of bytes on a disk. */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

/** A part of a disk that has content: what it is, where it stands, what it holds. */
export interface Piece {
  /** Named as a person would: `backup GPT header`, `file capos/boot.bin`. */
  readonly what: string;
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** A view for fixed-width fields; all of ours are little endian. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export function setAscii(bytes: Uint8Array, offset: number, text: string): void {
  for (let i = 0; i < text.length; i++) bytes[offset + i] = text.charCodeAt(i);
}

export function ascii(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

/** A copy that may be changed. `slice` would not do: that of a Buffer shares its bytes. */
export function copyOf(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

/** `n` rounded up to a multiple of `unit`, for numbers beyond 32 bits too. */
export function roundUp(n: number, unit: number): number {
  return Math.ceil(n / unit) * unit;
}
