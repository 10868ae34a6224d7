/** The generated view of the records, `tasks/STATUS.md`: a function of them and of nothing else. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Problem, problem } from "../base/index.ts";
import { taskCodes } from "./codes.ts";
import type { Milestone } from "./milestone.ts";
import type { TaskRecord } from "./record.ts";
import { type TaskTree, statusFile } from "./tree.ts";

/** The whole text of the view. */
export function statusView(tree: TaskTree): string {
  const milestones = [...tree.milestones.values()].toSorted(
    // The selected one first, then by name.
    (a, b) => Number(b.id === tree.selected) - Number(a.id === tree.selected) || (a.id < b.id ? -1 : 1),
  );
  const lines = [
    "# Tasks",
    "",
    "Generated from the records by `capos task status --write`; edits here are lost.",
    ...milestones.flatMap((m) => milestoneSection(m, tree)),
  ];
  return `${lines.join("\n")}\n`;
}

/** The problem of a view that does not fit the records; nothing when it does. */
export function checkView(root: string, tree: TaskTree): readonly Problem[] {
  let text = "";
  try {
    text = readFileSync(join(root, statusFile), "utf8");
  } catch {
    // An absent view has drifted as far as it can.
  }
  const must = statusView(tree);
  if (text === must) return [];
  const [is, be] = [text.split("\n"), must.split("\n")];
  const line =
    Math.max(
      0,
      be.findIndex((l, i) => l !== is[i]),
    ) + 1;
  const message = `${statusFile} does not fit the records, from line ${line}`;
  return [problem(taskCodes, "CAPOS_TASK_VIEW", message, { span: { file: statusFile, line, col: 1 } })];
}

function milestoneSection(milestone: Milestone, tree: TaskTree): readonly string[] {
  const tasks = milestone.tasks.map((t) => tree.tasks.get(t.name)).filter((t) => t !== undefined);
  const done = tasks.filter((t) => t.status === "done").length;
  const selected = milestone.id === tree.selected ? " (selected)" : "";
  const state =
    milestone.closed === undefined
      ? `${done} of ${milestone.tasks.length} tasks are done.`
      : `Closed ${milestone.closed.at} at \`${short(milestone.closed.commit)}\`.`;
  return [
    "",
    `## ${milestone.title}${selected}`,
    "",
    state,
    "",
    "Claims:",
    "",
    ...milestone.claims.map((c) => `- ${c}`),
    "",
    "Does not claim:",
    "",
    ...milestone.nonClaims.map((c) => `- ${c}`),
    "",
    "| task | status | closes on | evidence |",
    "| --- | --- | --- | --- |",
    ...tasks.map((task) => taskRow(task, tree)),
  ];
}

function taskRow(task: TaskRecord, tree: TaskTree): string {
  const link = `[${task.id}](${task.source.file.slice("tasks/".length)})`;
  const blockers = task.dependsOn
    .map((d) => d.name)
    .filter((name) => tree.tasks.get(name)?.status !== "done");
  const notes = [
    ...(task.onHold === undefined ? [] : [task.onHold.reason]),
    ...(blockers.length === 0 || task.status === "done" ? [] : [`after ${blockers.join(", ")}`]),
  ];
  const status = notes.length === 0 ? task.status : `${task.status}: ${notes.join("; ")}`;
  const closes = task.closesOn.map(shownRequirement).join("; ");
  const evidence =
    task.closed === undefined
      ? ""
      : `${task.closed.at}, \`${short(task.closed.commit)}\`: ${task.closed.evidence.map((d) => `\`${short(d)}\``).join(" ")}`;
  return `| ${[link, status, closes, evidence].map(cell).join(" | ")} |`;
}

function shownRequirement({ proof, paths, target }: TaskRecord["closesOn"][number]): string {
  return `\`${proof}\` on ${paths.join(", ")}${target === undefined ? "" : ` at ${target}`}`;
}

function cell(text: string): string {
  return text.replaceAll("|", String.raw`\|`);
}

function short(digest: string): string {
  return digest.slice(0, 12);
}
