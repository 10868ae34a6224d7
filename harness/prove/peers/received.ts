import { createHash } from "node:crypto";

/** Bytes kept of what a guest sends; the rest is counted and digested. */
const keptCap = 64 * 1024;

/** What has come from the guest: its beginning, its size and its digest. */
export class Received {
  readonly #hash = createHash("sha256");
  #kept = Buffer.alloc(0);
  #bytes = 0;
  #digest: string | undefined;

  get bytes(): number {
    return this.#bytes;
  }

  /** The beginning of it. */
  get kept(): Buffer {
    return this.#kept;
  }

  add(bytes: Uint8Array): void {
    this.#hash.update(bytes);
    this.#bytes += bytes.length;
    const room = keptCap - this.#kept.length;
    if (room > 0) this.#kept = Buffer.concat([this.#kept, bytes.subarray(0, room)]);
  }

  is(text: string): boolean {
    const bytes = Buffer.from(text);
    if (bytes.length !== this.#bytes) return false;
    return this.#bytes <= keptCap
      ? this.#kept.equals(bytes)
      : this.sha256() === createHash("sha256").update(bytes).digest("hex");
  }

  /** To be asked for when nothing more comes. */
  sha256(): string {
    this.#digest ??= this.#hash.digest("hex");
    return this.#digest;
  }

  facts(): { readonly bytes: number; readonly sha256: string } {
    return { bytes: this.#bytes, sha256: this.sha256() };
  }

  /** For a person. */
  shown(): string {
    const text = JSON.stringify(this.#kept.subarray(0, 80).toString("latin1"));
    return this.#bytes > 80 ? `${text} and ${this.#bytes - 80} bytes more` : text;
  }
}
