import { buildCommand, buildRouteMap } from "@stricli/core";
import type { CliContext } from "../context.ts";
import { proposeAnyTask, proposeRuns, proposeTasks } from "../names.ts";
import { text } from "../parse.ts";

const id = {
  brief: "Identity of a task",
  parse: text,
  placeholder: "id",
  proposeCompletions: proposeTasks,
} as const;

export interface CloseFlags {
  readonly run?: string;
}

const close = buildCommand<CloseFlags, [string], CliContext>({
  docs: {
    brief: "Close a task with the evidence of proved runs, or say what is missing",
    fullDescription:
      "Matches the newest runs of the proofs that the task names against its closes_on, packs them into\n" +
      "tasks/evidence/, adds them to the ledger and moves the record to tasks/done/. Refuses, and changes\n" +
      "nothing, when anything is missing.",
  },
  parameters: {
    flags: {
      run: {
        kind: "parsed",
        parse: text,
        optional: true,
        brief: "Use this run of .capos/runs only",
        placeholder: "run",
        proposeCompletions: proposeRuns,
      },
    },
    positional: { kind: "tuple", parameters: [id] },
  },
  loader: async () => (await import("../run/task.ts")).closeTask,
});

const show = buildCommand<Record<never, never>, [string], CliContext>({
  docs: { brief: "Show one task and what would close it" },
  parameters: {
    positional: { kind: "tuple", parameters: [{ ...id, proposeCompletions: proposeAnyTask }] },
  },
  loader: async () => (await import("../run/task.ts")).showTask,
});

const list = buildCommand<Record<never, never>, [], CliContext>({
  docs: { brief: "List the tasks" },
  parameters: {},
  loader: async () => (await import("../run/task.ts")).listTasks,
});

export interface StatusFlags {
  readonly write: boolean;
}

const status = buildCommand<StatusFlags, [], CliContext>({
  docs: { brief: "Print the status view that is made from the records, or write it to tasks/STATUS.md" },
  parameters: {
    flags: { write: { kind: "boolean", default: false, brief: "Write tasks/STATUS.md" } },
  },
  loader: async () => (await import("../run/task.ts")).taskStatus,
});

export const task = buildRouteMap<"close" | "show" | "list" | "status", CliContext>({
  routes: { close, show, list, status },
  docs: { brief: "Task records: list, show, status, close with evidence" },
});
