import { buildCommand, buildRouteMap } from "@stricli/core";
import type { CliContext } from "../context.ts";
import { proposeMilestones } from "../names.ts";
import { text } from "../parse.ts";

const id = {
  brief: "Identity of a milestone",
  parse: text,
  placeholder: "id",
  proposeCompletions: proposeMilestones,
} as const;

const show = buildCommand<Record<never, never>, [string], CliContext>({
  docs: { brief: "Show a milestone: its tasks, claims and non-claims" },
  parameters: { positional: { kind: "tuple", parameters: [id] } },
  loader: async () => (await import("../run/milestone.ts")).showMilestone,
});

const close = buildCommand<Record<never, never>, [string], CliContext>({
  docs: { brief: "Close a milestone whose tasks are all closed by evidence that verifies" },
  parameters: { positional: { kind: "tuple", parameters: [id] } },
  loader: async () => (await import("../run/milestone.ts")).closeMilestone,
});

const list = buildCommand<Record<never, never>, [], CliContext>({
  docs: { brief: "List the milestones; the selected one is marked" },
  parameters: {},
  loader: async () => (await import("../run/milestone.ts")).listMilestones,
});

export const milestone = buildRouteMap<"list" | "show" | "close", CliContext>({
  routes: { list, show, close },
  docs: { brief: "Milestones: list, show, close" },
});
