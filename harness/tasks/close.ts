/**
 * Closing a task: everything is computed and checked before anything is written. Then new files are written
 * and only at the end old ones removed, so that a crash leaves the old state or one that the same command
 * completes: a closed record beside its open form counts as closed, and what a closing that got less far
 * has left is removed by the next.
 */
import { existsSync, readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Problem, type Result, err, fail, ok, problem, writeFileAtomic } from "../base/index.ts";
import {
  type LedgerFile,
  evidenceFolder,
  ledgerFile,
  ledgerFolder,
  ledgerHeads,
  readLedger,
} from "../evidence/index.ts";
import { taskCodes } from "./codes.ts";
import { cleanCommit, utcMinuteOf, withRecordsLocked } from "./deps.ts";
import { withClosing } from "./edit.ts";
import { type Chosen, type CloseDeps, chooseEvidence } from "./choose.ts";
import { type Closed, type TaskRecord, parseRecord } from "./record.ts";
import { type TaskTree, findTask, loadTasks, statusFile } from "./tree.ts";
import { statusView } from "./view.ts";

/** What closing would do; paths are relative to the project root. */
export interface ClosePlan {
  readonly task: string;
  readonly closed: Omit<Closed, "span">;
  /** In the order in which they are written. */
  readonly writes: readonly { readonly file: string; readonly content: Uint8Array | string }[];
  readonly removes: readonly string[];
}

/** Closes a task, or refuses and names each thing that is missing. */
export async function closeTask(root: string, id: string, deps: CloseDeps): Promise<Result<ClosePlan>> {
  return withRecordsLocked(root, async () => {
    const plan = await planClose(root, id, deps);
    return plan.ok ? applyPlan(root, plan.value) : plan;
  });
}

/** Computes and checks a closing without writing anything. */
export async function planClose(root: string, id: string, deps: CloseDeps): Promise<Result<ClosePlan>> {
  const tree = loadTasks(root);
  const leftover = tree.leftovers.get(id);
  const faults = tree.problems.filter((p) => p.code !== "CAPOS_TASK_INTERRUPTED");
  if (faults.length > 0) return err(faults);
  const task = findTask(tree, id);
  if (!task.ok) return task;
  if (leftover !== undefined && task.value.closed !== undefined) {
    const view = { file: statusFile, content: statusView(tree) };
    return ok({ task: id, closed: task.value.closed, writes: [view], removes: [leftover.source.file] });
  }
  const ready = readiness(tree, task.value);
  if (ready.length > 0) return err(ready);
  const commit = await cleanCommit(deps.git);
  if (!commit.ok) return commit;
  const chosen = await chooseEvidence(root, task.value, deps);
  return chosen.ok ? plan(root, tree, task.value, chosen.value, commit.value, deps.now()) : chosen;
}

function applyPlan(root: string, plan: ClosePlan): Result<ClosePlan> {
  try {
    for (const { file, content } of plan.writes) writeFileAtomic(join(root, file), content);
    for (const file of plan.removes) rmSync(join(root, file), { force: true });
    return ok(plan);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return fail(
      problem(taskCodes, "CAPOS_TASK_WRITE", `the closing of ${plan.task} could not be written: ${why}`),
    );
  }
}

/** What of the record itself stands in the way. */
function readiness(tree: TaskTree, task: TaskRecord): readonly Problem[] {
  const refuse = (message: string, span = task.source.idSpan): Problem =>
    problem(taskCodes, "CAPOS_TASK_NOT_READY", message, { span });
  if (task.closed !== undefined) return [refuse(`${task.id} is closed since ${task.closed.at}`)];
  if (task.onHold !== undefined) {
    return [refuse(`${task.id} is on hold: ${task.onHold.reason} (lifted by: ${task.onHold.liftedBy})`)];
  }
  return task.dependsOn
    .filter((other) => tree.tasks.get(other.name)?.status !== "done")
    .map((other) => refuse(`${task.id} depends on ${other.name}, which is not done`, other.span));
}

function plan(
  root: string,
  tree: TaskTree,
  task: TaskRecord,
  chosen: readonly Chosen[],
  commit: string,
  now: number,
): Result<ClosePlan> {
  const minute = utcMinuteOf(now);
  const evidence = chosen.map((c) => c.digest);
  const closed = { commit, at: minute, evidence };
  const text = withClosing(task.source, "done", closed);
  const file = `tasks/done/${minute.slice(0, 10)}/${task.id}.md`;
  if (existsSync(join(root, file))) {
    const message = `${file} is in the way, and is not a record of ${task.id}`;
    return fail(problem(taskCodes, "CAPOS_TASK_NOT_READY", message, { span: task.source.idSpan }));
  }
  const record = parseRecord(file, text);
  if (!record.ok) {
    const message = `${task.source.file} is written in a way that closing cannot add to; use one field a line`;
    return fail(problem(taskCodes, "CAPOS_TASK_SYNTAX", message, { span: task.source.idSpan }));
  }

  const ledger = readLedger(root);
  // A stray file hangs on no entry, and the chain may be continued beside it.
  const broken = ledger.problems.filter((p) => p.code !== "CAPOS_LEDGER_STRAY");
  if (broken.length > 0) return err(broken);
  const abandoned = abandonedEntries([...ledger.entries.values()], task);
  const kept = new Map([...ledger.entries].filter(([digest]) => !abandoned.some((e) => e.digest === digest)));
  let parents = ledgerHeads({ entries: kept, problems: [] });
  const entries: LedgerFile[] = [];
  for (const { digest, case: c } of chosen) {
    const { proof, path } = c.started.case;
    const verdict = c.verdict.verdict;
    const entry = ledgerFile({
      parents,
      bundle: digest,
      task: task.id,
      proof,
      path,
      verdict,
      commit,
      minute,
      tool: c.started.capos,
    });
    entries.push(entry);
    parents = [entry.digest];
  }

  const after = { ...tree, tasks: new Map(tree.tasks).set(task.id, record.value) };
  const writes = [
    ...chosen.map(({ digest, bytes }) => ({ file: bundleFile(digest), content: bytes })),
    ...entries.map((entry) => ({ file: entry.file, content: entry.text })),
    { file, content: text },
    { file: statusFile, content: statusView(after) },
  ];
  const used = new Set([...kept.values()].map((e) => bundleFile(e.entry.bundle)));
  const written = new Set(writes.map((w) => w.file));
  const removes = [
    ...[evidenceFolder, ledgerFolder, dirname(file)].flatMap((folder) => halfWritten(root, folder)),
    ...abandoned.flatMap((e) => [e.file, bundleFile(e.entry.bundle)]).filter((f) => !used.has(f)),
    task.source.file,
  ].filter((f) => !written.has(f));
  return ok({ task: task.id, closed, writes, removes });
}

/**
 * Entries that an interrupted closing of this very task has left: no record names them, for the task is
 * open. Only those are taken that nothing has been built on.
 */
function abandonedEntries(entries: readonly LedgerFile[], task: TaskRecord): readonly LedgerFile[] {
  const abandoned: LedgerFile[] = [];
  for (;;) {
    const rest = entries.filter((e) => !abandoned.includes(e));
    const named = new Set(rest.flatMap((e) => e.entry.parents));
    const next = rest.filter((e) => e.entry.task === task.id && !named.has(e.digest));
    if (next.length === 0) return abandoned;
    abandoned.push(...next);
  }
}

/** Files that a killed writer has left; nobody writes now, for the records are locked. */
function halfWritten(root: string, folder: string): readonly string[] {
  return namesIn(join(root, folder))
    .filter((name) => name.endsWith(".tmp"))
    .map((name) => `${folder}/${name}`);
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function bundleFile(digest: string): string {
  return `${evidenceFolder}/${digest}.tar`;
}
