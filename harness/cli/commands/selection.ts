import { proposeList, proposeMilestones, proposeProofs, proposeTags } from "../names.ts";
import { list, part, tag, text } from "../parse.ts";

/** Which cases are meant; `prove` and `plan` take the same words for it. */
export interface SelectionFlags {
  readonly boot?: readonly ("direct" | "bios" | "uefi" | "all")[];
  readonly all: boolean;
  readonly tag?: readonly string[];
  readonly milestone?: string;
  readonly since?: string;
  readonly failed: boolean;
  readonly also?: readonly string[];
  readonly shard?: { readonly index: number; readonly of: number };
  readonly history?: string;
}

export const selectionFlags = {
  boot: {
    kind: "parsed",
    parse: list(["direct", "bios", "uefi", "all"]),
    proposeCompletions: proposeList(["direct", "bios", "uefi", "all"]),
    brief: "Boot paths, separated by commas, or all; the proof's first without it",
    placeholder: "paths",
    optional: true,
  },
  all: {
    kind: "boolean",
    default: false,
    brief: "Every point of the matrix; without names, of every proof that is meant to pass",
  },
  tag: {
    kind: "parsed",
    parse: tag,
    proposeCompletions: proposeTags,
    variadic: true,
    optional: true,
    brief: "Proofs with this tag, or with !T without it; may be given several times",
    placeholder: "T",
  },
  milestone: {
    kind: "parsed",
    parse: text,
    optional: true,
    brief: "What the tasks of a milestone close on",
    placeholder: "id",
    proposeCompletions: proposeMilestones,
  },
  since: {
    kind: "parsed",
    parse: text,
    optional: true,
    brief: "Proofs whose inputs have changed since a git revision",
    placeholder: "rev",
  },
  failed: { kind: "boolean", default: false, brief: "What was not proved in the last run" },
  also: {
    kind: "parsed",
    parse: text,
    variadic: true,
    optional: true,
    brief: "This proof or case too, whatever the other words leave; so a selection by change is never empty",
    placeholder: "name",
    proposeCompletions: proposeProofs,
  },
  shard: {
    kind: "parsed",
    parse: part,
    optional: true,
    brief: "One part of the selection, balanced by duration, such as 1/3",
    placeholder: "i/n",
  },
  history: {
    kind: "parsed",
    parse: text,
    optional: true,
    brief: "Take durations from this file instead of .capos/history.jsonl",
    placeholder: "file",
  },
} as const;

/** The names behind them. */
export const selectionNames = {
  kind: "array",
  parameter: {
    brief: "Name of a proof, a glob, or a case",
    parse: text,
    placeholder: "proof",
    proposeCompletions: proposeProofs,
  },
} as const;
