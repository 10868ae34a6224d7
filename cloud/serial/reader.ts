import type { SerialPiece } from "../gce/answers.ts";

/** What one reading of the port adds to the console. */
export interface SerialNews {
  readonly bytes: Uint8Array;
  /** Bytes that the service has dropped in front of these: from where, and how many. */
  readonly lost?: { readonly from: number; readonly count: number };
  /** The port has begun anew: the machine was started again. */
  readonly restarted: boolean;
}

/** So many characters of its beginning tell a port that goes on from one that began anew. */
const remembered = 1 << 16;

/**
 * Follows a serial port by offsets. The text of an answer says nothing about them, since bytes that are no UTF-8 come
 * replaced: where to go on is what the service says. A line that is split between two answers is put together by whoever
 * reads the bytes, so nothing is held back here.
 */
export class SerialReader {
  #next = 0;
  /** What the port has said since it began, as far as it is remembered. */
  #said = "";
  /** After the machine was off: whether the port goes on or has begun anew, and has said as much as before by now. */
  #state: "known" | "open" | "comparing" = "known";
  /** While comparing: whether the port has said more than before, and not just as much. */
  #saysMore = false;

  /** What to ask for. */
  get next(): number {
    return this.#state === "comparing" ? 0 : this.#next;
  }

  /** The machine is started again, and nothing says yet whether its port goes on or begins anew. */
  expectRestart(): void {
    if (this.#next > 0) this.#state = "open";
  }

  /** Whether it is not known yet where the output of this start of the machine begins. */
  get isOpen(): boolean {
    return this.#state !== "known";
  }

  /** A look at a port that says less than it has said before: it has begun anew, and nothing of it is missed. */
  peek(piece: SerialPiece): void {
    if (this.#state !== "open" || piece.next >= this.#next) return;
    this.#state = "known";
    this.#next = 0;
    this.#said = "";
  }

  take(piece: SerialPiece): SerialNews {
    if (this.#state === "comparing") return this.#compare(piece);
    const asked = this.#next;
    if (this.#state === "open" && piece.next >= asked) {
      // What lies behind the old end is new, or the end of what began anew; even just as much may be other text. The
      // beginning tells.
      this.#state = "comparing";
      this.#saysMore = piece.next > asked;
      return { bytes: new Uint8Array(), restarted: false };
    }
    this.#state = "known";
    // Offsets only grow while a machine runs. One that lies before what was read is another run of it.
    const restarted = piece.next < asked;
    this.#next = restarted && piece.start > 0 ? 0 : piece.next;
    if (restarted) this.#said = "";
    // Begun anew in the middle of its output: what is there is asked for again from its beginning.
    if (restarted && piece.start > 0) return { bytes: new Uint8Array(), restarted };
    if (this.#said.length < remembered) this.#said += piece.contents;
    const from = restarted ? 0 : asked;
    const bytes = Buffer.from(piece.contents, "utf8");
    return piece.start > from
      ? { bytes, restarted, lost: { from, count: piece.start - from } }
      : { bytes, restarted };
  }

  /**
   * A port that goes on begins with what it has said before. One whose beginning is gone is taken for it: then the new
   * output may be missed, but never is the old one taken for new.
   */
  #compare(piece: SerialPiece): SerialNews {
    const common = Math.min(piece.contents.length, this.#said.length);
    const goesOn = piece.start > 0 || piece.contents.slice(0, common) === this.#said.slice(0, common);
    if (goesOn) {
      // Nothing has been added yet: then the question stays open.
      this.#state = this.#saysMore ? "known" : "open";
      return { bytes: new Uint8Array(), restarted: false };
    }
    this.#state = "known";
    this.#next = 0;
    this.#said = "";
    return { ...this.take(piece), restarted: true };
  }
}
