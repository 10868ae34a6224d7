/** Whether two streams are the same bytes, each coming at its own pace. Keeps only what one is ahead of the other. */
export class Agreement {
  #ahead: Buffer = Buffer.alloc(0);
  #leader: "traced" | "shown" | undefined;
  #agreed = 0;
  #differs = false;

  /** Bytes that both have had and that were the same, up to the first difference. */
  get bytes(): number {
    return this.#agreed;
  }

  /** The next bytes of one of them. */
  add(side: "traced" | "shown", bytes: Uint8Array): void {
    if (this.#differs) return;
    if (this.#leader === side || this.#ahead.length === 0) {
      this.#leader = side;
      this.#ahead = Buffer.concat([this.#ahead, bytes]);
      return;
    }
    const length = Math.min(this.#ahead.length, bytes.length);
    for (let i = 0; i < length; i++) {
      if (this.#ahead[i] === bytes[i]) continue;
      this.#agreed += i;
      this.#differs = true;
      this.#ahead = Buffer.alloc(0);
      return;
    }
    this.#agreed += length;
    this.#ahead = this.#ahead.subarray(length);
    if (length < bytes.length) this.add(side, bytes.subarray(length));
  }
}
