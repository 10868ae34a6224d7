import { Automaton, dead } from "./automaton.ts";
import { mustParseExpression, requiredBytes, reversed } from "./expression.ts";
import type { ForbiddenSearch } from "./forbidden.ts";
import { type Line, lineCap } from "./lines.ts";
import type { LineEvent, LineReading } from "./reading.ts";
import { chooseReading, type Reading } from "./readings.ts";

/** Events of one line as it was meant, and where it stands in the console. */
export interface LogicalLine {
  readonly events: readonly LineEvent[];
  readonly offset: number;
  readonly length: number;
  /** It was put together from what foreign lines had cut. */
  readonly torn: boolean;
}

/** What a stretch of the console says: a single line, or torn lines up to where they end. */
export interface Stretch {
  readonly lines: readonly LogicalLine[];
  /** Forbidden texts that stand in it. */
  readonly forbidden: readonly number[];
  /** Why it cannot be told what it says; `lines` is empty then. */
  readonly unclear?: { readonly sentence: string; readonly mayBeBanner: boolean };
  readonly offset: number;
}

/** More ways to read a stretch are not followed. */
const readingCap = 32;

/** A line that was cut more often is given up. */
const cutCap = 4;

/** A stretch that goes on and on is decided here by what is known. */
const stretchCap = 256;

/**
 * Sees through tears. A tear is one or more whole foreign lines cut into a line, the rest of which starts the
 * next line:
 *
 *     [store] moun[    1.234567] usb 1-1: new device
 *     [    1.234601] usb 1-1: found
 *     ted generation=7
 *
 * A line that ends like a foreign one may have been cut, or may just look so. From there on every way to read the
 * console is followed side by side, until a line comes that cuts nothing: then `chooseReading` decides. All
 * other lines, nearly all there are, pass straight through.
 */
export class TearResolver {
  readonly #reading: LineReading;
  readonly #forbidden: ForbiddenSearch;
  readonly #commit: (stretch: Stretch) => void;
  readonly #foreign: Automaton | undefined;
  /** Reads the foreign expression from the end of a line, to find all places where a foreign line may begin. */
  readonly #backwards: Automaton | undefined;
  /** What to look for in a line, in `LineReader`'s terms: without it no foreign line begins within. */
  readonly marks: readonly number[] | undefined;

  #readings: readonly Reading[] = [];
  #physical = new Set<number>();
  #start = 0;
  #after = 0;
  #count = 0;
  /** Some line could be cut in several places, or some readings were not followed. */
  #isDoubtful = false;

  constructor(
    reading: LineReading,
    forbidden: ForbiddenSearch,
    foreign: string,
    commit: (stretch: Stretch) => void,
  ) {
    this.#reading = reading;
    this.#forbidden = forbidden;
    this.#commit = commit;
    if (foreign === "") return;
    const expression = mustParseExpression(foreign);
    this.#foreign = new Automaton(expression);
    this.#backwards = new Automaton(reversed(expression));
    this.marks = [...requiredBytes(expression)].toSorted((a, b) => commonness(a) - commonness(b)).slice(0, 3);
  }

  /** A stretch is open: the next line belongs to it. */
  get isOpen(): boolean {
    return this.#readings.length > 0;
  }

  /** `hits`: forbidden texts in the line as it stands. */
  take(line: Line, hits: readonly number[]): void {
    const text = line.overlong ? undefined : line.bytes.subarray(line.start, line.end);
    if (!this.isOpen) {
      const cuts = line.marked && text !== undefined ? this.#cutsOf(text) : noCuts;
      if (text === undefined || cuts.length === 0) {
        const events = text === undefined ? [] : this.#reading.read(text, 0, text.length);
        const { offset } = line;
        const lines =
          events.length === 0 ? [] : [{ events, offset, length: line.after - offset, torn: false }];
        this.#commit({ lines, forbidden: hits, offset });
        return;
      }
      this.#start = line.offset;
      this.#readings = [
        {
          lines: [],
          joins: 0,
          joinedHits: noHits,
          open: undefined,
          foreign: undefined,
          openAt: 0,
          cuts: 0,
          isMaximal: true,
        },
      ];
    }
    this.#after = line.after;
    this.#count++;
    for (const hit of hits) this.#physical.add(hit);
    this.#readings = this.#merge(this.#readings.flatMap((reading) => this.#continue(reading, text, line)));
    if (this.#count >= stretchCap) this.#readings = this.#readings.filter((r) => r.open === undefined);
    if (this.#readings.every((r) => r.open === undefined)) this.#close();
  }

  /** The console ends: the rest of a cut line is empty. */
  finish(): void {
    if (!this.isOpen) return;
    this.#readings = this.#readings.map((reading) =>
      reading.open === undefined ? reading : this.#joined(reading, reading.open),
    );
    this.#close();
  }

  /** All ways in which a reading goes on over one more line. */
  #continue(reading: Reading, text: Uint8Array | undefined, line: Line): readonly Reading[] {
    const { open } = reading;
    if (text === undefined) return open === undefined ? [reading] : [];
    if (open === undefined) {
      const cut = this.#cut({ ...reading, openAt: line.offset }, text);
      return [notMaximal(this.#alone(reading, text, line), cut), ...cut];
    }
    // Foreign lines of one tear follow each other; the cut line goes on behind the last of them.
    if (reading.foreign !== undefined) return this.#continueForeign(reading, reading.foreign, text, line);
    if (this.#isForeign(text)) {
      const within = this.#cutForeign(reading, text);
      return [notMaximal(this.#alone(reading, text, line), within), ...within];
    }
    const whole = Buffer.concat([open, text]);
    if (whole.length > lineCap) return [];
    const cut = this.#cut(reading, whole);
    return [notMaximal(this.#joined(reading, whole), cut), ...cut];
  }

  /** The rest of a foreign line that was cut: together they must be one, or it was not cut. */
  #continueForeign(reading: Reading, foreign: Uint8Array, text: Uint8Array, line: Line): readonly Reading[] {
    if (this.#isForeign(text)) return [this.#alone(reading, text, line)];
    const whole = Buffer.concat([foreign, text]);
    if (whole.length > lineCap || !this.#isForeign(whole)) return [];
    const within = this.#cutForeign(reading, whole);
    return [notMaximal({ ...reading, foreign: undefined }, within), ...within];
  }

  #alone(reading: Reading, text: Uint8Array, line: Line): Reading {
    const events = this.#reading.read(text, 0, text.length);
    if (events.length === 0) return reading;
    const { offset } = line;
    return {
      ...reading,
      lines: [...reading.lines, { events, offset, length: line.after - offset, torn: false }],
    };
  }

  #joined(reading: Reading, whole: Uint8Array): Reading {
    const text = whole.at(-1) === 0x0d ? whole.subarray(0, -1) : whole;
    const events = this.#reading.read(text, 0, text.length);
    const offset = reading.openAt;
    const line = { events, offset, length: this.#after - offset, torn: true };
    const hits = this.#forbidden.hitsInBytes(text);
    return {
      lines: events.length === 0 ? reading.lines : [...reading.lines, line],
      joins: reading.joins + 1,
      joinedHits: hits.length === 0 ? reading.joinedHits : new Set([...reading.joinedHits, ...hits]),
      open: undefined,
      foreign: undefined,
      openAt: 0,
      cuts: 0,
      isMaximal: reading.isMaximal,
    };
  }

  #cut(reading: Reading, text: Uint8Array): readonly Reading[] {
    if (reading.cuts >= cutCap) return [];
    const cuts = this.#cutsOf(text);
    if (cuts.length > 1) this.#isDoubtful = true;
    return cuts.map((at) => ({
      ...reading,
      open: Buffer.from(text.subarray(0, at)),
      cuts: reading.cuts + 1,
    }));
  }

  #cutForeign(reading: Reading, text: Uint8Array): readonly Reading[] {
    return this.#cut(reading, text).map(({ open, ...rest }) => ({
      ...rest,
      open: reading.open,
      foreign: open,
    }));
  }

  #isForeign(text: Uint8Array): boolean {
    return this.#foreign?.matches(text, 0, text.length) === true;
  }

  /** Where in a line, not at its start, a foreign line may begin that ends where the line ends. */
  #cutsOf(text: Uint8Array): readonly number[] {
    const automaton = this.#backwards;
    if (automaton === undefined) return noCuts;
    automaton.trim();
    const cuts: number[] = [];
    let state = automaton.start;
    for (let at = text.length - 1; at > 0 && state !== dead; at--) {
      state = automaton.step(state, text[at] ?? 0);
      if (automaton.accepts(state)) cuts.unshift(at);
    }
    return cuts;
  }

  #merge(readings: readonly Reading[]): readonly Reading[] {
    const merged = new Map<string, Reading>();
    for (const reading of readings) {
      const parts = [reading.open, reading.foreign].map(
        (part) => part && Buffer.from(part).toString("latin1"),
      );
      const open = JSON.stringify([reading.openAt, ...parts]);
      const kind = `${reading.joins === 0}${reading.isMaximal}`;
      const key = `${kind}${JSON.stringify([reading.lines, [...reading.joinedHits]])}${open}`;
      if (!merged.has(key)) merged.set(key, reading);
    }
    const all = [...merged.values()];
    if (all.length > readingCap) this.#isDoubtful = true;
    return all.slice(0, readingCap);
  }

  #close(): void {
    const readings = this.#readings;
    const stretch = { offset: this.#start, forbidden: [...this.#physical] };
    const isDoubtful = this.#isDoubtful;
    this.#readings = [];
    this.#physical = new Set();
    this.#count = 0;
    this.#isDoubtful = false;
    this.#commit({ ...stretch, ...chooseReading(readings, stretch.forbidden, isDoubtful) });
  }
}

/** A reading that leaves a line whole which others take for cut. */
function notMaximal(reading: Reading, cut: readonly Reading[]): Reading {
  return cut.length === 0 ? reading : { ...reading, isMaximal: false };
}

/** How often a byte stands in consoles, roughly: signs are rarer than letters, brackets begin most lines. */
function commonness(byte: number): number {
  const sign = String.fromCharCode(byte);
  if (/[a-z ]/u.test(sign)) return 3;
  if (/[0-9A-Z]/u.test(sign)) return 2;
  return "[]:=".includes(sign) ? 1 : 0;
}

const noCuts: readonly number[] = [];
const noHits: ReadonlySet<number> = new Set();
