/** Colour, or none of it. A word carries its meaning without: colour only makes it quicker to find. */

export type Tone = "good" | "bad" | "warn" | "info" | "dim" | "strong";

export type Paint = (tone: Tone, text: string) => string;

const codes: Readonly<Record<Tone, readonly [number, number]>> = {
  good: [32, 39],
  bad: [31, 39],
  warn: [33, 39],
  info: [36, 39],
  dim: [2, 22],
  strong: [1, 22],
};

export const noPaint: Paint = (_tone, text) => text;

export const ansiPaint: Paint = (tone, text) => {
  const [on, off] = codes[tone];
  return text === "" ? "" : `\u001b[${on}m${text}\u001b[${off}m`;
};

/**
 * Whether to colour. FORCE_COLOR decides where it is set (0 and false say no), then NO_COLOR, then whether a terminal is
 * there that knows more than TERM=dumb.
 */
export function wantsColour(env: Readonly<Record<string, string | undefined>>, isTTY: boolean): boolean {
  const forced = env["FORCE_COLOR"];
  if (forced !== undefined) return forced !== "0" && forced !== "false";
  if ((env["NO_COLOR"] ?? "") !== "") return false;
  return isTTY && env["TERM"] !== "dumb";
}

export function paintFor(env: Readonly<Record<string, string | undefined>>, isTTY: boolean): Paint {
  return wantsColour(env, isTTY) ? ansiPaint : noPaint;
}
