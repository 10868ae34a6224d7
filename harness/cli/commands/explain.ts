import { buildCommand } from "@stricli/core";
import type { CliContext } from "../context.ts";
import { proposeWhatToExplain } from "../names.ts";
import { text } from "../parse.ts";

export const explain = buildCommand<Record<never, never>, [string], CliContext>({
  docs: {
    brief: "Explain an error code, or what a proof asks for and is built from",
    fullDescription: "  capos explain CAPOS_MANIFEST_UNKNOWN_BINARY\n  capos explain run-storage-persist",
  },
  parameters: {
    positional: {
      kind: "tuple",
      parameters: [
        {
          brief: "An error code or the name of a proof",
          parse: text,
          placeholder: "code|proof",
          proposeCompletions: proposeWhatToExplain,
        },
      ],
    },
  },
  loader: async () => (await import("../run/explain.ts")).explain,
});
