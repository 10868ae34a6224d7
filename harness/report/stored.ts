/** What the commands on stored runs do; loaded with them. */
import { ok, type Problem, type Result } from "../base/index.ts";
import { consoleLimit, type FileKind, type FileTarget, writePage, writeReport } from "./files.ts";
import { type CaseComparison, compareRuns } from "./model/compare.ts";
import { findRun, readRun } from "./model/directory.ts";
import { withSeals } from "./model/seals.ts";
import { historyFrom } from "./model/history.ts";
import type { RunReport } from "./model/types.ts";
import type { Env } from "./renderer.ts";
import { paintFor } from "./terminal/paint.ts";
import { comparisonText, runText } from "./terminal/summary.ts";

export { findRun, storedRuns } from "./model/directory.ts";
export { type MergedRun, mergeRuns } from "./merge-directory.ts";

/** Reads the run of this name with as much of its consoles as a report of this kind takes. */
export async function readStored(root: string, name: string, kind: FileKind): Promise<Result<RunReport>> {
  const path = findRun(root, name);
  if (!path.ok) return path;
  const bare = readRun(root, path.value, { consoleBytes: 0 });
  if (!bare.ok) return bare;
  const full = kind === "json" ? bare : readRun(root, path.value, await consoleLimit(kind, bare.value));
  return full.ok ? ok(withSeals(full.value, root)) : full;
}

export interface Shown {
  /** For the result stream. */
  readonly text: string;
  /** Files that could not be written. */
  readonly problems: readonly Problem[];
}

export interface ShowOptions {
  readonly json: boolean;
  readonly files: readonly FileTarget[];
  /** Names of runs that a page's history takes in besides those stored here. */
  readonly earlier: readonly string[];
  readonly env: Env;
  readonly isTTY: boolean;
}

/** Writes the files that are asked for, and tells the run as text or as JSON. */
export async function showRun(root: string, name: string, options: ShowOptions): Promise<Result<Shown>> {
  const report = await readStored(root, name, "json");
  if (!report.ok) return report;
  const problems: Problem[] = [];
  const earlier: RunReport[] = [];
  for (const other of options.earlier) {
    const read = await readStored(root, other, "json");
    if (!read.ok) return read;
    earlier.push(read.value);
  }
  for (const target of options.files) {
    const full = await readStored(root, name, target.kind);
    if (!full.ok) return full;
    problems.push(...(await writeReport(target, full.value, root, earlier)));
  }
  const text = options.json
    ? `${JSON.stringify(report.value, undefined, 2)}\n`
    : runText(report.value, paintFor(options.env, options.isTTY));
  return { ok: true, value: { text, problems } };
}

/** The same of two runs, the earlier first; `html` names the file to write, if any. */
export async function showComparison(
  root: string,
  names: readonly [string, string],
  options: Omit<ShowOptions, "files" | "earlier"> & { readonly html: string | undefined },
): Promise<Result<Shown>> {
  const kind = options.html === undefined ? "json" : "html";
  const left = await readStored(root, names[0], kind);
  if (!left.ok) return left;
  const right = await readStored(root, names[1], kind);
  if (!right.ok) return right;
  const runs = [left.value, right.value] as const;
  const problems =
    options.html === undefined
      ? []
      : await writePage(options.html, { runs, history: historyFrom(runs, right.value) }, root);
  const cases = compareRuns(...runs);
  const [one, other] = runs;
  const text = options.json
    ? `${JSON.stringify({ v: 1, left: one.run, right: other.run, cases: cases.map(withoutConsoles) }, undefined, 2)}\n`
    : comparisonText(cases, paintFor(options.env, options.isTTY));
  return { ok: true, value: { text, problems } };
}

/** Of each landmark both times and captures; the cases themselves are what `report show` tells. */
function withoutConsoles({ id, left, right, boots }: CaseComparison): unknown {
  const verdicts = { left: left?.verdict ?? null, right: right?.verdict ?? null };
  return { id, verdicts, boots: boots.map(({ name, marks }) => ({ name, marks })) };
}
