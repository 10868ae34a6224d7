import { buildCommand } from "@stricli/core";
import type { CliContext } from "../context.ts";
import { proposeProofs } from "../names.ts";
import { list } from "../parse.ts";
import { parseReporter, type ReporterFlag } from "../reporters.ts";

export interface ProveFlags {
  readonly boot?: readonly ("direct" | "bios" | "uefi" | "all")[];
  readonly all: boolean;
  readonly mutants: boolean;
  readonly reporter?: readonly ReporterFlag[];
}

export const prove = buildCommand<ProveFlags, string[], CliContext>({
  docs: {
    brief: "Build, boot and judge proofs",
    fullDescription:
      "Builds the image of each proof, boots it as the proof declares, judges the serial console and stores the\n" +
      "run under .capos/runs/. Exit codes: 0 all proved; 1 refuted, guest-died or no-progress; 2 usage;\n" +
      "3 an invalid manifest, proof or record; 4 nothing selected; 5 the build failed; 6 a tool is missing;\n" +
      "7 the host failed; 70 a bug in capos; 130 and 143 interrupted.\n\n" +
      "  capos prove run-storage-persist\n" +
      "  capos prove run-storage-persist --boot direct,bios,uefi\n" +
      "  capos prove --all --reporter junit=report.xml --reporter html=report.html",
  },
  parameters: {
    flags: {
      boot: {
        kind: "parsed",
        parse: list(["direct", "bios", "uefi", "all"]),
        brief: "Boot paths, separated by commas, or all; the proof's first without it",
        placeholder: "paths",
        optional: true,
      },
      all: {
        kind: "boolean",
        default: false,
        brief: "Every proof of the tree that is meant to pass, on every boot path that it declares",
      },
      mutants: {
        kind: "boolean",
        default: false,
        brief:
          "After each proved case, change its record in every way that its proof should notice, and judge again",
      },
      reporter: {
        kind: "parsed",
        parse: parseReporter,
        variadic: true,
        optional: true,
        brief:
          "May be given several times: auto, live (a terminal), plain (lines), json (events, one a line), github; junit=FILE, html=FILE, json=FILE",
        placeholder: "how",
      },
    },
    positional: {
      kind: "array",
      parameter: {
        brief: "Name of a proof",
        parse: String,
        placeholder: "proof",
        proposeCompletions: proposeProofs,
      },
    },
  },
  loader: async () => (await import("../run/prove.ts")).prove,
});
