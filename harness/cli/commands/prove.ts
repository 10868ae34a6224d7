import { buildCommand } from "@stricli/core";
import type { CliContext } from "../context.ts";
import { exitHelp } from "../exit-codes.ts";
import { proposeWords } from "../names.ts";
import { percent, text, whole } from "../parse.ts";
import { parseReporter, type ReporterFlag, reporterWords } from "../reporters.ts";
import { type SelectionFlags, selectionFlags, selectionNames } from "./selection.ts";

export interface ProveFlags extends SelectionFlags {
  readonly list: boolean;
  readonly mutants: boolean;
  readonly reporter?: readonly ReporterFlag[];
  readonly jobs?: number;
  readonly repeat?: number;
  readonly untilFail: boolean;
  readonly failFast: boolean;
  readonly retries: number;
  readonly cached: boolean;
  readonly sample?: number;
  readonly seed?: string;
  readonly watch: boolean;
  readonly record: boolean;
  readonly freeze: boolean;
  readonly cold: boolean;
}

const runFlags = {
  list: {
    kind: "boolean",
    default: false,
    brief: "Only print the selected cases, what they are expected to take, and why",
  },
  jobs: {
    kind: "parsed",
    parse: whole(1),
    optional: true,
    brief: "At most so many cases at a time; as many as the host has room for without it",
    placeholder: "n",
  },
  repeat: {
    kind: "parsed",
    parse: whole(1),
    optional: true,
    brief: "Run each case n times",
    placeholder: "n",
  },
  untilFail: {
    kind: "boolean",
    default: false,
    brief: "Run each case again and again until one fails (with --repeat, at most n times)",
  },
  failFast: { kind: "boolean", default: false, brief: "Start nothing more once a case has failed" },
  retries: {
    kind: "parsed",
    parse: whole(0),
    default: "0",
    brief: "Try a case again that the host failed; a pass is then still exit 7",
    placeholder: "n",
  },
  cached: {
    kind: "boolean",
    default: false,
    brief: "Answer from an earlier proof of the same inputs where its evidence verifies",
  },
  sample: {
    kind: "parsed",
    parse: percent,
    optional: true,
    brief: "With --cached: run this share of the answered cases again, such as 5%",
    placeholder: "p%",
  },
  seed: {
    kind: "parsed",
    parse: text,
    optional: true,
    brief: "With --sample: which cases, as an earlier run has printed it",
    placeholder: "text",
  },
  mutants: {
    kind: "boolean",
    default: false,
    brief:
      "After each proved case, change its record in every way that its proof should notice, and judge again",
  },
  record: {
    kind: "boolean",
    default: false,
    brief: "Keep a log of each boot, so that `capos replay` can run it again instruction for instruction",
  },
  freeze: {
    kind: "boolean",
    default: false,
    brief: "Pause a machine that fails its boot, and write down where every processor stands",
  },
  cold: {
    kind: "boolean",
    default: false,
    brief: "Power every machine on, also where a proof goes on from a shared boot",
  },
  watch: { kind: "boolean", default: false, brief: "Prove again whenever an input is saved, until Ctrl-C" },
} as const;

const exits = exitHelp({
  proved: true,
  notProved: true,
  usage: true,
  invalid: true,
  nothing: true,
  build: true,
  tool: true,
  host: true,
  bug: true,
  interrupted: true,
  terminated: true,
});

export const prove = buildCommand<ProveFlags, string[], CliContext>({
  docs: {
    brief: "Build, boot and judge proofs",
    fullDescription:
      "Builds the image of each proof, boots it as the proof declares, judges the serial console and stores the\n" +
      "run under .capos/runs/. A name may be a glob (run-s*) or a case (run-smoke@uefi, run-*@*+2cpu).\n" +
      "docs/matrix.md has more.\n\n" +
      `${exits}\n\n` +
      "  capos prove run-storage-persist\n" +
      "  capos prove run-storage-persist --boot direct,bios,uefi\n" +
      "  capos prove --all --reporter junit=report.xml --reporter html=report.html\n" +
      "  capos prove --all --tag '!slow' --shard 1/3\n" +
      "  capos prove --since origin/main --list",
  },
  parameters: {
    flags: {
      ...selectionFlags,
      ...runFlags,
      reporter: {
        kind: "parsed",
        parse: parseReporter,
        proposeCompletions: proposeWords(reporterWords),
        variadic: true,
        optional: true,
        brief:
          "May be given several times: auto, live (a terminal), plain (lines), json (events, one a line), github; junit=FILE, html=FILE, json=FILE",
        placeholder: "how",
      },
    },
    positional: selectionNames,
  },
  loader: async () => (await import("../run/prove.ts")).prove,
});
