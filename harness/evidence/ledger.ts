/**
 * The ledger: one file for each bundle that closed something, named by the SHA-256 of its own bytes and
 * naming the entries before it. Two branches add different files and so merge without conflict; the next
 * entry then names both heads.
 */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { type Problem, problem, sha256 } from "../base/index.ts";
import { verdicts } from "../contract/index.ts";
import { canonicalText, parseCanonical } from "./canonical.ts";
import { evidenceCodes } from "./codes.ts";
import * as d from "./decode.ts";
import { ledgerFolder } from "./layout.ts";

export const utcMinute = d.matching(
  /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}Z$/u,
  "a UTC minute such as 2026-01-31T12:00Z",
);
export const commitId = d.matching(/^[0-9a-f]{40}([0-9a-f]{24})?$/u, "a full commit id");

const entryDecoder = d.object({
  v: d.oneOf([1]),
  /** Entries that had no successor when this one was made, sorted. */
  parents: d.array(d.hex64),
  bundle: d.hex64,
  task: d.string,
  proof: d.string,
  path: d.string,
  verdict: d.oneOf(verdicts),
  /** The commit whose tree the bundle proves. */
  commit: commitId,
  minute: utcMinute,
  /** Version of the tool that ran the case. */
  tool: d.string,
});
export type LedgerEntry = d.Decoded<typeof entryDecoder>;

export interface LedgerFile {
  readonly digest: string;
  /** Relative to the project root. */
  readonly file: string;
  readonly text: string;
  readonly entry: LedgerEntry;
}

/** The file of an entry. */
export function ledgerFile(entry: Omit<LedgerEntry, "v">): LedgerFile {
  const full: LedgerEntry = { v: 1, ...entry, parents: entry.parents.toSorted() };
  const text = canonicalText(full);
  const digest = sha256(text);
  return { digest, file: `${ledgerFolder}/${digest}.json`, text, entry: full };
}

export interface Ledger {
  /** Entries whose bytes are those that their names state, by digest. */
  readonly entries: ReadonlyMap<string, LedgerFile>;
  readonly problems: readonly Problem[];
}

/** Reads every file of the ledger. An absent folder is an empty ledger. */
export function readLedger(root: string): Ledger {
  const entries = new Map<string, LedgerFile>();
  const problems: Problem[] = [];
  for (const name of filesOf(root, ledgerFolder)) {
    const file = `${ledgerFolder}/${name}`;
    const named = /^([0-9a-f]{64})\.json$/u.exec(name)?.[1];
    if (named === undefined) {
      problems.push(problem(evidenceCodes, "CAPOS_LEDGER_STRAY", `${file} is not a ledger entry`));
      continue;
    }
    const bytes = readIfFile(join(root, file));
    if (bytes === undefined) {
      problems.push(problem(evidenceCodes, "CAPOS_LEDGER_STRAY", `${file} cannot be read`));
      continue;
    }
    const text = bytes.toString("utf8");
    const parsed = parseCanonical(entryDecoder, text, file);
    if (!parsed.ok) problems.push(...parsed.error);
    const digest = sha256(bytes);
    if (digest !== named) {
      const span = { file, line: 1, col: 1 };
      const message = `${file} has been changed: its digest is ${digest}`;
      problems.push(problem(evidenceCodes, "CAPOS_LEDGER_CHANGED", message, { span }));
    }
    // A changed entry stays in the walk, so that the line that no longer fits is named as well.
    if (parsed.ok) entries.set(named, { digest: named, file, text, entry: parsed.value });
  }
  return { entries, problems };
}

/** Entries that no other names: the parents of the next one. */
export function ledgerHeads(ledger: Ledger): readonly string[] {
  const named = new Set([...ledger.entries.values()].flatMap((e) => e.entry.parents));
  return [...ledger.entries.keys()].filter((digest) => !named.has(digest)).toSorted();
}

/** Names in a folder below the root, sorted; empty when there is no such folder. */
export function filesOf(root: string, folder: string): readonly string[] {
  try {
    return readdirSync(join(root, folder)).toSorted();
  } catch {
    return [];
  }
}

function readIfFile(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}
