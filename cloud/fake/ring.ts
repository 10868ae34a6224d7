/** The last bytes of a serial port, as the service keeps them: older ones are dropped without a word. */
export class SerialRing {
  readonly #limit: number;
  #kept = Buffer.alloc(0);
  #start = 0;

  /** The service keeps 1 MiB. */
  constructor(limit = 1 << 20) {
    this.#limit = limit;
  }

  add(bytes: Uint8Array): void {
    const all = Buffer.concat([this.#kept, bytes]);
    const over = Math.max(0, all.length - this.#limit);
    this.#kept = all.subarray(over);
    this.#start += over;
  }

  /**
   * What follows `start`, at most `most` bytes. A start that was dropped is moved forward, a negative one counts from
   * the end. Bytes that are no UTF-8 come replaced, so the text says nothing about the offsets.
   */
  read(
    start: number,
    most = 1 << 20,
  ): { readonly contents: string; readonly start: number; readonly next: number } {
    const end = this.#start + this.#kept.length;
    const from = Math.min(end, Math.max(this.#start, start < 0 ? end + start : start));
    const next = Math.min(end, from + most);
    const bytes = this.#kept.subarray(from - this.#start, next - this.#start);
    return { contents: bytes.toString("utf8"), start: from, next };
  }

  /** A machine that is started again begins anew. */
  clear(): void {
    this.#kept = Buffer.alloc(0);
    this.#start = 0;
  }
}
