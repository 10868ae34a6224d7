/**
 * Compression whose bytes never change. zlib's output differs between versions and processors, and a bundle
 * must be the same bytes wherever it is packed: so the encoder is written out here, one greedy match finder
 * and the fixed Huffman code of RFC 1951, and is part of the bundle format. Anybody's gunzip reads it. Being
 * a function of the content, the stored bytes are checked by compressing the content again.
 */
import { crc32 } from "node:zlib";

const windowSize = 32_768;
const minMatch = 3;
const maxMatch = 258;
/** Earlier places with the same hash that are tried; part of the format, like every constant here. */
const maxTries = 32;
const hashBits = 15;

/** No name, no time, "unknown" as the system. */
const header = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

/** A gzip member of one block. Pure: equal bytes in, equal bytes out, for ever. */
export function gzip(bytes: Uint8Array): Uint8Array {
  const out = new BitWriter(bytes.length);
  for (const byte of header) out.put(byte, 8);
  out.put(1, 1); // the last block
  out.put(1, 2); // fixed Huffman code
  deflate(bytes, out);
  putSymbol(out, 256);
  out.align();
  out.put32(crc32(bytes));
  out.put32(bytes.length % 2 ** 32);
  return out.take();
}

function deflate(bytes: Uint8Array, out: BitWriter): void {
  // Places are kept plus one, so that the zeros of a new array mean "none".
  const newest = new Int32Array(1 << hashBits);
  const older = new Int32Array(Math.min(windowSize, bytes.length));
  const remember = (at: number): void => {
    if (at + minMatch > bytes.length) return;
    const hash = hashAt(bytes, at);
    older[at % windowSize] = newest[hash] ?? 0;
    newest[hash] = at + 1;
  };
  for (let at = 0; at < bytes.length;) {
    let length = 0;
    let distance = 0;
    let candidate = at + minMatch <= bytes.length ? (newest[hashAt(bytes, at)] ?? 0) - 1 : -1;
    for (let tries = 0; candidate >= 0 && at - candidate < windowSize && tries < maxTries; tries++) {
      const matched = matchLength(bytes, candidate, at);
      if (matched > length) [length, distance] = [matched, at - candidate];
      candidate = (older[candidate % windowSize] ?? 0) - 1;
    }
    if (length >= minMatch) {
      putLength(out, length);
      putDistance(out, distance);
    } else {
      length = 1;
      putSymbol(out, bytes[at] ?? 0);
    }
    for (const end = at + length; at < end; at++) remember(at);
  }
}

function hashAt(bytes: Uint8Array, at: number): number {
  const three = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
  return Math.imul(three, 0x9e3779b1) >>> (32 - hashBits);
}

function matchLength(bytes: Uint8Array, a: number, b: number): number {
  const limit = Math.min(maxMatch, bytes.length - b);
  let n = 0;
  while (n < limit && bytes[a + n] === bytes[b + n]) n++;
  return n;
}

/** RFC 1951 section 3.2.5: symbols 257 to 284 in groups of four per extra bit, 285 for the longest match. */
function putLength(out: BitWriter, length: number): void {
  if (length === maxMatch) return putSymbol(out, 285);
  const value = length - minMatch;
  const extra = Math.max(0, 29 - Math.clz32(value));
  putSymbol(out, 257 + 4 * extra + (value >> extra));
  out.put(value & ((1 << extra) - 1), extra);
}

/** Codes 0 to 29 in groups of two per extra bit, five bits each, most significant first. */
function putDistance(out: BitWriter, distance: number): void {
  const value = distance - 1;
  const extra = Math.max(0, 30 - Math.clz32(value));
  out.put(reverse(2 * extra + (value >> extra), 5), 5);
  out.put(value & ((1 << extra) - 1), extra);
}

/** RFC 1951 section 3.2.6: the fixed code of literals, the end and lengths. */
function putSymbol(out: BitWriter, symbol: number): void {
  if (symbol < 144) out.put(reverse(0x30 + symbol, 8), 8);
  else if (symbol < 256) out.put(reverse(0x190 + symbol - 144, 9), 9);
  else if (symbol < 280) out.put(reverse(symbol - 256, 7), 7);
  else out.put(reverse(0xc0 + symbol - 280, 8), 8);
}

function reverse(value: number, bits: number): number {
  let out = 0;
  for (let i = 0; i < bits; i++) out |= ((value >> i) & 1) << (bits - 1 - i);
  return out;
}

/** Bits in, least significant first, bytes out. */
class BitWriter {
  #bytes: Uint8Array;
  #length = 0;
  #pending = 0;
  #pendingBits = 0;

  constructor(expected: number) {
    this.#bytes = new Uint8Array(Math.max(64, expected >> 1));
  }

  /** At most 16 bits. */
  put(value: number, bits: number): void {
    this.#pending |= value << this.#pendingBits;
    this.#pendingBits += bits;
    while (this.#pendingBits >= 8) {
      this.#push(this.#pending & 0xff);
      this.#pending >>>= 8;
      this.#pendingBits -= 8;
    }
  }

  /** A little-endian word; the writer must stand at a byte's border. */
  put32(value: number): void {
    this.put(value & 0xffff, 16);
    this.put(value >>> 16, 16);
  }

  align(): void {
    if (this.#pendingBits > 0) this.put(0, 8 - this.#pendingBits);
  }

  take(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #push(byte: number): void {
    if (this.#length === this.#bytes.length) {
      const larger = new Uint8Array(this.#bytes.length * 2);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes[this.#length++] = byte;
  }
}
