import { buildCommand } from "@stricli/core";
import type { CliContext } from "../context.ts";
import { proposeBoots, proposeProofs, proposeStops, proposeWords } from "../names.ts";
import { oneOf, text } from "../parse.ts";
import { type DebuggerFlags, debuggerFlags } from "./debugger.ts";

export interface DebugFlags extends DebuggerFlags {
  readonly at: string;
  readonly boot?: string;
  readonly path?: "direct" | "bios" | "uefi";
}

export const debug = buildCommand<DebugFlags, [string], CliContext>({
  docs: {
    brief: "Stop a proof's machine at a landmark and start gdb there",
    fullDescription:
      "Runs a proof until the landmark has been printed, pauses the machine and attaches gdb with the symbols of\n" +
      "the kernel; `symbols-NAME` in gdb adds those of a program. Boots before the wanted one run as usual. Without\n" +
      "a terminal the command to attach is printed, and the machine waits until the input ends or Ctrl-C.\n\n" +
      "  capos debug run-smoke\n" +
      "  capos debug run-storage-persist --boot read-back --at mounted\n" +
      "  capos debug run-smoke --at hello --exec backtrace --exec 'info registers rip'",
  },
  parameters: {
    flags: {
      at: {
        kind: "parsed",
        parse: text,
        default: "entry",
        brief: "A landmark of the boot, banner, or entry: the kernel's first instruction in long mode",
        placeholder: "landmark",
        proposeCompletions: proposeStops,
      },
      boot: {
        kind: "parsed",
        parse: text,
        optional: true,
        brief: "In which boot; the first that has the landmark without it",
        placeholder: "name",
        proposeCompletions: proposeBoots,
      },
      path: {
        kind: "parsed",
        parse: oneOf(["direct", "bios", "uefi"]),
        proposeCompletions: proposeWords(["direct", "bios", "uefi"]),
        optional: true,
        brief: "Boot path; the proof's first without it",
        placeholder: "path",
      },
      ...debuggerFlags,
    },
    positional: {
      kind: "tuple",
      parameters: [
        { brief: "Name of a proof", parse: text, placeholder: "proof", proposeCompletions: proposeProofs },
      ],
    },
  },
  loader: async () => (await import("../run/debug.ts")).debug,
});
