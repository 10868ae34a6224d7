import { StringDecoder } from "node:string_decoder";

export interface Captured {
  readonly text: string;
  /** Bytes that the program wrote; more than `text` holds when the middle was dropped. */
  readonly bytes: number;
  readonly dropped: number;
}

/** Keeps the first and the last part of a stream of any length: errors stand at either end, memory is bounded. */
export class Capture {
  readonly #limit: number;
  #head: Uint8Array[] = [];
  #headBytes = 0;
  #tail: Uint8Array[] = [];
  #tailBytes = 0;
  #bytes = 0;

  /** `limit` is in bytes; a quarter of it goes to the beginning. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  add(chunk: Uint8Array): void {
    this.#bytes += chunk.length;
    const room = Math.max(0, Math.floor(this.#limit / 4) - this.#headBytes);
    if (room > 0) {
      const part = chunk.subarray(0, room);
      this.#head.push(part);
      this.#headBytes += part.length;
      chunk = chunk.subarray(part.length);
    }
    if (chunk.length === 0) return;
    this.#tail.push(chunk);
    this.#tailBytes += chunk.length;
    const tailLimit = this.#limit - Math.floor(this.#limit / 4);
    for (let over = this.#tailBytes - tailLimit; over > 0; over = this.#tailBytes - tailLimit) {
      const first = this.#tail[0] ?? new Uint8Array();
      if (first.length <= over) this.#tail.shift();
      // A copy, so that a small rest does not keep a large buffer alive.
      else this.#tail[0] = first.slice(over);
      this.#tailBytes -= Math.min(first.length, over);
    }
  }

  get(): Captured {
    const dropped = this.#bytes - this.#headBytes - this.#tailBytes;
    const head = Buffer.concat(this.#head);
    const tail = Buffer.concat(this.#tail);
    const text =
      dropped === 0
        ? Buffer.concat([head, tail]).toString("utf8")
        : `${head.toString("utf8")}\n[${dropped} bytes left out]\n${tail.toString("utf8")}`;
    return { text, bytes: this.#bytes, dropped };
  }
}

/** Cuts a byte stream into lines of text; chunk borders may fall anywhere, even inside a character. */
export class LineCutter {
  readonly #decoder = new StringDecoder("utf8");
  readonly #onLine: (line: string) => void;
  readonly #maxLength: number;
  #rest = "";

  /** A line longer than `maxLength` UTF-16 units is handed over in pieces of that length. */
  constructor(onLine: (line: string) => void, maxLength = 65_536) {
    this.#onLine = onLine;
    this.#maxLength = maxLength;
  }

  add(chunk: Uint8Array): void {
    this.#take(this.#decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)));
  }

  /** Hands over a last line that had no newline. */
  end(): void {
    this.#take(this.#decoder.end());
    if (this.#rest !== "") this.#onLine(this.#rest);
    this.#rest = "";
  }

  #take(text: string): void {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.#onLine(line.endsWith("\r") ? line.slice(0, -1) : line);
    while (this.#rest.length > this.#maxLength) {
      this.#onLine(this.#rest.slice(0, this.#maxLength));
      this.#rest = this.#rest.slice(this.#maxLength);
    }
  }
}
