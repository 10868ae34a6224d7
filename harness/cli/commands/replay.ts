import { buildCommand } from "@stricli/core";
import type { CliContext } from "../context.ts";
import { exitHelp } from "../exit-codes.ts";
import { proposeBoots, proposeRuns } from "../names.ts";
import { text } from "../parse.ts";
import { type DebuggerFlags, debuggerFlags } from "./debugger.ts";

export interface ReplayFlags extends DebuggerFlags {
  readonly boot?: string;
  readonly gdb: boolean;
}

const exits = exitHelp({
  proved: "the same",
  notProved: "it differs or gets stuck",
  usage: "usage, or nothing is recorded",
  invalid: "the recording has been changed",
  tool: "another emulator, or a tool is missing",
  host: "the host failed",
  bug: true,
  interrupted: true,
  terminated: true,
});

export const replay = buildCommand<ReplayFlags, [string], CliContext>({
  docs: {
    brief: "Run a recorded run again, instruction for instruction",
    fullDescription:
      "Runs the boots of a run that `capos prove --record` has kept, and compares what they print with what was\n" +
      "recorded, byte for byte.\n\n" +
      `${exits}\n\n` +
      "With --gdb the machine of one boot waits before its first instruction for a debugger, which can go forwards\n" +
      "and backwards (reverse-stepi, reverse-continue).\n\n" +
      "  capos replay 1795245994-fe47\n" +
      "  capos replay 1795245994-fe47 --boot read-back --gdb\n" +
      "  capos replay 1795245994-fe47 --gdb --exec 'hbreak kernel_main' --exec continue --exec backtrace",
  },
  parameters: {
    flags: {
      boot: {
        kind: "parsed",
        parse: text,
        optional: true,
        brief: "Only this boot; all that are recorded without it, and with --gdb the last",
        placeholder: "name",
        proposeCompletions: proposeBoots,
      },
      gdb: { kind: "boolean", default: false, brief: "Let a debugger drive the machine" },
      debugger: debuggerFlags.debugger,
      exec: {
        ...debuggerFlags.exec,
        brief:
          "With --gdb: a command of the debugger, which then runs without a terminal; may be given several times",
      },
    },
    positional: {
      kind: "tuple",
      parameters: [
        {
          brief:
            "Run: its name or the beginning of it, latest, latest~1, or the path of its directory or of one case",
          parse: text,
          placeholder: "run",
          proposeCompletions: proposeRuns,
        },
      ],
    },
  },
  loader: async () => (await import("../run/replay.ts")).replay,
});
