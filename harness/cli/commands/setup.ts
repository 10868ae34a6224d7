import { buildCommand } from "@stricli/core";
import type { CliContext } from "../context.ts";

export interface SetupFlags {
  readonly dryRun: boolean;
  readonly test: boolean;
}

export const setup = buildCommand<SetupFlags, [], CliContext>({
  docs: {
    brief: "Install what is missing: Debian packages by name",
    fullDescription:
      "Installs with apt-get, as root or through sudo. Does nothing, and says so, when nothing is missing.",
  },
  parameters: {
    flags: {
      dryRun: { kind: "boolean", default: false, brief: "Print the commands and run none" },
      test: { kind: "boolean", default: false, brief: "Also what only the tests need" },
    },
  },
  loader: async () => (await import("../run/setup.ts")).setup,
});
