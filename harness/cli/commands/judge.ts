import { buildCommand } from "@stricli/core";
import type { CliContext } from "../context.ts";
import { proposeProofs } from "../names.ts";

export interface JudgeFlags {
  readonly proof: string;
}

export const judge = buildCommand<JudgeFlags, string[], CliContext>({
  docs: {
    brief: "Judge stored consoles offline",
    fullDescription:
      "Judges the raw console of each boot, one file a boot in their order, against a proof. Nothing is booted,\n" +
      "so the console's freshness is not known and the verdict closes nothing.",
  },
  parameters: {
    flags: {
      proof: {
        kind: "parsed",
        parse: String,
        brief: "The proof to judge by",
        placeholder: "name",
        proposeCompletions: proposeProofs,
      },
    },
    positional: {
      kind: "array",
      minimum: 1,
      parameter: { brief: "Console file of one boot", parse: String, placeholder: "file" },
    },
  },
  loader: async () => (await import("../run/judge.ts")).judge,
});
