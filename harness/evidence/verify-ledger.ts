/** Verification of everything that is stored: the ledger, the bundles it names, and the claims made on them. */
import { type Problem, type Span, problem } from "../base/index.ts";
import { spanOf } from "./canonical.ts";
import { evidenceCodes } from "./codes.ts";
import { evidenceFolder, ledgerFolder } from "./layout.ts";
import { type LedgerFile, filesOf, readLedger } from "./ledger.ts";
import type { Rejudge } from "./judge.ts";
import { type BundleReport, verifyBundle } from "./verify.ts";

/** What a closed task record says of a bundle. */
export interface Claim {
  readonly bundle: string;
  readonly task: string;
  readonly commit: string;
  readonly minute: string;
  readonly span: Span;
}

export interface LedgerReport {
  readonly entries: number;
  readonly bundles: readonly BundleReport[];
  /** Those of the ledger and of all bundles. */
  readonly problems: readonly Problem[];
  readonly notes: readonly string[];
}

/** Walks ledger and evidence below `root`; `claims`, when given, must match the entries in both directions. */
export function verifyLedger(root: string, rejudge: Rejudge, claims?: readonly Claim[]): LedgerReport {
  const ledger = readLedger(root);
  const problems: Problem[] = [...ledger.problems];
  const bundles = new Map<string, BundleReport>();
  const named = new Set([...ledger.entries.values()].map((e) => e.entry.bundle));
  for (const name of filesOf(root, evidenceFolder)) {
    const file = `${evidenceFolder}/${name}`;
    const digest = /^([0-9a-f]{64})\.tar$/u.exec(name)?.[1];
    if (digest === undefined || !named.has(digest)) {
      problems.push(problem(evidenceCodes, "CAPOS_LEDGER_STRAY", `${file} belongs to no ledger entry`));
    }
    if (digest !== undefined) bundles.set(digest, verifyBundle(root, file, rejudge));
  }

  for (const entry of ledger.entries.values()) {
    for (const [i, parent] of entry.entry.parents.entries()) {
      if (!ledger.entries.has(parent))
        problems.push(missing(entry, `$.parents[${i}]`, `${ledgerFolder}/${parent}.json`));
    }
    const bundle = bundles.get(entry.entry.bundle);
    if (bundle === undefined) {
      problems.push(missing(entry, "$.bundle", `${evidenceFolder}/${entry.entry.bundle}.tar`));
    } else problems.push(...disagreements(entry, bundle));
    if (claims !== undefined) problems.push(...unclaimed(entry, claims));
  }
  for (const claim of claims ?? []) {
    const backed = [...ledger.entries.values()].some(
      (e) => e.entry.bundle === claim.bundle && e.entry.task === claim.task,
    );
    if (!backed) {
      const message = `no ledger entry gives bundle ${claim.bundle} to task ${claim.task}`;
      problems.push(problem(evidenceCodes, "CAPOS_LEDGER_MISSING", message, { span: claim.span }));
    }
  }
  const reports = [...bundles.values()];
  return {
    entries: ledger.entries.size,
    bundles: reports,
    problems: [...problems, ...reports.flatMap((b) => b.problems)],
    notes: reports.flatMap((b) => b.notes),
  };
}

/** Each line of an entry repeats what stands in its bundle. */
function disagreements({ entry, file }: LedgerFile, bundle: BundleReport): readonly Problem[] {
  if (bundle.case === undefined) return [];
  const { started, verdict } = bundle.case;
  const stated = [
    ["proof", entry.proof, started.case.proof],
    ["path", entry.path, started.case.path],
    ["verdict", entry.verdict, verdict.verdict],
    ["tool", entry.tool, started.capos],
  ] as const;
  return stated
    .filter(([, says, is]) => says !== is)
    .map(([key, says, is]) =>
      problem(
        evidenceCodes,
        "CAPOS_LEDGER_CHANGED",
        `${file} says ${key} ${says}, and its bundle says ${is}`,
        {
          span: spanOf(entry, `$.${key}`, file),
        },
      ),
    );
}

/** Task, commit and minute stand in the closed record too. */
function unclaimed({ entry, file }: LedgerFile, claims: readonly Claim[]): readonly Problem[] {
  const claim = claims.find((c) => c.bundle === entry.bundle && c.task === entry.task);
  if (claim === undefined) {
    const message = `${file} gives its bundle to task ${entry.task}, whose record does not name it`;
    const span = spanOf(entry, "$.task", file);
    return [problem(evidenceCodes, "CAPOS_LEDGER_CHANGED", message, { span })];
  }
  return (["commit", "minute"] as const)
    .filter((key) => claim[key] !== entry[key])
    .map((key) =>
      problem(
        evidenceCodes,
        "CAPOS_LEDGER_CHANGED",
        `${file} says ${key} ${entry[key]}, and the record says ${claim[key]}`,
        {
          span: spanOf(entry, `$.${key}`, file),
          related: [{ span: claim.span, message: "the record" }],
        },
      ),
    );
}

function missing(entry: LedgerFile, path: string, file: string): Problem {
  const span = spanOf(entry.entry, path, entry.file);
  return problem(evidenceCodes, "CAPOS_LEDGER_MISSING", `${entry.file} names ${file}, which is not there`, {
    span,
  });
}
