import { buildCommand } from "@stricli/core";
import type { CliContext } from "../context.ts";

export interface CheckFlags {
  readonly json: boolean;
}

export const check = buildCommand<CheckFlags, [], CliContext>({
  docs: {
    brief: "Check manifests, proofs and task records without booting anything",
    fullDescription:
      "Evaluates every file of manifests/ and proofs/ with both CUE engines, resolves every reference, compiles\n" +
      "every landmark and reads every task record. Prints all errors with their places.",
  },
  parameters: { flags: { json: { kind: "boolean", default: false, brief: "Print problems as JSON" } } },
  loader: async () => (await import("../run/check.ts")).check,
});
