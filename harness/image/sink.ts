import { createHash, type Hash } from "node:crypto";
import type { ByteRange, Piece } from "./bytes.ts";
import { copyOf, equalBytes, viewOf } from "./bytes.ts";

/** The grain of holes and of the image digest. */
export const BLOCK_BYTES = 65_536;

const ZEROS = new Uint8Array(BLOCK_BYTES);
/** 16 bytes, so that no image can be taken for another kind of hashed thing. */
const DIGEST_TAG = "CAPOS-IMAGE-V1\0\0";

/**
 * Where the blocks of an image go: a file, memory, a wire. Only blocks with a non-zero byte come, each once,
 * in ascending order. `bytes` is valid during the call only; the last block of an image may be short.
 */
export interface BlockTarget {
  put(offset: number, bytes: Uint8Array): void;
}

/** What is known of an image when its last byte has been written. */
export interface Written {
  readonly size: number;
  /** The image digest, 64 hexadecimal digits. */
  readonly digest: string;
  /** Runs of non-zero blocks, in ascending order: the map that a sparse archive needs. */
  readonly extents: readonly ByteRange[];
}

/**
 * Takes the bytes of an image in ascending order; drops zeros and computes the image digest on the way, so
 * that an image is never read again to be known. Holds one block in memory.
 *
 * The image digest is SHA-256 over these bytes, numbers little endian:
 *
 *     16  "CAPOS-IMAGE-V1", two zero bytes
 *      8  size of the image in bytes
 *     then for each 64 KiB block that has a non-zero byte, in ascending order:
 *      8  offset of the block in bytes
 *  65536  the block; the last one of an image is filled up with zeros
 *
 * Bytes in an `undigested` range are stored but count as zeros. Each record has a fixed length and its
 * place in front, so different images cannot yield the same input.
 */
export class ImageSink {
  readonly #size: number;
  readonly #target: BlockTarget;
  readonly #undigested: readonly ByteRange[];
  readonly #hash: Hash;
  readonly #block = new Uint8Array(BLOCK_BYTES);
  readonly #extents: { offset: number; length: number }[] = [];
  /** Offset of the block being filled. */
  #start = 0;
  /** Everything below has been written or is a hole. */
  #position = 0;
  #dirty = false;

  constructor(size: number, target: BlockTarget, undigested: readonly ByteRange[] = []) {
    this.#size = size;
    this.#target = target;
    this.#undigested = undigested;
    const head = Buffer.alloc(24);
    head.write(DIGEST_TAG, "latin1");
    head.writeBigUInt64LE(BigInt(size), 16);
    this.#hash = createHash("sha256").update(head);
  }

  /** Writes `bytes` at `offset`; going back or past the end is a bug of the caller and throws. */
  write(offset: number, bytes: Uint8Array): void {
    if (offset < this.#position || offset + bytes.length > this.#size) {
      throw new RangeError(
        `image write of ${bytes.length} at ${offset}, allowed ${this.#position} to ${this.#size}`,
      );
    }
    for (let done = 0; done < bytes.length;) {
      const at = offset + done;
      const start = at - (at % BLOCK_BYTES);
      if (start !== this.#start) this.#flush(start);
      const room = this.#blockLength() - (at - start);
      const part = bytes.subarray(done, done + room);
      if (part.length === this.#blockLength()) {
        this.#emit(part);
      } else {
        this.#block.set(part, at - start);
        this.#dirty = true;
      }
      done += part.length;
    }
    this.#position = offset + bytes.length;
  }

  /** Ends the image. The sink must not be used afterwards. */
  finish(): Written {
    this.#flush(this.#size);
    return { size: this.#size, digest: this.#hash.digest("hex"), extents: this.#extents };
  }

  #blockLength(): number {
    return Math.min(BLOCK_BYTES, this.#size - this.#start);
  }

  #flush(nextStart: number): void {
    if (this.#dirty) {
      this.#emit(this.#block.subarray(0, this.#blockLength()));
      this.#block.fill(0);
      this.#dirty = false;
    }
    this.#start = nextStart;
  }

  #emit(bytes: Uint8Array): void {
    if (isZero(bytes)) return;
    this.#target.put(this.#start, bytes);
    const last = this.#extents.at(-1);
    if (last !== undefined && last.offset + last.length === this.#start) last.length += bytes.length;
    else this.#extents.push({ offset: this.#start, length: bytes.length });
    this.#digest(this.#withoutUndigested(bytes));
  }

  #digest(bytes: Uint8Array): void {
    if (isZero(bytes)) return;
    const head = new Uint8Array(8);
    viewOf(head).setBigUint64(0, BigInt(this.#start), true);
    this.#hash.update(head).update(bytes);
    if (bytes.length < BLOCK_BYTES) this.#hash.update(ZEROS.subarray(bytes.length));
  }

  #withoutUndigested(bytes: Uint8Array): Uint8Array {
    const end = this.#start + bytes.length;
    const here = this.#undigested.filter((r) => r.offset < end && r.offset + r.length > this.#start);
    if (here.length === 0) return bytes;
    const masked = copyOf(bytes);
    for (const r of here)
      masked.fill(0, Math.max(0, r.offset - this.#start), r.offset + r.length - this.#start);
    return masked;
  }
}

/** Writes pieces that stand in ascending order, and ends the image. */
export function writePieces(sink: ImageSink, pieces: Iterable<Piece>): Written {
  for (const piece of pieces) sink.write(piece.offset, piece.bytes);
  return sink.finish();
}

function isZero(bytes: Uint8Array): boolean {
  return equalBytes(bytes, bytes.length === BLOCK_BYTES ? ZEROS : ZEROS.subarray(0, bytes.length));
}
