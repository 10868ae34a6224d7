/** Stored runs: finding one by its name, and reading it with what its evidence adds to its events. */
import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { type Result, fail, nearest, ok, problem } from "../../base/index.ts";
import { type BootGlance, type CaseGlance, glanceAtCase } from "../../evidence/index.ts";
import { reportCodes } from "../codes.ts";
import { readConsole } from "./console-file.ts";
import { foldEvents } from "./fold.ts";
import { readStream } from "./stream.ts";
import type { BootReport, CaseReport, Mark, RunReport } from "./types.ts";

/** Names of the stored runs, the newest first. */
export function storedRuns(runsDir: string): readonly string[] {
  const names = namesIn(runsDir).filter((name) => existsSync(join(runsDir, name, "events.jsonl")));
  // A run's name begins with the second in which it began; a merged run's does not.
  const order = (name: string): number =>
    /^\d{10}-/u.test(name) ? Number.parseInt(name, 10) : statSync(join(runsDir, name)).mtimeMs / 1000;
  return (
    names
      // Within one second the name says nothing: then the file that was made later is the later run's.
      .map((name) => ({
        name,
        at: order(name),
        made: statSync(join(runsDir, name, "events.jsonl")).birthtimeMs,
      }))
      .toSorted((a, b) => b.at - a.at || b.made - a.made || (a.name < b.name ? 1 : -1))
      .map((r) => r.name)
  );
}

/** The directory of a run by its name, the beginning of it, `latest`, `latest~N`, or a path to it or its events. */
export function findRun(root: string, name: string): Result<string> {
  const runsDir = join(root, ".capos", "runs");
  const back = /^latest(?:~(\d+))?$/u.exec(name);
  const runs = storedRuns(runsDir);
  if (back !== null) {
    const found = runs[Number(back[1] ?? 0)];
    return found === undefined
      ? unknownRun(
          runs.length === 1 ? "there is only 1 stored run" : `there are only ${runs.length} stored runs`,
        )
      : ok(join(runsDir, found));
  }
  const begins = runs.filter((run) => run === name || (name.length >= 4 && run.startsWith(name)));
  const [one, other] = begins.includes(name) ? [name] : begins;
  if (one !== undefined && other === undefined) return ok(join(runsDir, one));
  if (other !== undefined) return unknownRun(`${begins.length} stored runs begin with \`${name}\``);
  const path = resolve(name);
  if (existsSync(join(path, "events.jsonl"))) return ok(path);
  if (path.endsWith(".jsonl") && existsSync(path)) return ok(path);
  const close = nearest(name, [...runs, "latest"]);
  return unknownRun(
    `there is no run \`${name}\``,
    close === undefined ? undefined : `did you mean \`${close}\`?`,
  );
}

/** What of a run's consoles is read. */
export interface ReadOptions {
  /** Most bytes of one console; 0 reads none. */
  readonly consoleBytes: number;
}

/** Reads a run from its directory or from its event stream alone. `root` is what shown paths start from. */
export function readRun(root: string, path: string, options: ReadOptions): Result<RunReport> {
  const isStream = path.endsWith(".jsonl");
  const file = isStream ? path : join(path, "events.jsonl");
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return unknownRun(`${shown(root, file)} cannot be read: ${why}`);
  }
  const stream = readStream(text, shown(root, file));
  return stream.ok
    ? ok(withEvidence(foldEvents(stream.value), root, isStream ? dirname(path) : path, options))
    : stream;
}

/** Adds to a report what the evidence in the run's directory holds. */
export function withEvidence(report: RunReport, root: string, dir: string, options: ReadOptions): RunReport {
  let isRunning = false;
  const cases = report.cases.map((one) => {
    const caseDir = join(dir, basename(one.dir === "" ? one.id : one.dir));
    if (!existsSync(caseDir)) return one;
    const glance = glanceAtCase(caseDir);
    const alive = report.state === "died" && one.verdict === "died" && glance.state?.state === "running";
    isRunning ||= alive;
    return caseWith(alive ? { ...one, verdict: "running", cause: "" } : one, glance, root, options);
  });
  const state = isRunning ? "running" : report.state;
  return { ...report, state, dir: shown(root, dir), cases };
}

function caseWith(one: CaseReport, glance: CaseGlance, root: string, options: ReadOptions): CaseReport {
  const declared = glance.inputs?.proof.boots ?? [];
  const boots = one.boots.map((boot): BootReport => {
    const stored = glance.boots.find((b) => b.boot?.name === boot.name);
    const judged = glance.judgement?.boots.find((b) => b.name === boot.name);
    const landmarks = (declared.find((b) => b.name === boot.name)?.chain ?? []).flatMap((item) =>
      item.kind === "one" ? [item.landmark] : item.landmarks,
    );
    const marks = boot.marks.map((mark): Mark => {
      const seen = judged?.landmarks.find((l) => l.name === mark.name && l.offset === mark.offset);
      const line = landmarks.find((l) => l.name === mark.name)?.line ?? mark.line;
      return { ...mark, line, length: seen?.length ?? mark.length, torn: seen?.torn ?? mark.torn };
    });
    const missing =
      boot.startedMs === null ? [] : landmarks.filter((l) => !marks.some((m) => m.name === l.name));
    return {
      ...boot,
      marks,
      missing: missing.map(({ name, line }) => ({ name, line })),
      console: stored === undefined ? null : consoleOf(stored, boot, root, options),
      attached: (stored?.attached ?? []).flatMap((file) => attachedOf(file, root, options)),
    };
  });
  return {
    ...one,
    title: glance.inputs?.proof.title ?? one.title,
    accelerator: glance.inputs?.accelerator.used ?? one.accelerator,
    boots,
  };
}

function consoleOf(
  stored: BootGlance,
  boot: BootReport,
  root: string,
  { consoleBytes }: ReadOptions,
): BootReport["console"] {
  if (consoleBytes === 0) return null;
  const around = [...boot.marks, ...boot.actions].map((m) => m.offset).toSorted((a, b) => a - b);
  const wanted = { limit: consoleBytes, around, arrivals: stored.arrivals };
  return readConsole(stored.console, shown(root, stored.console), wanted) ?? null;
}

/** An attached file is shown like a console, of which nobody asked when its bytes came. */
function attachedOf(file: string, root: string, { consoleBytes }: ReadOptions): BootReport["attached"] {
  if (consoleBytes === 0) return [];
  const read = readConsole(file, shown(root, file), { limit: consoleBytes, around: [], arrivals: [] });
  return read === undefined ? [] : [read];
}

/** Named from the checkout's root: a report says nothing of where a checkout stands. */
function shown(root: string, path: string): string {
  return relative(root, path);
}

function unknownRun(message: string, next?: string): Result<never> {
  return fail(problem(reportCodes, "CAPOS_REPORT_UNKNOWN_RUN", message, next === undefined ? {} : { next }));
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
