import type { Automaton } from "./automaton.ts";

/** Bytes kept of what a port has shown and nothing has asked for: more than any prompt and the lines that tear it. */
const windowCap = 64 * 1024;
/** A stretch of the stream. */
interface Cut {
  readonly start: number;
  readonly end: number;
}

/** Of a terminal: control sequences, control characters, and the blank by which an editor goes to the next line. */
const sign = new RegExp(String.raw`\x1b\[[0-?]*[ -/]*[@-~]| \r(?!\n)|[\x00-\x1f\x7f]`, "gu");
/** Longer lines are not searched for a tear. */
const lineCap = 4096;

/**
 * What a serial port has shown and nobody has yet made use of, for finding prompts and echoes in it. Text is found
 * as it stands or, where foreign lines have cut into it, in what is left when those are taken away; where chunks
 * of the stream begin and end makes no difference. Constant memory.
 */
export class PortText {
  readonly #foreign: Automaton | undefined;
  /** Bytes with which a foreign line may begin, which keeps most places from being tried. */
  readonly #begins: ReadonlySet<number>;
  /** Everything from `#from` on, at most `windowCap`. */
  #raw = Buffer.alloc(0);
  /** Place in the stream of the window's first byte. */
  #from = 0;
  /** What is searched begins here; what lies before is kept only where a place may still be named late. */
  #anchor = 0;
  /** Foreign lines in the window, by their places in the stream; the rest of their line follows behind them. */
  #cuts: Cut[] = [];
  /** Lines before this place have been looked at. */
  #scanned = 0;

  /** `foreign`: lines that may cut into others. */
  constructor(foreign: Automaton | undefined) {
    this.#foreign = foreign;
    this.#begins = new Set(foreign?.livingBytes(foreign.start));
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
    return this.#takeFrom(text, this.#cuts);
  }

  /** The same for an echo, in which a line editor may have put line ends and other signs to the terminal. */
  takeEcho(text: Uint8Array): boolean {
    return this.#takeFrom(
      text,
      [...this.#cuts, ...this.#signs()].toSorted((a, b) => a.start - b.start),
    );
  }

  #takeFrom(text: Uint8Array, cuts: readonly Cut[]): boolean {
    const start = Math.max(0, this.#anchor - this.#from);
    const at = this.#raw.indexOf(text, start);
    const end = at >= 0 ? this.#from + at + text.length : this.#without(cuts, text);
    if (end === undefined) return false;
    this.use(end);
    return true;
  }

  /** What in the rest of the window is for a terminal to obey and not to show. */
  #signs(): readonly Cut[] {
    const start = Math.max(this.#anchor, this.#from);
    const rest = this.#raw.toString("latin1", start - this.#from);
    return [...rest.matchAll(sign)].map(({ index, 0: found }) => ({
      start: start + index,
      end: start + index + found.length,
    }));
  }

  /** Looks once at each line that has ended. */
  #scan(): void {
    if (this.#foreign === undefined) return;
    const lfFrom = (place: number): number => this.#raw.indexOf(lineFeed, place - this.#from);
    this.#scanned = Math.max(this.#scanned, this.#from);
    for (let lf = lfFrom(this.#scanned); lf >= 0; lf = lfFrom(this.#scanned)) {
      const cut = this.#foreignIn(this.#scanned - this.#from, lf, this.#foreign);
      const end = this.#from + lf + 1;
      if (cut !== undefined) this.#cuts.push({ start: this.#from + cut, end });
      this.#scanned = end;
    }
    this.#cuts = this.#cuts.filter((c) => c.start >= this.#from);
  }

  /** Where in the window a foreign line begins that ends this line. */
  #foreignIn(start: number, lf: number, foreign: Automaton): number | undefined {
    const end = lf > start && this.#raw[lf - 1] === carriageReturn ? lf - 1 : lf;
    if (end - start > lineCap) return undefined;
    for (let at = start; at < end; at++) {
      if (this.#begins.has(this.#raw[at] ?? 0) && foreign.matches(this.#raw, at, end)) return at;
    }
    return undefined;
  }

  /** Where a text ends in the stream when these are taken out of it. */
  #without(cuts: readonly Cut[], text: Uint8Array): number | undefined {
    let place = Math.max(this.#anchor, this.#from);
    const parts: { readonly place: number; readonly bytes: Uint8Array }[] = [];
    for (const cut of [...cuts, { start: this.end, end: this.end }]) {
      // A sign within a foreign line is gone with it.
      if (cut.start < place) continue;
      parts.push({ place, bytes: this.#raw.subarray(place - this.#from, cut.start - this.#from) });
      place = cut.end;
    }
    if (parts.length === 1) return undefined;
    const at = Buffer.concat(parts.map((p) => p.bytes)).indexOf(text);
    if (at < 0) return undefined;
    let left = at + text.length;
    for (const part of parts) {
      if (left <= part.bytes.length) return part.place + left;
      left -= part.bytes.length;
    }
    return undefined;
  }
}

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
