import type { Piece } from "./lines.ts";

/**
 * Finds forbidden texts in a stream, chunk by chunk: one native search per text over each chunk, not one per
 * line. A text holds no line end, so that a hit lies in one line; pieces of a line that crosses chunk borders
 * are searched with the end of the piece before.
 */
export class ForbiddenSearch {
  readonly #needles: readonly Buffer[];
  readonly #overlap: number;
  #chunk: Buffer = Buffer.alloc(0);
  /** Next hit of each needle at or behind the last place asked for. */
  readonly #next: number[];
  #nearest = Infinity;
  #tail: Buffer = Buffer.alloc(0);
  #pieceHits = new Set<number>();

  constructor(texts: readonly string[]) {
    this.#needles = texts.map((text) => Buffer.from(text));
    this.#overlap = Math.max(0, ...this.#needles.map((n) => n.length - 1));
    this.#next = this.#needles.map(() => Infinity);
  }

  /** Begins a chunk. */
  enter(bytes: Uint8Array): void {
    if (this.#needles.length === 0) return;
    this.#chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#seek(0);
  }

  /** No text ends in the chunk before this place. */
  isClean(end: number): boolean {
    return end <= this.#nearest;
  }

  /** Which texts stand in a line that lies within the chunk; lines are asked for in order. */
  hitsIn(start: number, end: number): readonly number[] {
    if (this.#nearest < start) this.#seek(start);
    if (this.#nearest >= end) return [];
    const hits = this.#next.flatMap((at, i) => (at < end ? [i] : []));
    this.#seek(end);
    return hits;
  }

  /** Takes a piece of a line; returns all texts found in the line so far. */
  piece({ bytes, start, end, isFirst }: Piece): ReadonlySet<number> {
    if (this.#needles.length === 0) return this.#pieceHits;
    if (isFirst) {
      this.#tail = Buffer.alloc(0);
      this.#pieceHits = new Set();
    }
    const piece = bytes.subarray(start, end);
    const seam = Buffer.concat([this.#tail, piece.subarray(0, this.#overlap)]);
    const inPiece = Buffer.from(piece.buffer, piece.byteOffset, piece.length);
    for (const [i, needle] of this.#needles.entries()) {
      if (seam.includes(needle) || inPiece.includes(needle)) this.#pieceHits.add(i);
    }
    const kept = piece.length >= this.#overlap ? piece : Buffer.concat([this.#tail, piece]);
    this.#tail = Buffer.from(kept.subarray(Math.max(0, kept.length - this.#overlap)));
    return this.#pieceHits;
  }

  /** Which texts stand in these bytes, apart from the stream. */
  hitsInBytes(bytes: Uint8Array): readonly number[] {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    return this.#needles.flatMap((needle, i) => (text.includes(needle) ? [i] : []));
  }

  #seek(from: number): void {
    for (const [i, needle] of this.#needles.entries()) {
      const known = this.#next[i] ?? Infinity;
      if (from > 0 && known >= from) continue;
      const at = this.#chunk.indexOf(needle, from);
      this.#next[i] = at < 0 ? Infinity : at;
    }
    this.#nearest = Math.min(Infinity, ...this.#next);
  }
}
