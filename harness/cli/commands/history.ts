import { buildCommand, buildRouteMap } from "@stricli/core";
import type { CliContext } from "../context.ts";
import { text } from "../parse.ts";

export interface HistoryFlags {
  readonly json: boolean;
}

const show = buildCommand<HistoryFlags, [], CliContext>({
  docs: { brief: "What each case has taken and come to, over its newest runs" },
  parameters: {
    flags: { json: { kind: "boolean", default: false, brief: "Print the records as JSON lines" } },
  },
  loader: async () => (await import("../run/history.ts")).showHistory,
});

const merge = buildCommand<Record<never, never>, string[], CliContext>({
  docs: {
    brief: "Take over what other machines have measured",
    fullDescription:
      "Adds the records of other .capos/history.jsonl to this one; known ones are not added again.",
  },
  parameters: {
    positional: {
      kind: "array",
      minimum: 1,
      parameter: { brief: "A history file", parse: text, placeholder: "file" },
    },
  },
  loader: async () => (await import("../run/history.ts")).mergeHistory,
});

export const history = buildRouteMap<"show" | "merge", CliContext>({
  routes: { show, merge },
  docs: { brief: "What was run here and what it took: show, merge from other machines" },
});
