import { buildCommand, buildRouteMap } from "@stricli/core";
import type { CliContext } from "../context.ts";
import { proposeRuns } from "../names.ts";
import { text } from "../parse.ts";

const file = (brief: string) =>
  ({ kind: "parsed", parse: text, optional: true, brief, placeholder: "file" }) as const;

const run = {
  brief: "Run: its name or the beginning of it, latest, latest~1, or a path to its directory or events.jsonl",
  parse: text,
  placeholder: "run",
  proposeCompletions: proposeRuns,
} as const;

export interface ShowFlags {
  readonly html?: string;
  readonly junit?: string;
  readonly json: boolean;
  readonly earlier?: readonly string[];
}

const outputs = {
  html: file("Write one self-contained HTML file"),
  junit: file("Write JUnit XML"),
  json: { kind: "boolean", default: false, brief: "Print the report as JSON instead of text" },
} as const;

const earlier = {
  kind: "parsed",
  parse: text,
  variadic: true,
  optional: true,
  brief: "Take this run into the page's history, too; may be given several times",
  placeholder: "run",
  proposeCompletions: proposeRuns,
} as const;

const show = buildCommand<ShowFlags, [string], CliContext>({
  docs: {
    brief: "Show a stored run again: as text, HTML, JUnit XML or JSON",
    fullDescription:
      "Reads the run's events and what its evidence adds to them. A run that died is shown as far as it came.\n" +
      "The exit code says whether the report could be made, not what the run's verdicts were.\n\n" +
      "  capos report show latest --html report.html",
  },
  parameters: { flags: { ...outputs, earlier }, positional: { kind: "tuple", parameters: [run] } },
  loader: async () => (await import("../run/report.ts")).show,
});

export interface MergeFlags extends ShowFlags {
  readonly out: string;
}

const merge = buildCommand<MergeFlags, string[], CliContext>({
  docs: {
    brief: "Merge the shards of a run into one, with one report and one exit code",
    fullDescription:
      "Shards are directories of runs, or their event streams. The result is a directory like that of any run.\n" +
      "Two shards that ended the same case are refused. The exit code is that of the whole run: the first of\n" +
      "70, 7, 130, 143, 6, 5, 3, 2, 1, 0, 4 among the shards'; a shard that died counts as 7.\n\n" +
      "  capos report merge shard-1 shard-2 -o merged --html report.html --junit report.xml",
  },
  parameters: {
    flags: {
      ...outputs,
      earlier,
      out: { kind: "parsed", parse: text, brief: "Directory to make", placeholder: "directory" },
    },
    aliases: { o: "out" },
    positional: { kind: "array", minimum: 1, parameter: run },
  },
  loader: async () => (await import("../run/report.ts")).merge,
});

export interface CompareFlags {
  readonly html?: string;
  readonly json: boolean;
}

const compare = buildCommand<CompareFlags, [string, string], CliContext>({
  docs: {
    brief: "Compare two runs: verdicts, landmark times, captures, consoles",
    fullDescription: "  capos report compare latest~1 latest --html compare.html",
  },
  parameters: {
    flags: { html: outputs.html, json: outputs.json },
    positional: { kind: "tuple", parameters: [run, run] },
  },
  loader: async () => (await import("../run/report.ts")).compare,
});

export const report = buildRouteMap<"show" | "merge" | "compare", CliContext>({
  routes: { show, merge, compare },
  docs: { brief: "Reports of stored runs: show, merge, compare" },
});
