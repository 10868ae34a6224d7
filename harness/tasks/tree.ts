/** All records below `tasks/`, with the checks that need more than one of them. */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { type Problem, type Result, fail, nearest, ok, problem } from "../base/index.ts";
import type { Claim } from "../evidence/index.ts";
import { taskCodes } from "./codes.ts";
import { withClosing } from "./edit.ts";
import { type Milestone, parseMilestone, parseState } from "./milestone.ts";
import { type Named, type TaskRecord, parseRecord } from "./record.ts";

export const statusFile = "tasks/STATUS.md";
const stateFile = "tasks/state.yaml";
const milestoneFolder = "milestones";
/** Below `tasks/`, and not records. */
const otherNames = new Set(["README.md", "STATUS.md", "evidence", "ledger"]);

export interface TaskTree {
  /** By id, in order of id. */
  readonly tasks: ReadonlyMap<string, TaskRecord>;
  readonly milestones: ReadonlyMap<string, Milestone>;
  /** The milestone being worked on. */
  readonly selected?: string;
  /** Open records that an interrupted closing left beside their closed form, by id. */
  readonly leftovers: ReadonlyMap<string, TaskRecord>;
  readonly problems: readonly Problem[];
}

/** Reads and checks every record; a record with faults is missing from the tree and present in `problems`. */
export function loadTasks(root: string): TaskTree {
  const problems: Problem[] = [];
  const keep = <T>(result: Result<T>): readonly T[] => {
    if (result.ok) return [result.value];
    problems.push(...result.error);
    return [];
  };
  const files = markdownBelow(root, "tasks");
  const isMilestone = (file: string): boolean => file.startsWith(`tasks/${milestoneFolder}/`);
  const parsed = <T>(file: string, parse: (file: string, text: string) => Result<T>): readonly T[] => {
    const text = keep(readText(root, file))[0];
    return text === undefined ? [] : keep(parse(file, text));
  };
  const records = files.filter((f) => !isMilestone(f)).flatMap((file) => parsed(file, parseRecord));
  const stones = files.filter(isMilestone).flatMap((file) => parsed(file, parseMilestone));

  const { tasks, leftovers } = byId(records, problems);
  const milestones = new Map<string, Milestone>();
  for (const stone of stones) {
    const same = milestones.get(stone.id);
    if (same === undefined) milestones.set(stone.id, stone);
    else problems.push(duplicate(stone.source, same.source, stone.id));
  }
  const selected = existsSync(join(root, stateFile)) ? parsed(stateFile, parseState)[0] : undefined;
  if (selected !== undefined) problems.push(...unknown(selected, "milestone", milestones));
  problems.push(...referenceProblems(tasks, milestones), ...cycles(tasks));
  return {
    tasks,
    milestones,
    ...(selected === undefined ? {} : { selected: selected.name }),
    leftovers,
    problems,
  };
}

/** The record with this id, or the nearest name. */
export function findTask(tree: TaskTree, id: string): Result<TaskRecord> {
  const found = tree.tasks.get(id);
  return found === undefined ? fail(noSuch("task", id, [...tree.tasks.keys()])) : ok(found);
}

export function findMilestone(tree: TaskTree, id: string): Result<Milestone> {
  const found = tree.milestones.get(id);
  return found === undefined ? fail(noSuch("milestone", id, [...tree.milestones.keys()])) : ok(found);
}

/** What the closed records say of bundles, to be held against the ledger. */
export function claimsOf(tree: TaskTree): readonly Claim[] {
  return [...tree.tasks.values()].flatMap((task) =>
    (task.closed?.evidence ?? []).map((bundle) => ({
      bundle,
      task: task.id,
      commit: task.closed?.commit ?? "",
      minute: task.closed?.at ?? "",
      span: task.closed?.span ?? task.source.idSpan,
    })),
  );
}

function byId(
  records: readonly TaskRecord[],
  problems: Problem[],
): { readonly tasks: Map<string, TaskRecord>; readonly leftovers: Map<string, TaskRecord> } {
  const tasks = new Map<string, TaskRecord>();
  const leftovers = new Map<string, TaskRecord>();
  for (const record of records.toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
    const same = tasks.get(record.id);
    if (same === undefined) {
      tasks.set(record.id, record);
      continue;
    }
    const [open, done] = record.closed === undefined ? [record, same] : [same, record];
    if (done.closed !== undefined && withClosing(open.source, "done", done.closed) === done.source.text) {
      tasks.set(record.id, done);
      leftovers.set(record.id, open);
      const message = `${record.id} is open here and closed in ${done.source.file}`;
      problems.push(problem(taskCodes, "CAPOS_TASK_INTERRUPTED", message, { span: open.source.idSpan }));
    } else problems.push(duplicate(record.source, same.source, record.id));
  }
  return { tasks, leftovers };
}

function referenceProblems(
  tasks: ReadonlyMap<string, TaskRecord>,
  milestones: ReadonlyMap<string, Milestone>,
): readonly Problem[] {
  const problems: Problem[] = [];
  for (const task of tasks.values()) {
    const own = { name: task.milestone, span: task.source.milestoneSpan };
    problems.push(...unknown(own, "milestone", milestones));
    for (const other of task.dependsOn) problems.push(...unknown(other, "task", tasks));
    const stone = milestones.get(task.milestone);
    if (stone !== undefined && !stone.tasks.some((t) => t.name === task.id)) {
      const message = `milestone ${stone.id} does not list ${task.id}, which names it`;
      const related = [{ span: stone.source.idSpan, message: "the milestone" }];
      problems.push(problem(taskCodes, "CAPOS_TASK_REFERENCE", message, { span: own.span, related }));
    }
  }
  for (const stone of milestones.values()) {
    for (const listed of stone.tasks) {
      problems.push(...unknown(listed, "task", tasks));
      const task = tasks.get(listed.name);
      if (task === undefined || task.milestone === stone.id) continue;
      const message = `${task.id} is listed here and serves milestone ${task.milestone}`;
      const related = [{ span: task.source.milestoneSpan, message: "the task" }];
      problems.push(problem(taskCodes, "CAPOS_TASK_REFERENCE", message, { span: listed.span, related }));
    }
  }
  return problems;
}

/** One problem for each circle of dependencies, at the dependency that closes it. */
function cycles(tasks: ReadonlyMap<string, TaskRecord>): readonly Problem[] {
  const problems: Problem[] = [];
  const finished = new Set<string>();
  const visit = (id: string, path: readonly string[]): void => {
    if (finished.has(id)) return;
    for (const next of tasks.get(id)?.dependsOn ?? []) {
      const at = [...path, id].indexOf(next.name);
      if (at < 0) visit(next.name, [...path, id]);
      else {
        const circle = [...path, id].slice(at).concat(next.name).join(" -> ");
        problems.push(problem(taskCodes, "CAPOS_TASK_CYCLE", circle, { span: next.span }));
      }
    }
    finished.add(id);
  };
  for (const id of tasks.keys()) visit(id, []);
  return problems;
}

function unknown(name: Named, kind: string, known: ReadonlyMap<string, unknown>): readonly Problem[] {
  if (known.has(name.name)) return [];
  const meant = nearest(name.name, [...known.keys()]);
  const message = `there is no ${kind} ${name.name}${meant === undefined ? "" : `; did you mean ${meant}?`}`;
  return [problem(taskCodes, "CAPOS_TASK_REFERENCE", message, { span: name.span })];
}

function noSuch(kind: "task" | "milestone", id: string, known: readonly string[]): Problem {
  const meant = nearest(id, known);
  const message = `there is no ${kind} ${id}${meant === undefined ? "" : `; did you mean ${meant}?`}`;
  return problem(taskCodes, "CAPOS_TASK_UNKNOWN", message, { next: `\`capos ${kind} list\` shows all ids` });
}

type Place = Pick<TaskRecord["source"], "idSpan">;

function duplicate(second: Place, first: Place, id: string): Problem {
  const related = [{ span: first.idSpan, message: "the other one" }];
  return problem(taskCodes, "CAPOS_TASK_DUPLICATE", `${id} is the id of two records`, {
    span: second.idSpan,
    related,
  });
}

/** Markdown files that are records or milestones, wherever they lie: the folder is only a hint. */
function markdownBelow(root: string, folder: string): readonly string[] {
  const out: string[] = [];
  const entries = readFolder(join(root, folder));
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    if (otherNames.has(entry.name)) continue;
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) out.push(...markdownBelow(root, path));
    else if (entry.isFile() && entry.name.endsWith(".md")) out.push(path);
  }
  return out;
}

function readFolder(path: string) {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch {
    return [];
  }
}

/** A record is edited as text, so bytes that are no text would be lost. */
function readText(root: string, file: string): Result<string> {
  const bytes = readFileSync(join(root, file));
  const text = bytes.toString("utf8");
  if (Buffer.from(text).equals(bytes)) return ok(text);
  const line = text.slice(0, text.indexOf("\uFFFD")).split("\n").length;
  const span = { file, line, col: 1 };
  return fail(problem(taskCodes, "CAPOS_TASK_SYNTAX", `${file} is not UTF-8 text`, { span }));
}
