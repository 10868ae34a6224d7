import { buildCommand, buildRouteMap } from "@stricli/core";
import type { CliContext } from "../context.ts";
import { proposeList } from "../names.ts";
import { list, whole } from "../parse.ts";

export const benchmarks = ["help", "prove", "edit", "judge", "image"] as const;

export interface BenchFlags {
  readonly only?: readonly (typeof benchmarks)[number][];
  readonly rounds: number;
  readonly gib: boolean;
  readonly json: boolean;
}

const tool = buildCommand<BenchFlags, [], CliContext>({
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
        proposeCompletions: proposeList(benchmarks),
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

export interface KernelFlags {
  readonly check: boolean;
  readonly update: boolean;
  readonly where: boolean;
  readonly json: boolean;
}

const kernel = buildCommand<KernelFlags, [], CliContext>({
  docs: {
    brief: "Count the instructions of the kernel's operations, beside Linux' nearest ones",
    fullDescription:
      "Boots the images measure and linux-measure on one and the same machine, which counts instructions, and\n" +
      "prints what each operation costs from before its message is made to after its answer was checked.\n" +
      "Fails when a budget is missed, or when a figure has grown beyond the baseline of the tree.\n\n" +
      "  capos bench kernel --check     ours alone, against the baseline alone",
  },
  parameters: {
    flags: {
      check: { kind: "boolean", default: false, brief: "Only compare ours with the stored baseline" },
      update: { kind: "boolean", default: false, brief: "Store what is measured as the baseline" },
      where: { kind: "boolean", default: false, brief: "Say in which source files the instructions are" },
      json: { kind: "boolean", default: false, brief: "Print the figures as JSON" },
    },
  },
  loader: async () => (await import("../run/bench-kernel.ts")).benchKernel,
});

export const bench = buildRouteMap<"tool" | "kernel", CliContext>({
  routes: { tool, kernel },
  defaultCommand: "tool",
  docs: {
    brief: "Measure the tool's budgets as ratios, or the kernel's in instructions",
    fullDescription: "Without a command, as `capos bench tool`.",
  },
});
