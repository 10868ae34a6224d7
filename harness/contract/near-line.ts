import { type CaptureType, mayHold, type Pattern } from "./pattern.ts";

/** A letter, or a capture that takes any number of letters of its kind. */
type Sign = { readonly letter: string } | { readonly type: CaptureType };

/** A pattern as a row of signs. */
export interface Shape {
  readonly signs: readonly Sign[];
  /** How often each letter stands in it. */
  readonly letters: ReadonlyMap<string, number>;
  readonly letterCount: number;
}

export interface Alignment {
  readonly distance: number;
  /** `^` under each letter that differs, and under the one before which something is missing. */
  readonly marks: string;
}

/** Longer lines are compared in their beginning only. */
const textCap = 300;

export function shapeOf(pattern: Pattern): Shape {
  const signs = pattern.tokens.flatMap((token): readonly Sign[] =>
    token.kind === "capture"
      ? [{ type: token.type }]
      : Array.from(Buffer.from(token.bytes).toString("latin1"), (letter) => ({ letter })),
  );
  const letters = new Map<string, number>();
  for (const sign of signs)
    if ("letter" in sign) letters.set(sign.letter, (letters.get(sign.letter) ?? 0) + 1);
  return { signs, letters, letterCount: signs.filter((s) => "letter" in s).length };
}

/**
 * The least number of letters to insert, remove or replace so that the text has this shape, and where they are;
 * undefined when it is more than `limit`. What a capture may hold costs nothing.
 */
export function align(shape: Shape, whole: string, limit: number): Alignment | undefined {
  const text = whole.slice(0, textCap);
  if (missingLetters(shape, text) > limit) return undefined;
  const rows = [Int32Array.from({ length: text.length + 1 }, (_, j) => j)];
  for (const [i, sign] of shape.signs.entries()) {
    const above = rows[i] ?? new Int32Array(0);
    const row = new Int32Array(text.length + 1);
    let least = (row[0] = (above[0] ?? 0) + 1);
    for (let j = 1; j <= text.length; j++) {
      const fits = isFit(sign, text[j - 1] ?? "");
      const both = (above[j - 1] ?? 0) + (fits ? 0 : 1);
      const onward = (row[j - 1] ?? 0) + (fits && "type" in sign ? 0 : 1);
      const skip = (above[j] ?? 0) + 1;
      const cost = Math.min(both, onward, skip);
      row[j] = cost;
      if (cost < least) least = cost;
    }
    if (least > limit) return undefined;
    rows.push(row);
  }
  const distance = rows[shape.signs.length]?.[text.length] ?? Infinity;
  return distance > limit ? undefined : { distance, marks: marksOf(rows, shape, text) };
}

/** A lower bound of the distance that is cheap to find. */
function missingLetters({ letters, letterCount }: Shape, text: string): number {
  const left = new Map(letters);
  let missing = letterCount;
  for (const letter of text) {
    const count = left.get(letter) ?? 0;
    if (count === 0) continue;
    left.set(letter, count - 1);
    missing--;
  }
  return missing;
}

function isFit(sign: Sign, letter: string): boolean {
  if ("letter" in sign) return sign.letter === letter;
  return mayHold(sign.type, letter.charCodeAt(0)) || (isNumber(sign.type) && "-. ".includes(letter));
}

function isNumber(type: CaptureType): boolean {
  return type === "int" || type === "float" || type === "stamp";
}

/** Walks back along the cheapest way. */
function marksOf(rows: readonly Int32Array[], { signs }: Shape, text: string): string {
  const marks = Array.from({ length: text.length + 1 }, () => " ");
  let [i, j] = [signs.length, text.length];
  while (i > 0 || j > 0) {
    const sign = signs[i - 1];
    const [cost, diagonal, left] = [
      rows[i]?.[j] ?? 0,
      rows[i - 1]?.[j - 1] ?? Infinity,
      rows[i]?.[j - 1] ?? Infinity,
    ];
    const fits = sign !== undefined && j > 0 && isFit(sign, text[j - 1] ?? "");
    if (sign !== undefined && j > 0 && cost === diagonal + (fits ? 0 : 1)) {
      [i, j] = [i - 1, j - 1];
      if (!fits) marks[j] = "^";
    } else if (j > 0 && cost === left + (fits && sign !== undefined && "type" in sign ? 0 : 1)) {
      j--;
      if (cost !== left) marks[j] = "^";
    } else {
      i--;
      marks[j] = "^";
    }
  }
  return marks.join("");
}
