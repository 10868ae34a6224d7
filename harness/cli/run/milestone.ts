import { closeMilestone as close, loadTasks, milestoneStatus } from "../../tasks/index.ts";
import type { CliContext } from "../context.ts";
import { withTaskDeps } from "../task-deps.ts";

export async function showMilestone(
  this: CliContext,
  _flags: Record<never, never>,
  id: string,
): Promise<void> {
  await withTaskDeps(this, async ({ current }) => {
    const status = await milestoneStatus(this.root, id, current);
    if (!status.ok) return this.report(status.error);
    const { milestone, tasks, done } = status.value;
    this.print(`${id}: ${milestone.title} (${milestone.status}, ${done} of ${tasks.length} tasks done)`);
    for (const { task, stale } of tasks) {
      const since = stale.length > 0 ? `, stale: ${stale.map((s) => s.proof).join(", ")}` : "";
      this.print(`  ${task.status.padEnd(8)} ${task.id}${since}`);
    }
    this.print("claims");
    for (const claim of milestone.claims) this.print(`  ${claim}`);
    this.print("does not claim");
    for (const claim of milestone.nonClaims) this.print(`  ${claim}`);
  });
}

export async function closeMilestone(
  this: CliContext,
  _flags: Record<never, never>,
  id: string,
): Promise<void> {
  await withTaskDeps(this, async (deps) => {
    const closed = await close(this.root, id, deps);
    if (!closed.ok) return this.report(closed.error);
    this.print(`closed the milestone ${id}\n\nnext: commit tasks/`);
  });
}

export function listMilestones(this: CliContext): void {
  const tree = loadTasks(this.root);
  for (const m of tree.milestones.values()) {
    const mark = tree.selected === m.id ? "*" : " ";
    this.print(`${mark} ${m.status.padEnd(6)} ${m.id}  ${m.title}`);
  }
  if (tree.problems.length > 0) this.report(tree.problems);
}
