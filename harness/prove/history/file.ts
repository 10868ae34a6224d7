/**
 * What was run here and how long it took, one line a case. Runs at once share the file: each line is one append,
 * which the system does not interleave, and a full file is renamed, so that whoever still writes into it loses
 * nothing. Two files of bounded size are kept.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { tryLock } from "../../base/index.ts";
import { type HistoryRecord, parseRecord } from "./record.ts";

/** About two thousand cases in each of the two files. */
const limitBytes = 1 << 19;

export function historyFile(root: string): string {
  return join(root, ".capos", "history.jsonl");
}

/** Adds a record. Costs a failed run nothing more: a disk that is full is told by the evidence. */
export function appendHistory(file: string, record: HistoryRecord, limit = limitBytes): void {
  appendBounded(file, `${JSON.stringify(record)}\n`, limit);
}

/** Appends to a file of lines that is set aside as `<file>.old` when it has reached its limit. */
export function appendBounded(file: string, line: string, limit: number): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    appendFileSync(file, line);
    if (sizeOf(file) < limit) return;
    const held = tryLock(`${file}.lock`);
    if (held === undefined) return;
    try {
      // Another run may have set it aside in the meantime; then the file is small again.
      if (sizeOf(file) >= limit) renameSync(file, oldOf(file));
    } finally {
      held.release();
    }
  } catch {
    return;
  }
}

/** All records, oldest first, each once. A missing file is an empty history. */
export function readHistory(file: string): readonly HistoryRecord[] {
  const found = new Map<string, HistoryRecord>();
  for (const line of historyLines(file)) {
    const record = parseRecord(line);
    if (record !== undefined) found.set(`${record.run} ${record.case} ${record.attempt}`, record);
  }
  return [...found.values()].toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

/** The newest records first, of those whose line holds a text; no other line is parsed. */
export function* newestWith(file: string, text: string): Generator<HistoryRecord> {
  for (const name of [file, oldOf(file)]) {
    const all = textOf(name);
    for (let at = all.lastIndexOf(text); at >= 0;) {
      const start = all.lastIndexOf("\n", at) + 1;
      const end = all.indexOf("\n", at);
      const record = parseRecord(all.slice(start, end < 0 ? all.length : end));
      if (record !== undefined) yield record;
      at = start === 0 ? -1 : all.lastIndexOf(text, start - 1);
    }
  }
}

/** The newer file is read first: what is set aside in between is then seen twice rather than not at all. */
export function historyLines(file: string): readonly string[] {
  const newer = textOf(file);
  const lines = `${textOf(oldOf(file))}${newer}`.split("\n");
  return lines.filter((line) => line !== "");
}

export function oldOf(file: string): string {
  return `${file}.old`;
}

function textOf(file: string): string {
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
