import { matchLine } from "./match.ts";
import { mustParsePattern } from "./pattern.ts";

/** The captures of a line that a pattern matches whole; undefined when it does not. The pattern must have been checked. */
export function matchText(pattern: string, line: string): Readonly<Record<string, string>> | undefined {
  const bytes = Buffer.from(line);
  return matchLine(mustParsePattern(pattern), bytes, 0, bytes.length);
}
