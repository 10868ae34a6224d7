import { buildCommand, buildRouteMap } from "@stricli/core";
import type { CliContext } from "../context.ts";

const id = { brief: "Identity of a milestone", parse: String, placeholder: "id" } as const;

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

export const milestone = buildRouteMap<"show" | "close", CliContext>({
  routes: { show, close },
  docs: { brief: "Milestones: show, close" },
});
