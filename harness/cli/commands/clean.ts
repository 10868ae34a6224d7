import { buildCommand } from "@stricli/core";
import type { CliContext } from "../context.ts";
import { bytes, whole } from "../parse.ts";

export interface CleanFlags {
  readonly keep: number;
  readonly size: number;
  readonly dryRun: boolean;
}

export const clean = buildCommand<CleanFlags, [], CliContext>({
  docs: {
    brief: "Remove old runs from .capos/runs",
    fullDescription:
      "Keeps the newest runs, twice as many of those with a failure, the newest proof of each case, and whatever is\n" +
      "still going. Every run does the same from time to time, with the limits that stand here as defaults.",
  },
  parameters: {
    flags: {
      keep: {
        kind: "parsed",
        parse: whole(0),
        default: "100",
        brief: "How many of the newest runs stay",
        placeholder: "n",
      },
      size: {
        kind: "parsed",
        parse: bytes,
        default: "2Gi",
        brief: "What all runs together may take; older ones go first",
        placeholder: "size",
      },
      dryRun: { kind: "boolean", default: false, brief: "Only say what would be removed" },
    },
  },
  loader: async () => (await import("../run/clean.ts")).clean,
});
