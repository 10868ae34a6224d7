import type { Automaton } from "./automaton.ts";

/** Bytes kept of what a port has shown and nothing has asked for: more than any prompt and the lines that tear it. */
const windowCap = 64 * 1024;
/** Longer lines are not searched for a tear. */
const lineCap = 4096;

/**
 * What a serial port has shown and nobody has yet made use of, for finding prompts and echoes in it. Text is found
 * as it stands or, where foreign lines have cut into it, in what is left when those are taken away; where chunks
 * of the stream begin and end makes no difference. Constant memory.
 */
export class PortText {
  readonly #foreign: Automaton | undefined;
  /** Everything from `#from` on, at most `windowCap`. */
  #raw = Buffer.alloc(0);
  /** Place in the stream of the window's first byte. */
  #from = 0;
  /** What is searched begins here; what lies before is kept only where a place may still be named late. */
  #anchor = 0;
  /** Foreign lines in the window, by their places in the stream; the rest of their line follows behind them. */
  #cuts: { readonly start: number; readonly end: number }[] = [];
  /** Lines before this place have been looked at. */
  #scanned = 0;

  /** `foreign`: lines that may cut into others. */
  constructor(foreign: Automaton | undefined) {
    this.#foreign = foreign;
  }

  /** Bytes that have come. */
  get end(): number {
    return this.#from + this.#raw.length;
  }

  /** Bytes that have come behind the last place. */
  get surplus(): number {
    return this.end - Math.max(this.#anchor, this.#from);
  }

  push(bytes: Uint8Array): void {
    this.#raw = Buffer.concat([this.#raw, bytes]);
    const over = this.#raw.length - windowCap;
    if (over > 0) {
      this.#raw = Buffer.from(this.#raw.subarray(over));
      this.#from += over;
    }
    this.#scan();
  }

  /** What stands before this place in the stream has been used. Never goes back. */
  use(until: number): void {
    this.#anchor = Math.max(this.#anchor, until);
  }

  /** The line that begins at this place has been used; its end may not have come yet, and is then not skipped. */
  useLine(start: number): void {
    const lf = this.#raw.indexOf(lineFeed, Math.max(0, start - this.#from));
    this.use(lf < 0 ? this.end : this.#from + lf + 1);
  }

  /** Finds a text and uses what stands up to its end; false when it has not come. */
  take(text: Uint8Array): boolean {
    const start = Math.max(0, this.#anchor - this.#from);
    const at = this.#raw.indexOf(text, start);
    if (at >= 0) {
      this.use(this.#from + at + text.length);
      return true;
    }
    const end = this.#torn(text);
    if (end === undefined) return false;
    this.use(end);
    return true;
  }

  /** Looks once at each line that has ended. */
  #scan(): void {
    if (this.#foreign === undefined) return;
    const lfFrom = (place: number): number => this.#raw.indexOf(lineFeed, place - this.#from);
    this.#scanned = Math.max(this.#scanned, this.#from);
    for (let lf = lfFrom(this.#scanned); lf >= 0; lf = lfFrom(this.#scanned)) {
      const cut = foreignIn(this.#raw, this.#scanned - this.#from, lf, this.#foreign);
      const end = this.#from + lf + 1;
      if (cut !== undefined) this.#cuts.push({ start: this.#from + cut, end });
      this.#scanned = end;
    }
    this.#cuts = this.#cuts.filter((c) => c.start >= this.#from);
  }

  /** Where a text ends in the stream when foreign lines are taken out of it. */
  #torn(text: Uint8Array): number | undefined {
    const cuts = this.#cuts.filter((c) => c.start >= this.#anchor);
    if (cuts.length === 0) return undefined;
    let start = Math.max(this.#anchor, this.#from);
    const parts = [...cuts, { start: this.end, end: this.end }].map((cut) => {
      const part = { place: start, bytes: this.#raw.subarray(start - this.#from, cut.start - this.#from) };
      start = cut.end;
      return part;
    });
    const at = Buffer.concat(parts.map((p) => p.bytes)).indexOf(text);
    if (at < 0) return undefined;
    let left = at + text.length;
    for (const { place, bytes } of parts) {
      if (left <= bytes.length) return place + left;
      left -= bytes.length;
    }
    return undefined;
  }
}

/** Where a foreign line begins that ends this line. */
function foreignIn(bytes: Uint8Array, start: number, lf: number, foreign: Automaton): number | undefined {
  const end = lf > start && bytes[lf - 1] === carriageReturn ? lf - 1 : lf;
  if (end - start > lineCap) return undefined;
  for (let at = start; at < end; at++) if (foreign.matches(bytes, at, end)) return at;
  return undefined;
}

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
