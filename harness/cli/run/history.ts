import type { Problem } from "../../base/index.ts";
import {
  appendHistory,
  expectedFrom,
  historyFile,
  type HistoryRecord,
  readGivenHistory,
  readHistory,
} from "../../prove/index.ts";
import type { HistoryFlags } from "../commands/history.ts";
import type { CliContext } from "../context.ts";
import { seconds } from "../prove/list.ts";

export function showHistory(this: CliContext, flags: HistoryFlags): void {
  const all = readHistory(historyFile(this.root));
  if (flags.json) {
    for (const record of all) this.print(JSON.stringify(record));
    return;
  }
  const expected = expectedFrom(all);
  const names = [...new Set(all.map((record) => record.case))].toSorted();
  const width = Math.max("CASE".length, ...names.map((name) => name.length));
  this.print(`EXPECTED  RUNS  NOT PROVED  ${"CASE".padEnd(width)}  LAST`);
  for (const name of names) {
    const records = all.filter((record) => record.case === name);
    const failed = records.filter((record) => record.verdict !== "proved").length;
    const last = records.at(-1);
    const cells = [
      seconds(expected(name).ms).padStart(8),
      String(records.length).padStart(4),
      String(failed).padStart(10),
      name.padEnd(width),
      `${last?.at.slice(0, 16) ?? ""}Z ${last?.verdict ?? ""}`,
    ];
    this.print(cells.join("  "));
  }
}

export function mergeHistory(this: CliContext, _flags: Record<never, never>, ...files: string[]): void {
  const own = historyFile(this.root);
  const given = files.map(readGivenHistory);
  const problems = given.flatMap((one): readonly Problem[] => (one.ok ? [] : one.error));
  if (problems.length > 0) return this.report(problems);
  const known = new Set(readHistory(own).map(keyOf));
  const added = given
    .flatMap((one) => (one.ok ? one.value : []))
    .filter((record) => !known.has(keyOf(record)))
    .toSorted((a, b) => (a.at < b.at ? -1 : 1));
  for (const record of new Map(added.map((one) => [keyOf(one), one])).values()) appendHistory(own, record);
  const count = new Set(added.map(keyOf)).size;
  this.print(`${count === 1 ? "1 record" : `${count} records`} added.`);
}

function keyOf({ run, case: name, attempt }: HistoryRecord): string {
  return `${run} ${name} ${attempt}`;
}
