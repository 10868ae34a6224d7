import type { Path } from "./positions.ts";

/** One error as the CUE command line prints it. */
export interface CueError {
  /** Where in the value; empty when the error is not about a value. */
  readonly path: Path;
  readonly message: string;
  readonly places: readonly { readonly file: string; readonly line: number; readonly col: number }[];
}

const placeLine = /^ {4}(?:\.\/)?(.+):(\d+):(\d+)$/u;

/**
 * Reads the command line's error output: a message ending in `:`, then one indented line per place that
 * contributed; or a message alone, where it knows no place. Undefined when the text is of another form.
 */
export function parseCueErrors(stderr: string): readonly CueError[] | undefined {
  const errors: { head: string; places: { file: string; line: number; col: number }[] }[] = [];
  for (const line of stderr.split("\n")) {
    if (line.trim() === "") continue;
    const place = placeLine.exec(line);
    const current = errors.at(-1);
    if (place === null) {
      // The alternatives of an empty disjunction are indented below it; the first line names them all.
      if (line.startsWith(" ") && current !== undefined) continue;
      if (line.startsWith(" ")) return undefined;
      errors.push({ head: line.replace(/(?<=.):$/u, ""), places: [] });
    } else {
      if (current === undefined) return undefined;
      current.places.push({ file: place[1] ?? "", line: Number(place[2]), col: Number(place[3]) });
    }
  }
  return errors.map(({ head, places }) => ({ ...splitPath(head), places }));
}

/** Separates `a."b-c".0.d: message`. A message without a path begins with a word and a space. */
function splitPath(head: string): { path: Path; message: string } {
  const path: string[] = [];
  let rest = head;
  for (;;) {
    const element = /^(?:"((?:[^"\\]|\\.)*)"|([\p{L}\p{Nd}_$#]+))([.:])/u.exec(rest);
    if (element === null) return { path: [], message: head };
    path.push(element[1] === undefined ? (element[2] ?? "") : unescape(element[1]));
    rest = rest.slice(element[0].length);
    if (element[3] === ":") {
      if (!rest.startsWith(" ")) return { path: [], message: head };
      return { path, message: rest.trimStart() };
    }
  }
}

function unescape(body: string): string {
  try {
    const value: unknown = JSON.parse(`"${body}"`);
    return typeof value === "string" ? value : body;
  } catch {
    return body;
  }
}
