/** How a case fared in earlier runs: what its sparklines are drawn from. */
import { join } from "node:path";
import { readRun, storedRuns } from "./directory.ts";
import type { CaseReport, History, Past, RunReport } from "./types.ts";

/** How far back a history goes. */
const depth = 40;

/**
 * The history of a run's cases among the runs that are stored in the checkout, of which unreadable ones are left out,
 * and those of `others`, from wherever they are.
 */
export function historyOf(root: string, report: RunReport, others: readonly RunReport[] = []): History {
  const runsDir = join(root, ".capos", "runs");
  const earlier = others.filter((other) => other.run !== report.run);
  for (const name of storedRuns(runsDir)) {
    if (earlier.length >= depth) break;
    if (name === report.run || others.some((other) => other.run === name)) continue;
    const read = readRun(root, join(runsDir, name), { consoleBytes: 0 });
    if (read.ok && read.value.startedAt < report.startedAt && sharesCase(read.value, report))
      earlier.push(read.value);
  }
  const inTime = earlier.toSorted((a, b) => (a.startedAt < b.startedAt ? -1 : 1));
  return historyFrom([...inTime, report], report);
}

/** The same from reports that are at hand, the oldest first. */
export function historyFrom(reports: readonly RunReport[], of: RunReport): History {
  const history: Record<string, Past[]> = {};
  for (const { id } of of.cases) {
    const past = reports.flatMap((report) => {
      const one = report.cases.find((c) => c.id === id);
      return one === undefined || one.verdict === "not-run" ? [] : [pastOf(one, report)];
    });
    if (past.length > 0) history[id] = past;
  }
  return history;
}

function sharesCase(a: RunReport, b: RunReport): boolean {
  const ids = new Set(b.cases.map((c) => c.id));
  return a.cases.some((c) => ids.has(c.id));
}

function pastOf(one: CaseReport, report: RunReport): Past {
  const times: Record<string, number> = {};
  const numbers: Record<string, number> = {};
  for (const boot of one.boots) {
    for (const mark of boot.marks) {
      const key = `${boot.name}.${mark.name}`;
      times[key] ??= mark.wallMs;
      for (const [name, value] of Object.entries(mark.captures)) {
        if (/^-?\d{1,15}(\.\d+)?$/u.test(value)) numbers[`${key}.${name}`] ??= Number(value);
      }
    }
  }
  return { run: report.run, at: report.startedAt, verdict: one.verdict, ms: one.ms, times, numbers };
}
