import { join } from "node:path";
import { problem, writeFileAtomic } from "../../base/index.ts";
import {
  closeTask as close,
  findTask,
  loadTasks,
  statusFile,
  statusView,
  taskCodes,
} from "../../tasks/index.ts";
import type { CloseFlags, StatusFlags } from "../commands/task.ts";
import type { CliContext } from "../context.ts";
import { withTaskDeps } from "../task-deps.ts";

export async function closeTask(this: CliContext, flags: CloseFlags, id: string): Promise<void> {
  await withTaskDeps(this, async (deps) => {
    const { findCases } = await import("../../evidence/index.ts");
    const runs = join(this.root, ".capos", "runs");
    const cases = (proof: string, path: string): readonly string[] =>
      findCases(runs, proof, path).filter(
        (dir) => flags.run === undefined || dir.startsWith(`${join(runs, flags.run)}/`),
      );
    const plan = await close(this.root, id, { ...deps, cases });
    if (!plan.ok) return this.report(plan.error);
    this.print(`closed ${id} at ${plan.value.closed.at}, commit ${plan.value.closed.commit.slice(0, 12)}`);
    for (const { file } of plan.value.writes) this.print(`  wrote   ${file}`);
    for (const file of plan.value.removes) this.print(`  removed ${file}`);
    this.print("\nnext: commit tasks/");
  });
}

export function listTasks(this: CliContext): void {
  const tree = loadTasks(this.root);
  const tasks = [...tree.tasks.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const width = Math.max(0, ...tasks.map((t) => t.id.length));
  for (const t of tasks) this.print(`${t.status.padEnd(8)} ${t.id.padEnd(width)}  ${t.title}`);
  if (tree.problems.length > 0) this.report(tree.problems);
  else if (tasks.length === 0)
    this.report([problem(taskCodes, "CAPOS_TASK_UNKNOWN", "there are no task records")]);
}

export function showTask(this: CliContext, _flags: Record<never, never>, id: string): void {
  const task = findTask(loadTasks(this.root), id);
  if (!task.ok) return this.report(task.error);
  const { title, status, milestone, closesOn, closed, onHold } = task.value;
  this.print(`${id}: ${title}\n  status     ${status}\n  milestone  ${milestone}`);
  if (onHold !== undefined) this.print(`  on hold    ${onHold.reason}\n  lifted by  ${onHold.liftedBy}`);
  for (const { proof, paths, landmarks } of closesOn) {
    this.print(`  closes on  ${proof} on ${paths.join(", ")}`);
    for (const l of landmarks) {
      const captures = Object.entries(l.captures).map(([name, value]) => ` ${name}=${value}`);
      this.print(`               ${l.boot}.${l.landmark}${captures.join("")}`);
    }
  }
  if (closed !== undefined) this.print(`  closed     ${closed.at}, commit ${closed.commit}`);
}

export function taskStatus(this: CliContext, flags: StatusFlags): void {
  const tree = loadTasks(this.root);
  if (tree.problems.length > 0) return this.report(tree.problems);
  const view = statusView(tree);
  if (!flags.write) return this.print(view);
  writeFileAtomic(join(this.root, statusFile), view);
  this.print(`wrote ${statusFile}`);
}
