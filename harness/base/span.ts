/** A place in a source file. Lines and columns count from 1; columns count UTF-16 units. */
export interface Span {
  /** Path relative to the project root, with forward slashes. */
  readonly file: string;
  readonly line: number;
  readonly col: number;
  /** Column just behind the last character, on the same line. */
  readonly endCol?: number;
}

export function showSpan(span: Span): string {
  return `${span.file}:${span.line}:${span.col}`;
}

/**
 * The source line of a span with a marker under it, as the compiler of a language would print it:
 *
 *     12 |   binary: "shel",
 *        |           ^^^^^^
 */
export function showSource(span: Span, source: string): string {
  const line = source.split("\n")[span.line - 1];
  if (line === undefined) return "";
  // A source may hold anything, and a terminal obeys controls. One character each, so that the marker stays in place.
  const text = line.replace(/\r$/u, "").replace(/[^\P{C}\t]/gu, "\u{fffd}");
  const gutter = String(span.line);
  const width = Math.max(1, Math.min(span.endCol ?? span.col + 1, text.length + 1) - span.col);
  // Tabs are kept, so that the marker stands under the text whatever the terminal's tab width is.
  const lead = text.slice(0, span.col - 1).replace(/[^\t]/gu, " ");
  return `${gutter} | ${text}\n${" ".repeat(gutter.length)} | ${lead}${"^".repeat(width)}`;
}
