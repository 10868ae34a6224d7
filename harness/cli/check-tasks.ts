import { nearest, problem, type Problem } from "../base/index.ts";
import type { BootSpec, Landmark, Proof } from "../contract/index.ts";
import { type Requirement, type TaskTree, taskCodes } from "../tasks/index.ts";

/** What open records ask for that no proof of the tree can ever show: found now, not when the task is to be closed. */
export function checkRequirements(tree: TaskTree, proofs: ReadonlyMap<string, Proof>): readonly Problem[] {
  const open = [...tree.tasks.values()].filter((task) => task.closed === undefined);
  return open.flatMap((task) => task.closesOn.flatMap((requirement) => unmeetable(requirement, proofs)));
}

function unmeetable(
  { proof: name, paths, landmarks, span }: Requirement,
  proofs: ReadonlyMap<string, Proof>,
): Problem[] {
  const wrong = (message: string, at: Problem["span"], close?: string): Problem =>
    problem(taskCodes, "CAPOS_TASK_REFERENCE", message, {
      ...(at === undefined ? {} : { span: at }),
      ...(close === undefined ? {} : { next: `did you mean \`${close}\`?` }),
    });
  const proof = proofs.get(name);
  if (proof === undefined)
    return [wrong(`there is no sound proof \`${name}\``, span, nearest(name, [...proofs.keys()]))];
  const declared = proof.machine.boot;
  const absent = paths.filter((path) => !declared.includes(path));
  const found = absent.map((path) => wrong(`\`${name}\` does not boot on the path ${path}`, span));
  for (const required of landmarks) {
    const boot = proof.boots.find((b) => b.name === required.boot);
    const landmark = landmarksOf(boot).find((l) => l.name === required.landmark);
    if (landmark === undefined) {
      const all = proof.boots.flatMap((b) => landmarksOf(b).map((l) => `${b.name}.${l.name}`));
      const wanted = `${required.boot}.${required.landmark}`;
      found.push(wrong(`\`${name}\` has no landmark \`${wanted}\``, required.span, nearest(wanted, all)));
      continue;
    }
    for (const capture of Object.keys(required.captures)) {
      if (landmark.line.includes(`<${capture}:`)) continue;
      found.push(
        wrong(`the landmark \`${required.boot}.${landmark.name}\` captures no \`${capture}\``, required.span),
      );
    }
  }
  return found;
}

function landmarksOf(boot: BootSpec | undefined): readonly Landmark[] {
  return (boot?.chain ?? []).flatMap((item) => (item.kind === "one" ? [item.landmark] : item.landmarks));
}
