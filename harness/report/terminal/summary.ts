/** Stored runs as text: what `capos report show` and `capos report compare` print. */
import { type CaseComparison, type ComparedCase, differs } from "../model/compare.ts";
import type { CaseReport, RunReport } from "../model/types.ts";
import { visible, visibleLines } from "../text.ts";
import { noPaint, type Paint } from "./paint.ts";
import { caseName, isSkip, line, seconds, toneOf, wordOf } from "./words.ts";

/** A run: what it said of itself, its cases with those that need a look last and in full, its counts. */
export function runText(run: RunReport, paint: Paint = noPaint): string {
  const out: string[] = [];
  out.push(line("RUN", visible(`${run.run}, ${run.startedAt}, capos ${run.capos}`), paint, "info"));
  for (const { accelerator, reason } of run.accelerators) {
    out.push(line("ACCEL", visible(`${accelerator}: ${reason}`), paint, "info"));
  }
  for (const { level, text } of run.notices) {
    out.push(
      line(
        level === "warning" ? "WARNING" : "NOTE",
        visible(text),
        paint,
        level === "warning" ? "warn" : "info",
      ),
    );
  }
  for (const { text } of run.problems) out.push(visibleLines(text));
  const [good, bad] = [run.cases.filter(isFine), run.cases.filter((c) => !isFine(c))];
  for (const one of good) out.push(caseLine(one, paint));
  for (const one of bad) out.push(caseLine(one, paint), storyOf(one));
  for (const { mutants, ...one } of run.cases) {
    if (mutants === null) continue;
    const tone = mutants.survivors.length + mutants.dead.length > 0 ? "bad" : "info";
    const score = `${caseName(one, paint)}: ${mutants.killed} of ${mutants.total} were noticed`;
    out.push(line("MUTANTS", score, paint, tone));
    for (const text of mutants.survivors) out.push(line("", visible(`  not noticed: ${text}`)));
    for (const name of mutants.dead) out.push(line("", visible(`  dead landmark: ${name}`)));
  }
  const strange = Object.entries(run.strange).map(([type, n]) => `${n} of ${type}`);
  if (strange.length > 0)
    out.push(line("NOTE", visible(`events that are not known here: ${strange.join(", ")}`)));
  if (run.state !== "finished") {
    const [word, what] =
      run.state === "running" ? ["RUNNING", "has not ended yet"] : ["DIED", "ended without telling its end"];
    out.push(line(word, `the run ${what}`, paint, "bad"));
  }
  const exit = run.exit === null ? "" : `, exit code ${run.exit}`;
  out.push(
    line(
      "SUMMARY",
      `${seconds(run.ms)} ${countsOf(run, paint)}${exit}`,
      paint,
      run.exit === 0 ? "good" : "bad",
    ),
  );
  return out.join("");
}

function isFine({ verdict }: CaseReport): boolean {
  return verdict === "proved" || isSkip(verdict);
}

function caseLine(one: CaseReport, paint: Paint): string {
  const cause = one.cause === "" ? "" : `: ${visible(one.cause)}`;
  const badges = [...(one.slowMs > 0 ? ["slow"] : []), ...(one.flaky ? ["flaky"] : [])];
  const noted = badges.length === 0 ? "" : paint("warn", ` (${badges.join(", ")})`);
  const text = `${seconds(one.ms)} ${caseName(one, paint)}${noted}${behindName(one, cause)}`;
  const word = one.cached === null ? wordOf(one.verdict) : "CACHED";
  return line(word, text, paint, one.tolerated === null ? toneOf(one.verdict) : "warn");
}

/** Where a verdict is from that was not made in this run, or why a failure may be borne. */
function behindName({ cached, tolerated }: CaseReport, cause: string): string {
  if (cached !== null) return `, proved ${visible(cached.at)} in ${visible(cached.run)}`;
  return tolerated === null ? cause : `${cause} (not counted: ${visible(tolerated)})`;
}

function storyOf(one: CaseReport): string {
  const ways = [`artefacts: ${one.dir}`, ...(one.again === "" ? [] : [`again:     ${one.again}`])];
  const lines = one.report.length === 0 ? ways : [...one.report, "", ...ways];
  return `${lines.map((text) => (text === "" ? "" : `    ${visible(text)}`)).join("\n")}\n\n`;
}

function countsOf(run: RunReport, paint: Paint): string {
  const counts = new Map<string, number>();
  for (const { verdict } of run.cases) counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
  return [...counts]
    .toSorted(([a, x], [b, y]) => Number(b === "proved") - Number(a === "proved") || y - x)
    .map(([verdict, n]) => paint(toneOf(verdict), `${n} ${visible(verdict).replace("-run", " run")}`))
    .join(", ");
}

/** Two runs: the cases that differ in more than time, with what differs, then the others in a line each. */
export function comparisonText(cases: readonly CaseComparison[], paint: Paint = noPaint): string {
  const out: string[] = [];
  const same = cases.filter((c) => !differs(c));
  for (const one of same) out.push(line("SAME", `${timesOf(one)} ${caseName(one, paint)}`, paint, "dim"));
  for (const one of cases.filter(differs)) {
    out.push(
      line("DIFFERS", `${timesOf(one)} ${caseName(one, paint)}`, paint, "warn"),
      ...differencesOf(one, paint),
    );
  }
  out.push(
    line("SUMMARY", `${cases.length - same.length} of ${cases.length} cases differ in more than time`),
  );
  return out.join("");
}

function timesOf({ left, right }: CaseComparison): string {
  const time = (one: ComparedCase | undefined): string =>
    one === undefined ? "-" : `${(one.ms / 1000).toFixed(3)}s`;
  return `[${time(left).padStart(9)} ${time(right).padStart(9)}]`;
}

function differencesOf(one: CaseComparison, paint: Paint): readonly string[] {
  const out: string[] = [];
  const say = (what: string, left: string, right: string): void => {
    const [a, b] = [paint("bad", visible(left)), paint("good", visible(right))];
    out.push(`    ${visible(what)}: ${a} -> ${b}\n`);
  };
  const verdictOf = (c: ComparedCase | undefined): string => c?.verdict ?? "not in this run";
  if (one.left?.verdict !== one.right?.verdict) say("verdict", verdictOf(one.left), verdictOf(one.right));
  // Of a case that only one of them ran there is nothing more to compare.
  for (const boot of one.left === undefined || one.right === undefined ? [] : one.boots) {
    for (const mark of boot.marks) {
      const name = `${boot.name}.${mark.name}`;
      if (mark.left === undefined || mark.right === undefined) {
        say(name, mark.left === undefined ? "never" : "came", mark.right === undefined ? "never" : "came");
        continue;
      }
      for (const c of mark.captures) {
        if (c.left !== c.right) say(`${name}.${c.name}`, c.left ?? "none", c.right ?? "none");
      }
    }
  }
  return out;
}
