/** Milestones: where one stands, and closing it once all its tasks are closed by evidence that verifies. */
import { join } from "node:path";
import { type Problem, type Result, err, fail, ok, problem, writeFileAtomic } from "../base/index.ts";
import {
  type LedgerReport,
  type Rejudge,
  evidenceFolder,
  openBundle,
  verifyLedger,
} from "../evidence/index.ts";
import { taskCodes } from "./codes.ts";
import { type Deps, cleanCommit, utcMinuteOf, withRecordsLocked } from "./deps.ts";
import { withClosing } from "./edit.ts";
import { mismatches } from "./match.ts";
import { type Milestone, parseMilestone } from "./milestone.ts";
import type { TaskRecord } from "./record.ts";
import { type Stale, staleProofs } from "./stale.ts";
import { type TaskTree, claimsOf, findMilestone, loadTasks, statusFile } from "./tree.ts";
import { statusView } from "./view.ts";

export interface MilestoneStatus {
  readonly milestone: Milestone;
  readonly tasks: readonly { readonly task: TaskRecord; readonly stale: readonly Stale[] }[];
  readonly done: number;
}

export interface MilestoneClosed {
  readonly milestone: string;
  readonly commit: string;
  /** UTC minute. */
  readonly at: string;
}

/** Where a milestone stands, with the closed tasks that the tree has outgrown. */
export async function milestoneStatus(
  root: string,
  id: string,
  current: Deps["current"],
): Promise<Result<MilestoneStatus>> {
  const tree = loadTasks(root);
  const found = findMilestone(tree, id);
  if (!found.ok) return found;
  const tasks: { task: TaskRecord; stale: readonly Stale[] }[] = [];
  for (const { name } of found.value.tasks) {
    const task = tree.tasks.get(name);
    if (task === undefined) continue;
    const stale = await staleProofs(root, task, current);
    if (!stale.ok) return stale;
    tasks.push({ task, stale: stale.value });
  }
  return ok({ milestone: found.value, tasks, done: tasks.filter((t) => t.task.status === "done").length });
}

/**
 * Everything that is stored, verified: bundles, ledger, and that each closed record's bundles still show
 * what the record closes on. The records' own faults are in `loadTasks(root).problems`.
 */
export function verifyAll(root: string, rejudge: Rejudge): LedgerReport {
  const tree = loadTasks(root);
  const report = verifyLedger(root, rejudge, claimsOf(tree));
  const unmet = [...tree.tasks.values()].flatMap((task) => unmetRequirements(root, task));
  return { ...report, problems: [...report.problems, ...unmet] };
}

/** Closes a milestone, or refuses and says what is open or does not verify. */
export async function closeMilestone(
  root: string,
  id: string,
  deps: Omit<Deps, "current">,
): Promise<Result<MilestoneClosed>> {
  return withRecordsLocked(root, () => closeLocked(root, id, deps));
}

async function closeLocked(
  root: string,
  id: string,
  deps: Omit<Deps, "current">,
): Promise<Result<MilestoneClosed>> {
  const tree = loadTasks(root);
  if (tree.problems.length > 0) return err(tree.problems);
  const found = findMilestone(tree, id);
  if (!found.ok) return found;
  const milestone = found.value;
  const open = openTasks(tree, milestone);
  if (open.length > 0) return err(open);
  const report = verifyAll(root, deps.rejudge);
  if (report.problems.length > 0) return err(report.problems);
  const commit = await cleanCommit(deps.git);
  if (!commit.ok) return commit;

  const closed = { commit: commit.value, at: utcMinuteOf(deps.now()) };
  const { file } = milestone.source;
  const text = withClosing(milestone.source, "closed", closed);
  const after = parseMilestone(file, text);
  if (!after.ok) return after;
  const view = statusView({ ...tree, milestones: new Map(tree.milestones).set(id, after.value) });
  try {
    writeFileAtomic(join(root, file), text);
    writeFileAtomic(join(root, statusFile), view);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return fail(problem(taskCodes, "CAPOS_TASK_WRITE", `the closing of ${id} could not be written: ${why}`));
  }
  return ok({ milestone: id, ...closed });
}

function openTasks(tree: TaskTree, milestone: Milestone): readonly Problem[] {
  const refuse = (message: string, span: Problem["span"]): Problem =>
    problem(taskCodes, "CAPOS_TASK_NOT_READY", message, span === undefined ? {} : { span });
  if (milestone.closed !== undefined) {
    return [refuse(`${milestone.id} is closed since ${milestone.closed.at}`, milestone.source.idSpan)];
  }
  if (milestone.tasks.length === 0)
    return [refuse(`${milestone.id} lists no tasks`, milestone.source.idSpan)];
  return milestone.tasks
    .filter((t) => tree.tasks.get(t.name)?.status !== "done")
    .map((t) => refuse(`${t.name} is not done`, t.span));
}

/** Requirements of a closed record that no bundle which it names satisfies. */
function unmetRequirements(root: string, task: TaskRecord): readonly Problem[] {
  if (task.closed === undefined) return [];
  const bundles = task.closed.evidence.map((digest) => openBundle(root, `${evidenceFolder}/${digest}.tar`));
  // A bundle that cannot be read is reported by the verification of the ledger.
  const cases = bundles.flatMap((b) => (b.ok ? [b.value] : []));
  if (cases.length < bundles.length) return [];
  return task.closesOn.flatMap((requirement) =>
    requirement.paths
      .filter((path) => !cases.some((stored) => mismatches(requirement, path, stored).length === 0))
      .map((path) => {
        const message = `${task.id} is closed, and none of its bundles shows ${requirement.proof} on ${path} as the record asks`;
        return problem(taskCodes, "CAPOS_TASK_EVIDENCE", message, { span: requirement.span });
      }),
  );
}
