/**
 * JUnit XML in the form that Surefire writes and Jenkins reads: a suite a proof, a test case a case. What the guest did
 * is a failure, what host or harness did an error, and what was not tried is skipped, with its reason.
 */
import { plainText } from "../model/console-text.ts";
import type { BootReport, CaseReport, RunReport } from "../model/types.ts";
import { element, textElement } from "./xml.ts";

/** Lines of a console that go into the report; the artefact has all. */
const excerptLines = 80;

export function junitXml(run: RunReport): string {
  const suites = grouped(run.cases);
  const all = countOf(run.cases);
  const attributes = {
    name: `capos ${run.run}`,
    tests: all.tests,
    failures: all.failures,
    errors: all.errors,
  };
  const inner = [...suites].map(([proof, cases]) => suite(run, proof, cases));
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element("testsuites", { ...attributes, time: seconds(run.ms) }, inner)}\n`;
}

function suite(run: RunReport, proof: string, cases: readonly CaseReport[]): string {
  const { tests, failures, errors, skipped } = countOf(cases);
  const began = Date.parse(run.startedAt) + Math.min(...cases.map((c) => c.startedMs ?? 0));
  const attributes = {
    name: proof,
    tests,
    failures,
    errors,
    skipped,
    time: seconds(cases.reduce((sum, c) => sum + c.ms, 0)),
    timestamp: Number.isNaN(began) ? undefined : new Date(began).toISOString().slice(0, 19),
  };
  const properties = [
    element("property", { name: "capos.run", value: run.run }),
    element("property", { name: "capos.version", value: run.capos }),
  ];
  return element("testsuite", attributes, [element("properties", {}, properties), ...cases.map(testCase)]);
}

function testCase(one: CaseReport): string {
  const inner: string[] = [];
  const outcome = outcomeOf(one);
  const message = one.cause === "" ? one.verdict : one.cause;
  if (outcome === "skipped") {
    const why = one.tolerated === null ? "" : ` (not counted: ${one.tolerated})`;
    inner.push(element("skipped", { message: `${one.verdict}: ${message}${why}` }));
  } else if (outcome !== "passed") {
    inner.push(textElement(outcome, { type: one.verdict, message }, one.report.join("\n")));
  }
  inner.push(textElement("system-out", {}, systemOut(one)));
  return element("testcase", { name: one.id, classname: one.proof, time: seconds(one.ms) }, inner);
}

type Outcome = "passed" | "failure" | "error" | "skipped";

/** A failure that somebody answers for, until a date, is told as skipped: a reader of the file must not count it. */
function outcomeOf({ verdict, tolerated }: CaseReport): Outcome {
  const outcome = outcomeOfVerdict(verdict);
  return tolerated === null || outcome === "passed" ? outcome : "skipped";
}

function outcomeOfVerdict(verdict: string): Outcome {
  switch (verdict) {
    case "proved":
      return "passed";
    case "refuted":
    case "guest-died":
    case "no-progress":
      return "failure";
    case "filtered":
    case "not-run":
      return "skipped";
    default:
      return "error";
  }
}

/** What a person looks at first: the story of the boots, where the artefacts lie, the end of the last console. */
function systemOut(one: CaseReport): string {
  const lines = [`${one.id}: ${one.verdict}`];
  if (one.title !== "") lines.push(one.title);
  if (one.accelerator !== "") lines.push(`accelerator: ${one.accelerator}`);
  if (one.span !== null) lines.push(`declared at: ${one.span.file}:${one.span.line}:${one.span.col}`);
  lines.push(`artefacts: ${one.dir}`);
  if (one.again !== "") lines.push(`again: ${one.again}`);
  if (one.cached !== null) lines.push(`cached: proved ${one.cached.at} in ${one.cached.run}, not run again`);
  if (one.flaky) lines.push("flaky: its attempts came to different verdicts");
  if (one.mutants !== null) lines.push(`mutants: ${one.mutants.killed} of ${one.mutants.total} were noticed`);
  for (const boot of one.boots) lines.push("", ...bootStory(boot));
  const last = one.boots.findLast((b) => b.console !== null);
  if (last?.console !== null && last !== undefined) {
    const text = last.console.parts.at(-1)?.text ?? "";
    lines.push(
      "",
      `console of ${last.name}, its last lines:`,
      ...plainText(text).split("\n").slice(-excerptLines),
    );
  }
  // The convention by which Jenkins and others attach files to a test case.
  const files = one.boots.flatMap((b) => [...(b.console === null ? [] : [b.console]), ...b.attached]);
  const attached = files.map(({ file }) => `[[ATTACHMENT|${file}]]`);
  return [...lines, ...(attached.length > 0 ? ["", ...attached] : []), ""].join("\n");
}

function bootStory(boot: BootReport): readonly string[] {
  if (boot.startedMs === null) return [`boot ${boot.name}: not started`];
  const ended = boot.wallMs === null ? "no end" : `${boot.how}, ${seconds(boot.wallMs)} s`;
  const marks = boot.marks.map((m) => {
    const captures = Object.entries(m.captures).map(([name, value]) => ` ${name}=${value}`);
    return { at: m.wallMs, text: `${m.name}${captures.join("")}` };
  });
  const actions = boot.actions.map((a) => ({
    at: a.wallMs,
    text: `(${a.source} ${a.name}${a.ok ? "" : ", not done"}: ${a.detail})`,
  }));
  const told = [...marks, ...actions].toSorted((a, b) => a.at - b.at);
  return [
    `boot ${boot.name}: ${ended}`,
    ...told.map(({ at, text }) => `  ${seconds(at).padStart(9)}  ${text}`),
    ...boot.missing.map(({ name, line }) => `  ${"-".padStart(9)}  ${name} never came: ${line}`),
  ];
}

function countOf(cases: readonly CaseReport[]): Record<"tests" | "failures" | "errors" | "skipped", number> {
  const count = (outcome: Outcome): number => cases.filter((c) => outcomeOf(c) === outcome).length;
  return {
    tests: cases.length,
    failures: count("failure"),
    errors: count("error"),
    skipped: count("skipped"),
  };
}

function grouped(cases: readonly CaseReport[]): ReadonlyMap<string, readonly CaseReport[]> {
  const groups = new Map<string, CaseReport[]>();
  for (const one of cases) groups.set(one.proof, [...(groups.get(one.proof) ?? []), one]);
  return groups;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}
