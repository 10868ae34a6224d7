import { allLandmarks } from "./chain.ts";
import { visible } from "./excerpt.ts";
import { matchLine } from "./match.ts";
import { mustParsePattern, type Pattern } from "./pattern.ts";
import { Recogniser } from "./recogniser.ts";
import type { Speech } from "./speech.ts";
import type { BootSpec, Enumerated } from "./types.ts";

export type ByteTest = (bytes: Uint8Array, start: number, end: number) => boolean;

type Captures = Readonly<Record<string, string>>;

/** What a line says, regardless of when it says it. */
export type LineEvent =
  | { readonly kind: "banner"; readonly captures: Captures }
  /** The guest has found the required device at this place of the list. */
  | { readonly kind: "device"; readonly index: number }
  | { readonly kind: "landmark"; readonly name: string; readonly captures: Captures }
  | { readonly kind: "ambiguous"; readonly names: readonly string[] }
  | { readonly kind: "unknown"; readonly label: string }
  | { readonly kind: "panic"; readonly message: string }
  | { readonly kind: "trailer"; readonly status: number };

/** Reads the lines of one boot: all rules see every line, none takes it away from another. */
export class LineReading {
  readonly #patterns: readonly Pattern[];
  readonly #speech: Speech;
  /** What the patterns from `#firstDevice` on tell of, in the order of the requirements. */
  readonly #firstDevice: number;
  readonly #recogniser: Recogniser;
  /** The landmark of each pattern; undefined for the guest's own words. */
  readonly #names: readonly (string | undefined)[];
  readonly #isClosed: ByteTest | undefined;
  readonly #isLossy: boolean;

  /** `isClosed`: labels whose every line must be a declared landmark. `isLossy`: a line with a U+FFFD is no landmark. */
  constructor(
    boot: BootSpec,
    speech: Speech,
    enumerated: readonly Enumerated[],
    isClosed: ByteTest | undefined,
    isLossy = false,
  ) {
    const landmarks = allLandmarks(boot.chain);
    const blank = speech.blank === undefined ? [] : [speech.blank];
    const words = [speech.banner, ...blank, speech.trailer, ...speech.panic];
    const own = [...landmarks.map((l) => mustParsePattern(l.line)), ...words];
    this.#patterns = [...own, ...enumerated.map((e) => mustParsePattern(e.line))];
    this.#firstDevice = own.length;
    this.#names = landmarks.map((l) => l.name);
    this.#speech = speech;
    this.#recogniser = new Recogniser(this.#patterns);
    this.#isClosed = isClosed;
    this.#isLossy = isLossy;
  }

  /** This line says nothing. False promises nothing. */
  rejects(bytes: Uint8Array, start: number, end: number): boolean {
    return this.#isClosed === undefined && this.#recogniser.rejects(bytes, start, end);
  }

  /** Landmarks first, so that a panic line may be the landmark that a panic is expected to show. */
  read(bytes: Uint8Array, start: number, end: number): readonly LineEvent[] {
    const landmarks: { name: string; captures: Captures }[] = [];
    const words: LineEvent[] = [];
    for (const i of this.#recogniser.candidates(bytes, start, end)) {
      const pattern = this.#patterns[i];
      const captures = pattern === undefined ? undefined : matchLine(pattern, bytes, start, end);
      if (pattern === undefined || captures === undefined) continue;
      const name = this.#names[i];
      if (name !== undefined) landmarks.push({ name, captures });
      else if (i >= this.#firstDevice) words.push({ kind: "device", index: i - this.#firstDevice });
      else if (pattern === this.#speech.banner) words.push({ kind: "banner", captures });
      else if (pattern === this.#speech.blank) {
        words.push({ kind: "banner", captures: { ...captures, system: "none" } });
      } else if (pattern === this.#speech.trailer) {
        words.push({ kind: "trailer", status: Number(captures["status"] ?? "0") });
      } else words.push({ kind: "panic", message: captures["message"] ?? "" });
    }
    const [first, ...others] = landmarks;
    if (first !== undefined && this.#isLossy && isReplaced(bytes, start, end)) return words;
    if (first === undefined) return words.length > 0 ? words : this.#unknown(bytes, start, end);
    if (others.length > 0)
      return [{ kind: "ambiguous", names: landmarks.map((l) => l.name).toSorted() }, ...words];
    return [{ kind: "landmark", ...first }, ...words];
  }

  #unknown(bytes: Uint8Array, start: number, end: number): readonly LineEvent[] {
    if (this.#isClosed === undefined || bytes[start] !== 0x5b) return [];
    const close = bytes.indexOf(0x5d, start);
    if (close < 0 || close >= end) return [];
    if (!this.#isClosed(bytes, start + 1, close)) return [];
    return [{ kind: "unknown", label: visible(bytes.subarray(start + 1, close)) }];
  }
}

/** Whether there is a U+FFFD in the line, which may stand for anything. */
function isReplaced(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = bytes.indexOf(0xef, start); at >= 0 && at + 2 < end; at = bytes.indexOf(0xef, at + 1)) {
    if (bytes[at + 1] === 0xbf && bytes[at + 2] === 0xbd) return true;
  }
  return false;
}
