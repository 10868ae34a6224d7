import { buildCommand } from "@stricli/core";
import type { CliContext } from "../context.ts";
import { list, whole } from "../parse.ts";

export const benchmarks = ["help", "prove", "edit", "judge", "image"] as const;

export interface BenchFlags {
  readonly only?: readonly (typeof benchmarks)[number][];
  readonly rounds: number;
  readonly gib: boolean;
  readonly json: boolean;
}

export const bench = buildCommand<BenchFlags, [], CliContext>({
  docs: {
    brief: "Measure the tool's budgets as ratios in one run",
    fullDescription:
      "Absolute times mean nothing on another machine, so each figure is a ratio to something measured in the\n" +
      "same run: to `node -e ''`, to the emulator's own wall time, to Debian's tools.",
  },
  parameters: {
    flags: {
      only: {
        kind: "parsed",
        parse: list(benchmarks),
        optional: true,
        brief: `Of ${benchmarks.join(", ")}`,
        placeholder: "names",
      },
      rounds: {
        kind: "parsed",
        parse: whole(1),
        default: "11",
        brief: "Rounds of each; medians are printed",
        placeholder: "n",
      },
      gib: {
        kind: "boolean",
        default: false,
        brief: "Judge a console of 1 GiB, too: its speed, and the memory that it takes",
      },
      json: { kind: "boolean", default: false, brief: "Print the figures as JSON" },
    },
  },
  loader: async () => (await import("../run/bench.ts")).bench,
});
