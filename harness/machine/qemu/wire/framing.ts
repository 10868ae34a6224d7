/** A frame as the emulator's filters pass it on: its length in four bytes, then itself. */
export function framed(frame: Uint8Array): Uint8Array {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(frame.length);
  return Buffer.concat([length, frame]);
}

/** Cuts what the emulator's filters send into frames, wherever chunks begin and end. */
export class FrameReader {
  #rest = Buffer.alloc(0);

  add(bytes: Uint8Array): readonly Uint8Array[] {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    const frames: Uint8Array[] = [];
    for (;;) {
      if (this.#rest.length < 4) return frames;
      const length = this.#rest.readUInt32BE(0);
      if (this.#rest.length < 4 + length) return frames;
      frames.push(this.#rest.subarray(4, 4 + length));
      this.#rest = this.#rest.subarray(4 + length);
    }
  }
}
