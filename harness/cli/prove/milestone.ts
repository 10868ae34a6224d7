import { err, ok, problem, type Result } from "../../base/index.ts";
import { type Filter, proveCodes } from "../../prove/index.ts";
import { findMilestone, loadTasks } from "../../tasks/index.ts";

/** Cases that the tasks of a milestone close on. */
export function milestoneFilter(root: string, id: string): Result<Filter> {
  const tree = loadTasks(root);
  const milestone = findMilestone(tree, id);
  if (!milestone.ok) {
    const [first] = milestone.error;
    const next = first === undefined ? {} : { next: first.next };
    return err([problem(proveCodes, "CAPOS_PROVE_MILESTONE", `there is no milestone \`${id}\``, next)]);
  }
  const tasks = milestone.value.tasks.flatMap(({ name }) => tree.tasks.get(name) ?? []);
  return ok({
    asked: `--milestone ${id}`,
    reason({ ref, path }) {
      const closing = tasks.filter((task) =>
        task.closesOn.some(({ proof, paths }) => proof === ref.proof && paths.includes(path)),
      );
      return closing.length === 0 ? undefined : `closes ${closing.map((task) => task.id).join(", ")}`;
    },
  });
}
