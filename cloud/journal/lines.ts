import { canonicalJson, sha256 } from "../../harness/base/index.ts";
import { decodeRecord, type JournalRecord } from "./records.ts";

/**
 * Each line carries its number and the digest of the line before it, so that a journal that has been changed, mixed
 * with another or cut in the middle is known as such. The first names the zero digest.
 */
export function lineOf(record: JournalRecord, seq: number, previous: string): string {
  return canonicalJson({ seq, previous, record });
}

export const noPrevious = "0".repeat(64);

export interface ReadJournal {
  readonly records: readonly JournalRecord[];
  /** Digest of the last whole line. */
  readonly last: string;
  /** Bytes of the whole lines. What follows them was being written when the tool died, and so never acted upon. */
  readonly bytes: number;
}

/** The records of a journal, or what makes it untrustworthy. */
export function readLines(text: string): ReadJournal | { readonly fault: string; readonly line: number } {
  const records: JournalRecord[] = [];
  let last = noPrevious;
  let bytes = 0;
  const lines = text.split("\n");
  lines.pop();
  for (const [i, line] of lines.entries()) {
    const read = readLine(line, i, last);
    if (typeof read === "string") return { fault: read, line: i + 1 };
    if ((read.type === "begin") !== (i === 0)) {
      return { fault: i === 0 ? "the journal has no beginning" : "the journal begins twice", line: i + 1 };
    }
    records.push(read);
    last = sha256(line);
    bytes += Buffer.byteLength(line) + 1;
  }
  return { records, last, bytes };
}

function readLine(line: string, seq: number, previous: string): JournalRecord | string {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return "the line is no JSON";
  }
  if (typeof value !== "object" || value === null) return "the line is no record";
  const { seq: told, previous: before, record } = { seq: -1, previous: "", record: undefined, ...value };
  if (told !== seq) return `the line says that it is number ${String(told)}`;
  if (before !== previous) return "the line does not follow the one before it";
  const decoded = decodeRecord(record);
  if (decoded === undefined) return "the line is no record";
  return lineOf(decoded, seq, previous) === line ? decoded : "the line is not in canonical form";
}
