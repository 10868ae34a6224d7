import { buildCommand } from "@stricli/core";
import type { CliContext } from "../context.ts";
import { exitHelp } from "../exit-codes.ts";
import { proposeBoots, proposeProofs, proposeRuns } from "../names.ts";
import { text } from "../parse.ts";

export interface JudgeFlags {
  readonly proof?: string;
  readonly boot?: string;
  readonly mutants: boolean;
  readonly json: boolean;
}

const exits = exitHelp({
  proved: true,
  notProved: "refuted, guest-died or no-progress, or evidence without a verdict",
  usage: true,
  invalid: "evidence that was changed or cannot be read, or an invalid proof",
  nothing: "not run",
  host: "as the case was",
  bug: "as the case was, or a bug in capos",
});

export const judge = buildCommand<JudgeFlags, string[], CliContext>({
  docs: {
    brief: "Judge stored consoles offline",
    fullDescription:
      "Judges what a run has left behind; nothing is booted and nothing is written. Takes raw consoles, one file a boot in\n" +
      "the order of the proof's boots (`-` is the standard input), or the directory of a case or of a whole run, or a\n" +
      "bundle. A raw console is of unknown freshness, has no times and no exit, and its verdict closes nothing; of a stored\n" +
      "case all of that is known, and so is its proof, unless --proof says by which one of today's tree it is to be judged.\n" +
      `${exits}\n\n` +
      "  capos judge .capos/runs/1795244964-3fbb\n" +
      "  capos judge tasks/evidence/1befeb64840016091d2df206c301c0c998cda1ad2d872909ef24aba219a0573c.tar --mutants\n" +
      "  capos judge first.raw second.raw --proof run-storage-persist\n" +
      "  qemu-system-x86_64 ... -serial stdio | capos judge - --proof run-smoke",
  },
  parameters: {
    flags: {
      proof: {
        kind: "parsed",
        parse: text,
        optional: true,
        brief: "The proof of this tree to judge by; a stored case's own without it",
        placeholder: "name",
        proposeCompletions: proposeProofs,
      },
      boot: {
        kind: "parsed",
        parse: text,
        optional: true,
        brief: "Judge this boot alone: what is compared with other boots is left out",
        placeholder: "name",
        proposeCompletions: proposeBoots,
      },
      mutants: {
        kind: "boolean",
        default: false,
        brief: "Change what is proved in every way that the proof should notice, and judge again",
      },
      json: { kind: "boolean", default: false, brief: "One JSON object for each case, one a line" },
    },
    positional: {
      kind: "array",
      minimum: 1,
      parameter: {
        brief: "Console of one boot, case, bundle, or run (its path, the beginning of its name, latest)",
        parse: text,
        placeholder: "what",
        proposeCompletions: proposeRuns,
      },
    },
  },
  loader: async () => (await import("../run/judge.ts")).judge,
});
