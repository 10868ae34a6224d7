/**
 * Guest text is hostile. Everything that could move a cursor, hide, reorder or end what is around it is
 * written out, so that what a person sees is what the guest printed.
 */

// Controls but the tab, formats (zero-width, bidirectional, soft hyphen), lone surrogates, line separators, selectors.
const unseen = /(?!\t)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Variation_Selector}]/gu;

/** One line of text with nothing invisible in it: `\x1b`, `\u{202e}`. */
export function visible(text: string): string {
  return text.replace(unseen, (c) => {
    const code = c.codePointAt(0) ?? 0;
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u{${code.toString(16)}}`;
  });
}

/** The same for text of several lines. */
export function visibleLines(text: string): string {
  return text.split("\n").map(visible).join("\n");
}

/** Whether a console's character must be written out rather than shown. */
export function isUnseen(character: string): boolean {
  unseen.lastIndex = 0;
  return unseen.test(character);
}

// oxlint-disable-next-line no-control-regex
const painted = /\u001b\[[0-9;]*m/gu;
const marks = /^[\p{Mn}\p{Me}\p{Cf}]$/u;

/** Columns that a terminal uses for one line; colours take none. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const c of text.replace(painted, "")) columns += columnsOfOne(c);
  return columns;
}

/** Cuts a line, which may be painted, to so many columns; `…` stands for what is gone. */
export function cutTo(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text;
  let kept = "";
  let used = 0;
  let at = 0;
  for (const match of [...text.matchAll(painted), undefined]) {
    for (const c of text.slice(at, match?.index)) {
      const more = columnsOfOne(c);
      if (used + more > columns - 1) return `${kept}…${kept.includes("\u001b[") ? "\u001b[0m" : ""}`;
      kept += c;
      used += more;
    }
    if (match === undefined) break;
    kept += match[0];
    at = match.index + match[0].length;
  }
  return kept;
}

function columnsOfOne(c: string): number {
  const code = c.codePointAt(0) ?? 0;
  if (code < 0x300) return 1;
  if (marks.test(c)) return 0;
  return wide.some(([from, to]) => code >= from && code <= to) ? 2 : 1;
}

/** Blocks whose characters take two columns. */
const wide: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0x4dbf],
  [0x4e00, 0xa4cf],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1f64f],
  [0x1f680, 0x1f6ff],
  [0x1f900, 0x1faff],
  [0x20000, 0x3fffd],
];
