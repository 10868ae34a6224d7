import type { SerialPiece } from "../gce/answers.ts";

/** What one reading of the port adds to the console. */
export interface SerialNews {
  readonly bytes: Uint8Array;
  /** Bytes that the service has dropped in front of these: from where, and how many. */
  readonly lost?: { readonly from: number; readonly count: number };
  /** The port has begun anew: the machine was started again. */
  readonly restarted: boolean;
}

/**
 * Follows a serial port by offsets. The text of an answer says nothing about them, since bytes that are no UTF-8 come
 * replaced: where to go on is what the service says. A line that is split between two answers is put together by whoever
 * reads the bytes, so nothing is held back here.
 */
export class SerialReader {
  /** What to ask for. */
  next = 0;

  take(piece: SerialPiece): SerialNews {
    const asked = this.next;
    // Offsets only grow while a machine runs. One that lies before what was read is another run of it.
    const restarted = piece.next < asked;
    this.next = restarted && piece.start > 0 ? 0 : piece.next;
    // Begun anew in the middle of its output: what is there is asked for again from its beginning.
    if (restarted && piece.start > 0) return { bytes: new Uint8Array(), restarted };
    const from = restarted ? 0 : asked;
    const bytes = Buffer.from(piece.contents, "utf8");
    return piece.start > from
      ? { bytes, restarted, lost: { from, count: piece.start - from } }
      : { bytes, restarted };
  }
}
