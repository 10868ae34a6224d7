import { type Problem, showProblems, sourcesBelow } from "../../base/index.ts";
import { checkPolicy, checkProof, dayOf, type Proof } from "../../contract/index.ts";
import { checkTree, listImages, listProofs, loadProof } from "../../manifest/index.ts";
import { checkView, loadTasks } from "../../tasks/index.ts";
import type { CheckFlags } from "../commands/check.ts";
import { checkRequirements } from "../check-tasks.ts";
import type { CliContext } from "../context.ts";
import { loadOptions } from "../tree.ts";

export async function check(this: CliContext, flags: CheckFlags): Promise<void> {
  const tree = await checkTree(this.root, loadOptions);
  const found = [...tree.errors];
  const proofs = new Map<string, Proof>();
  for (const name of listProofs(this.root)) {
    const proof = await loadProof(this.root, name);
    if (!proof.ok) continue;
    proofs.set(name, proof.value);
    found.push(...checkProof(proof.value), ...checkPolicy(proof.value, dayOf(Date.now())));
  }
  const tasks = loadTasks(this.root);
  found.push(...tasks.problems, ...checkView(this.root, tasks), ...checkRequirements(tasks, proofs));
  const errors = distinct(found);
  if (flags.json) this.print(JSON.stringify({ v: 1, errors, warnings: tree.warnings }));
  else if (tree.warnings.length > 0) {
    const text = showProblems(tree.warnings, sourcesBelow(this.root));
    this.process.stderr.write(text.replace(/^error\[/gmu, "warning["));
  }
  if (errors.length > 0) {
    if (flags.json) this.exit("invalid");
    else this.report(errors);
    return;
  }
  const counts = `${listImages(this.root).length} images, ${listProofs(this.root).length} proofs`;
  if (!flags.json) this.print(`${counts} and the task records are sound.`);
}

/** What is wrong with a proof is met again by each that goes on from it. */
function distinct(problems: readonly Problem[]): readonly Problem[] {
  const byText = new Map(
    problems.map((one) => [`${one.code} ${JSON.stringify(one.span)} ${one.message}`, one]),
  );
  return [...byText.values()];
}
