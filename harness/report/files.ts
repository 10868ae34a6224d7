/** Reports that are files: written once the run has ended, from its events and its evidence. */
import { accessSync, appendFileSync, constants, writeFileSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import { type Problem, type Result, fail, makeFolder, ok, problem, writeFileAtomic } from "../base/index.ts";
import type { Event } from "../events/index.ts";
import { reportCodes } from "./codes.ts";
import type { PageInput } from "./formats/html.ts";
import { withEvidence } from "./model/directory.ts";
import { foldEvents } from "./model/fold.ts";
import type { RunReport } from "./model/types.ts";
import type { Renderer } from "./renderer.ts";

export type FileKind = "junit" | "html" | "json";

export interface FileTarget {
  readonly kind: FileKind;
  readonly file: string;
}

export interface RunPlace {
  /** Absolute path of the checkout. */
  readonly root: string;
  /** Absolute path of the run's directory. */
  readonly runDir: string;
}

/** Says before a run starts that its report could not be written after it. */
export function checkTarget({ file }: FileTarget): Result<undefined> {
  try {
    makeFolder(dirname(resolve(file)));
    accessSync(dirname(resolve(file)), constants.W_OK);
    return ok(undefined);
  } catch (error) {
    return fail(unwritten(file, error));
  }
}

/** Collects the run's events, then writes; `json` is written event by event. */
export function fileRenderer({ kind, file }: FileTarget, place: RunPlace): Renderer {
  if (kind === "json") return streamRenderer(file);
  const events: Event[] = [];
  return {
    on(event) {
      // Of no use to a report, and by far the most.
      if (event.type !== "build-progress") events.push(event);
    },
    async close() {
      // Nothing was selected, or the tool was stopped before the run began.
      if (events.length === 0) return [];
      try {
        const report = foldEvents({ events, strange: {} });
        const limit = await consoleLimit(kind, report);
        const full = withEvidence(report, place.root, place.runDir, limit);
        return await writeReport({ kind, file }, full, place.root);
      } catch (error) {
        // Whatever it was, the report is missing, and that must be told as loudly as a full disk.
        return [unwritten(file, error)];
      }
    },
  };
}

/** How much of a run's consoles each kind of report takes. */
export async function consoleLimit(
  kind: FileKind,
  report: RunReport,
): Promise<{ readonly consoleBytes: number }> {
  switch (kind) {
    case "html": {
      const { consoleBudget } = await import("./formats/html.ts");
      return { consoleBytes: consoleBudget(report.cases.reduce((sum, c) => sum + c.boots.length, 0)) };
    }
    case "junit":
      return { consoleBytes: 64 << 10 };
    case "json":
      return { consoleBytes: 0 };
  }
}

/**
 * Writes one report of a run that has been read with the consoles it needs. A page also tells how its cases fared in
 * the runs that are stored here and in `earlier` ones.
 */
export async function writeReport(
  target: FileTarget,
  report: RunReport,
  root: string,
  earlier: readonly RunReport[] = [],
): Promise<readonly Problem[]> {
  switch (target.kind) {
    case "junit": {
      const { junitXml } = await import("./formats/junit.ts");
      return write(target.file, junitXml(report));
    }
    case "json":
      return write(target.file, `${JSON.stringify(report, undefined, 2)}\n`);
    case "html": {
      const { historyOf } = await import("./model/history.ts");
      return writePage(target.file, { runs: [report], history: historyOf(root, report, earlier) }, root);
    }
  }
}

/** Writes a page of one run, or of two to compare. */
export async function writePage(
  file: string,
  input: Pick<PageInput, "runs" | "history">,
  root: string,
): Promise<readonly Problem[]> {
  const { htmlPage } = await import("./formats/html.ts");
  const page = await htmlPage({ ...input, base: baseOf(file, root), madeAt: new Date().toISOString() }, root);
  return page.ok ? write(file, page.value) : page.error;
}

/** How the page's folder sees the checkout's root, as the beginning of a link. */
export function baseOf(file: string, root: string): string {
  const path = relative(dirname(resolve(file)), root);
  return path === "" ? "" : `${path.split("/").map(encodeURIComponent).join("/")}/`;
}

function streamRenderer(file: string): Renderer {
  let failed: Problem | undefined;
  let begun = false;
  return {
    on(event) {
      if (failed !== undefined) return;
      try {
        const text = `${JSON.stringify(event)}\n`;
        if (begun) appendFileSync(file, text);
        else writeFileSync(file, text);
        begun = true;
      } catch (error) {
        failed = unwritten(file, error);
      }
    },
    close: async () => (failed === undefined ? [] : [failed]),
  };
}

function write(file: string, text: string): readonly Problem[] {
  try {
    writeFileAtomic(resolve(file), text);
    return [];
  } catch (error) {
    return [unwritten(file, error)];
  }
}

function unwritten(file: string, error: unknown): Problem {
  const why = error instanceof Error ? error.message : String(error);
  return problem(reportCodes, "CAPOS_REPORT_WRITE", `${file} cannot be written: ${why}`);
}
