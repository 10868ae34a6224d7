import { buildCommand } from "@stricli/core";
import type { CliContext } from "../context.ts";

export interface SetupFlags {
  readonly dryRun: boolean;
  readonly foreign: boolean;
  readonly test: boolean;
}

export const setup = buildCommand<SetupFlags, [], CliContext>({
  docs: {
    brief: "Install what is missing: Debian packages by name",
    fullDescription:
      "Installs with apt-get, as root or through sudo. Does nothing, and says so, when nothing is missing.\n" +
      "With --foreign it also fetches the packages whose kernels and programs some images boot, without installing\n" +
      "them: into .capos/cache/packages, from where they are used without a network.",
  },
  parameters: {
    flags: {
      dryRun: { kind: "boolean", default: false, brief: "Print the commands and run none" },
      foreign: {
        kind: "boolean",
        default: false,
        brief: "Also fetch the packages that images with other kernels are made from",
      },
      test: { kind: "boolean", default: false, brief: "Also what only the tests need, with --foreign" },
    },
  },
  loader: async () => (await import("../run/setup.ts")).setup,
});
