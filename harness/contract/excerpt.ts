import type { ConsoleLine } from "./judgement.ts";

/** Bytes kept of each end of a console, for reports. */
const endCap = 96 * 1024;
const textCap = 400;

/** Keeps the beginning and the end of a console, so that a report can quote it without reading it again. */
export class ExcerptKeeper {
  readonly #head = new Uint8Array(endCap);
  #headLength = 0;
  /** A ring: the byte at console offset o stands at o modulo its length. */
  #tail: Uint8Array | undefined;
  #offset = 0;

  push(bytes: Uint8Array): void {
    const room = Math.min(endCap - this.#headLength, bytes.length);
    this.#head.set(room === bytes.length ? bytes : bytes.subarray(0, room), this.#headLength);
    this.#headLength += room;
    if (room < bytes.length)
      this.#pushTail(bytes.subarray(Math.max(room, bytes.length - endCap)), bytes.length);
    this.#offset += bytes.length;
  }

  lines(): readonly ConsoleLine[] {
    const head = this.#head.subarray(0, this.#headLength);
    const tail = this.#tail;
    if (tail === undefined) return linesOf(head, 0);
    const kept = Math.min(endCap, this.#offset - endCap);
    const from = this.#offset - kept;
    const at = from % endCap;
    const joined = Buffer.concat([tail.subarray(at), tail.subarray(0, at)]).subarray(0, kept);
    if (from === endCap) return linesOf(Buffer.concat([head, joined]), 0);
    // The line in which the end begins is incomplete, and so is the one in which the beginning ends.
    const first = joined.indexOf(0x0a) + 1;
    const headEnd = head.lastIndexOf(0x0a) + 1;
    return [...linesOf(head.subarray(0, headEnd), 0), ...linesOf(joined.subarray(first), from + first)];
  }

  #pushTail(bytes: Uint8Array, chunkLength: number): void {
    this.#tail ??= new Uint8Array(endCap);
    const at = (this.#offset + chunkLength - bytes.length) % endCap;
    const room = Math.min(bytes.length, endCap - at);
    this.#tail.set(bytes.subarray(0, room), at);
    this.#tail.set(bytes.subarray(room), 0);
  }
}

function linesOf(bytes: Uint8Array, offset: number): readonly ConsoleLine[] {
  const lines: ConsoleLine[] = [];
  for (let start = 0; start < bytes.length;) {
    const lf = bytes.indexOf(0x0a, start);
    const stop = lf < 0 ? bytes.length : lf;
    const end = stop > start && bytes[stop - 1] === 0x0d ? stop - 1 : stop;
    if (end > start) lines.push({ offset: offset + start, text: visible(bytes.subarray(start, end)) });
    start = stop + 1;
  }
  return lines;
}

/** Bytes as a person may safely see them on a terminal: other than printable ASCII becomes `\xNN`. */
export function visible(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes.subarray(0, textCap)) {
    text +=
      byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, "0")}`;
  }
  return bytes.length > textCap ? `${text}…` : text;
}
