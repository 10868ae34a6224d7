/** Longer lines are read and searched for forbidden text, but are never a landmark. */
export const lineCap = 4096;

/** A line as it is handed over: the same object each time, to be read during the call only. */
export interface Line {
  readonly bytes: Uint8Array;
  readonly start: number;
  /** Behind the last byte; neither the LF nor a CR before it belongs to the line. */
  readonly end: number;
  /** Of its first byte in the console. */
  readonly offset: number;
  /** Of the byte behind its LF, or of the console's end. */
  readonly after: number;
  /** All mark bytes stand in it, elsewhere than at its start. */
  readonly marked: boolean;
  /** Longer than `lineCap`; `bytes` holds at least that much of its beginning. */
  readonly overlong: boolean;
  /** It came in several pieces, each of which was handed over before. */
  readonly pieced: boolean;
}

export interface LineSink {
  line(line: Line): void;
  /** Part of a line that crosses a chunk border: its first part, or what follows. */
  piece(piece: Piece): void;
}

export interface Piece {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  /** Of the line's first byte in the console. */
  readonly offset: number;
  readonly isFirst: boolean;
}

/**
 * Cuts a byte stream into lines in constant memory, wherever the chunk borders fall. Only LF ends a line.
 *
 * Line ends and mark bytes are found by the native search: most lines of a console are looked at by that alone
 * and then dropped after a few bytes, which is what keeps the judge within its speed.
 */
export class LineReader {
  readonly #sink: LineSink;
  readonly #marks: readonly number[] | undefined;
  /** The beginning of a line whose end has not been read. */
  readonly #carry = new Uint8Array(lineCap);
  #carried = 0;
  /** Length of the open line so far, which may be more than is carried; 0: no line is open. */
  #open = 0;
  #openedAt = 0;
  #lastByte = 0;
  #offset = 0;
  readonly #line: { -readonly [K in keyof Line]: Line[K] } = {
    bytes: this.#carry,
    start: 0,
    end: 0,
    offset: 0,
    after: 0,
    marked: false,
    overlong: false,
    pieced: false,
  };

  /** `marks`: bytes to look out for, the rarest first; without any every line is marked, undefined marks none. */
  constructor(sink: LineSink, marks: readonly number[] | undefined) {
    this.#sink = sink;
    this.#marks = marks;
  }

  /** Bytes read so far. */
  get offset(): number {
    return this.#offset;
  }

  /** What is known of the line whose end has not been read. */
  get openLine(): Uint8Array {
    return this.#carry.subarray(0, this.#carried);
  }

  push(bytes: Uint8Array): void {
    let from = 0;
    if (this.#open > 0) {
      const lf = bytes.indexOf(lineFeed);
      this.#keep(bytes, 0, lf < 0 ? bytes.length : lf);
      if (lf < 0) {
        this.#offset += bytes.length;
        return;
      }
      this.#close(1);
      from = lf + 1;
    }
    const rest = this.#cut(bytes, from);
    this.#keep(bytes, rest, bytes.length);
    this.#offset += bytes.length;
  }

  /** The last line counts even when nothing ends it. */
  finish(): void {
    if (this.#open > 0) this.#close(0);
  }

  /** Hands over the lines that end in this chunk; returns where the unfinished one starts. */
  #cut(bytes: Uint8Array, from: number): number {
    // Only a Buffer's own search is native for single bytes at the price of a call.
    const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    const marks = this.#marks;
    // Where each mark stands next, so that one search serves all lines before that place.
    const next = marks?.map(() => -1) ?? [];
    let start = from;
    for (let lf = chunk.indexOf(lineFeed, from); lf >= 0; lf = chunk.indexOf(lineFeed, start)) {
      this.#whole(bytes, start, lf, marks !== undefined && hasAll(chunk, marks, next, start, lf));
      start = lf + 1;
    }
    return start;
  }

  #whole(bytes: Uint8Array, start: number, lf: number, marked: boolean): void {
    const line = this.#line;
    const end = lf > start && bytes[lf - 1] === carriageReturn ? lf - 1 : lf;
    line.bytes = bytes;
    line.start = start;
    line.end = end;
    line.offset = this.#offset + start;
    line.after = this.#offset + lf + 1;
    line.marked = marked;
    line.overlong = end - start > lineCap;
    line.pieced = false;
    this.#sink.line(line);
  }

  #keep(bytes: Uint8Array, from: number, until: number): void {
    if (from === until) return;
    const isFirst = this.#open === 0;
    if (isFirst) this.#openedAt = this.#offset + from;
    const room = Math.min(lineCap - this.#carried, until - from);
    this.#carry.set(bytes.subarray(from, from + room), this.#carried);
    this.#carried += room;
    this.#open += until - from;
    this.#lastByte = bytes[until - 1] ?? 0;
    this.#sink.piece({ bytes, start: from, end: until, offset: this.#openedAt, isFirst });
  }

  /** `lineFeeds`: 1 when the line was ended, 0 when the stream was. */
  #close(lineFeeds: 0 | 1): void {
    const length = this.#open - (this.#lastByte === carriageReturn ? 1 : 0);
    const end = Math.min(length, this.#carried);
    const line = this.#line;
    line.bytes = this.#carry;
    line.start = 0;
    line.end = end;
    line.offset = this.#openedAt;
    line.after = this.#openedAt + this.#open + lineFeeds;
    line.marked = this.#marks?.every((mark) => this.#carry.subarray(1, end).includes(mark)) ?? false;
    line.overlong = length > lineCap;
    line.pieced = true;
    this.#open = 0;
    this.#carried = 0;
    this.#sink.line(line);
  }
}

function hasAll(
  chunk: Buffer,
  marks: readonly number[],
  next: number[],
  start: number,
  end: number,
): boolean {
  for (let i = 0; i < marks.length; i++) {
    let at = next[i] ?? -1;
    if (at <= start) {
      at = chunk.indexOf(marks[i] ?? 0, start + 1);
      next[i] = at < 0 ? (at = chunk.length) : at;
    }
    if (at >= end) return false;
  }
  return true;
}

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
