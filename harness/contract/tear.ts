import type { ForbiddenSearch } from "./forbidden.ts";
import { type Line, noLine } from "./lines.ts";
import type { LineEvent, LineReading } from "./reading.ts";

/** A line as it was meant. */
export interface LogicalLine {
  readonly events: readonly (LineEvent | { readonly kind: "unclear"; readonly sentence: string })[];
  /** Forbidden texts in it. */
  readonly forbidden: readonly number[];
  readonly offset: number;
  readonly length: number;
  readonly torn: boolean;
}

export class TearResolver {
  readonly #reading: LineReading;
  readonly #commit: (line: LogicalLine) => void;

  constructor(
    reading: LineReading,
    _forbidden: ForbiddenSearch,
    _foreign: string,
    commit: (line: LogicalLine) => void,
  ) {
    this.#reading = reading;
    this.#commit = commit;
  }

  get mark(): number {
    return noLine;
  }

  get isOpen(): boolean {
    return false;
  }

  take(line: Line, hits: readonly number[]): void {
    const { bytes, start, end, offset } = line;
    const events = line.overlong ? [] : this.#reading.read(bytes, start, end);
    this.#commit({ events, forbidden: hits, offset, length: end - start, torn: false });
  }

  finish(): void {}
}
