import type { Case, Expected } from "../../prove/index.ts";
import { longestFirst, splitEvenly } from "../../prove/index.ts";
import type { SelectionFlags } from "../commands/selection.ts";
import { seconds } from "./list.ts";
import { expectedMs } from "./select.ts";

/** What `capos plan --format json` prints; docs/ci.md describes it, and it only grows. */
export interface PlanForm {
  readonly v: 1;
  readonly capos: string;
  readonly cases: readonly PlannedCase[];
  readonly shards: readonly PlannedShard[];
}

export interface PlannedCase {
  readonly id: string;
  readonly proof: string;
  readonly path: string;
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly accelerator: string;
  readonly tags: readonly string[];
  readonly expectedMs: number;
  /** Whether the duration was measured; otherwise it is the median of the others. */
  readonly measured: boolean;
  /** Counts from 1. */
  readonly shard: number;
}

export interface PlannedShard {
  readonly shard: number;
  readonly of: number;
  /** If its cases ran one after the other. */
  readonly expectedMs: number;
  /** The longest first. */
  readonly cases: readonly string[];
  /** Words behind `capos` that run exactly these. */
  readonly argv: readonly string[];
}

export interface PlanRequest {
  readonly cases: readonly Case[];
  readonly expected: Expected;
  readonly shards: number;
  readonly capos: string;
  /** Words of the selection, without a shard. */
  readonly words: readonly string[];
}

/** Divides the cases; no more shards than there are cases, so that none is empty. */
export function planForm({ cases, expected, shards, capos, words }: PlanRequest): PlanForm {
  const ms = (one: Case): number => expectedMs(one, expected);
  const key = (one: Case): string => one.ref.id;
  const of = Math.min(shards, cases.length);
  const parts = splitEvenly(cases, of, key, ms);
  const planned = parts.flatMap((part, i) =>
    part.map((one): PlannedCase => ({
      id: one.ref.id,
      proof: one.ref.proof,
      path: one.path,
      cpus: one.proof.machine.cpus,
      memoryBytes: one.proof.machine.memoryBytes,
      accelerator: one.proof.machine.accel,
      tags: one.proof.tags,
      expectedMs: ms(one),
      measured: isMeasured(one, expected),
      shard: i + 1,
    })),
  );
  return {
    v: 1,
    capos,
    cases: longestFirst(
      planned,
      (one) => one.id,
      (one) => one.expectedMs,
    ),
    shards: parts.map((part, i) => ({
      shard: i + 1,
      of,
      expectedMs: part.reduce((sum, one) => sum + ms(one), 0),
      cases: part.map(key),
      argv: ["prove", ...words, ...(of > 1 ? ["--shard", `${i + 1}/${of}`] : [])],
    })),
  };
}

/** Whether a case was ever run here, with any accelerator. */
export function isMeasured(one: Case, expected: Expected): boolean {
  const { id } = one.ref;
  return [id, `${id}+kvm`, `${id}+tcg`].some((name) => expected(name).measured);
}

/** The words that make this selection again, but for its shard. */
export function wordsOf(flags: SelectionFlags, names: readonly string[]): readonly string[] {
  const { all, boot, tag = [], milestone, since, failed, also = [], history } = flags;
  return [
    ...names,
    ...(all ? ["--all"] : []),
    ...(boot === undefined ? [] : ["--boot", boot.join(",")]),
    ...tag.flatMap((t) => ["--tag", t]),
    ...(milestone === undefined ? [] : ["--milestone", milestone]),
    ...(since === undefined ? [] : ["--since", since]),
    ...(failed ? ["--failed"] : []),
    ...also.flatMap((name) => ["--also", name]),
    ...(history === undefined ? [] : ["--history", history]),
  ];
}

/** The value of `strategy.matrix` of a GitHub workflow: one job a shard. */
export function githubMatrix({ shards }: PlanForm): unknown {
  const include = shards.map(({ shard, of, cases, expectedMs: ms, argv }) => ({
    shard,
    of,
    name: `${shard} of ${of}`,
    cases: cases.length,
    seconds: Math.ceil(ms / 1000),
    select: argv.slice(1).map(quoted).join(" "),
  }));
  return { include };
}

export function planText({ cases, shards }: PlanForm): string {
  const width = Math.max("CASE".length, ...cases.map(({ id }) => id.length));
  const blocks = shards.map(({ shard, of, expectedMs: ms, cases: ids, argv }) => {
    const rows = ids.map((id) => {
      const one = cases.find((c) => c.id === id);
      const time = `${one?.measured === true ? "" : "~"}${seconds(one?.expectedMs ?? 0)}`;
      return `${time.padStart(9)}  ${id.padEnd(width)}`.trimEnd();
    });
    return [`shard ${shard} of ${of}, ${seconds(ms)}: capos ${argv.map(quoted).join(" ")}`, ...rows].join(
      "\n",
    );
  });
  const sum = shards.reduce((all, { expectedMs: ms }) => all + ms, 0);
  const count = cases.length === 1 ? "1 case" : `${cases.length} cases`;
  return `${blocks.join("\n\n")}\n\n${count}, ${seconds(sum)} if they ran one after the other.`;
}

/** A word as a shell reads it. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/u.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
