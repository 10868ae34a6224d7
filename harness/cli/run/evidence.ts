import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { problem, type Problem } from "../../base/index.ts";
import {
  evidenceCodes,
  judgeAgain,
  ledgerHeads,
  openBundle,
  readLedger,
  signStatement,
  testResultStatement,
  type BundleReport,
  verifyBundle,
  verifyCase,
} from "../../evidence/index.ts";
import type { ExportFlags } from "../commands/evidence.ts";
import type { CliContext } from "../context.ts";

export async function verify(
  this: CliContext,
  _flags: Record<never, never>,
  ...files: string[]
): Promise<void> {
  if (files.length === 0) return verifyEverything(this);
  const reports = files
    .flatMap((file) => casesIn(resolve(file)))
    .map((file) => verifyOne(this, fromRoot(this, file)));
  const problems: Problem[] = [];
  for (const report of reports) {
    problems.push(...report.problems);
    for (const note of report.notes) this.print(`note: ${note}`);
    const stored = report.case;
    if (report.problems.length === 0 && stored !== undefined) {
      this.print(`sound: ${report.file}: ${stored.started.case.id} ${stored.verdict.verdict}`);
    }
  }
  if (problems.length > 0) this.report(problems);
}

/** The cases of a run's directory; anything else stands for itself. */
function casesIn(path: string): readonly string[] {
  if (!isDirectory(path)) return [path];
  if (existsSync(join(path, "started.json"))) return [path];
  const cases = readdirSync(path).filter((name) => existsSync(join(path, name, "started.json")));
  return cases.length === 0 ? [path] : cases.toSorted().map((name) => join(path, name));
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** A packed bundle, or the directory of a finished case. */
function verifyOne(context: CliContext, file: string): BundleReport {
  const check = isDirectory(join(context.root, file)) ? verifyCase : verifyBundle;
  return check(context.root, file, judgeAgain);
}

async function verifyEverything(context: CliContext): Promise<void> {
  const { verifyAll } = await import("../../tasks/index.ts");
  const report = verifyAll(context.root, judgeAgain);
  for (const note of report.notes) context.print(`note: ${note}`);
  if (report.problems.length > 0) return context.report(report.problems);
  const bundles = report.bundles.length === 1 ? "bundle is" : "bundles are";
  const entries = report.entries === 1 ? "entry" : "entries";
  context.print(
    `${report.bundles.length} ${bundles} sound, and so is the ledger of ${report.entries} ${entries}.`,
  );
}

export async function verifyLedgerCommand(this: CliContext): Promise<void> {
  return verifyEverything(this);
}

export function showLedger(this: CliContext): void {
  const ledger = readLedger(this.root);
  const heads = new Set(ledgerHeads(ledger));
  const entries = [...ledger.entries].toSorted(([, a], [, b]) => (a.entry.minute < b.entry.minute ? -1 : 1));
  for (const [digest, { entry }] of entries) {
    const mark = heads.has(digest) ? "*" : " ";
    this.print(
      `${mark} ${digest.slice(0, 16)}  ${entry.minute}  ${entry.task}  ${entry.proof}@${entry.path}  ${entry.verdict}`,
    );
  }
  if (ledger.problems.length > 0) this.report(ledger.problems);
}

export function show(this: CliContext, _flags: Record<never, never>, file: string): void {
  const opened = openBundle(this.root, fromRoot(this, file));
  if (!opened.ok) return this.report(opened.error);
  const { started, inputs, boots, judgement, verdict } = opened.value;
  this.print(
    `${started.case.id}: ${verdict.verdict} (judge ${judgement.judge}, freshness ${verdict.freshness})`,
  );
  this.print(`  run      ${started.run}, ${started.startedAt}, capos ${started.capos}`);
  this.print(`  system   ${inputs.systemDigest}`);
  this.print(`  image    ${inputs.image.digest} ${inputs.image.recipe["kind"] ?? ""}`);
  this.print(`  machine  ${inputs.target}, ${inputs.accelerator.used}: ${inputs.accelerator.reason}`);
  for (const [i, { boot, disks }] of boots.entries()) {
    this.print(`  boot ${boot.index}   ${boot.name}`);
    for (const landmark of judgement.boots[i]?.landmarks ?? []) {
      const captures = Object.entries(landmark.captures).map(([name, value]) => ` ${name}=${value}`);
      this.print(`    ${String(landmark.offset).padStart(7)}  ${landmark.name}${captures.join("")}`);
    }
    for (const [serial, disk] of Object.entries(disks)) {
      this.print(`    disk ${serial}: ${disk.before.slice(0, 16)} -> ${disk.after.slice(0, 16)}`);
    }
  }
}

export function exportStatement(this: CliContext, flags: ExportFlags, file: string): void {
  const report = verifyBundle(this.root, fromRoot(this, file), judgeAgain);
  if (report.case === undefined || report.problems.length > 0) return this.report(report.problems);
  const statement = testResultStatement(report.case, report.digest);
  if (flags.key === undefined) return this.print(statement);
  let key: string;
  try {
    key = readFileSync(flags.key, "utf8");
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return this.report([problem(evidenceCodes, "CAPOS_EVIDENCE_KEY", `the key cannot be read: ${why}`)]);
  }
  const signed = signStatement(statement, key);
  if (!signed.ok) return this.report(signed.error);
  this.print(signed.value);
}

/** Files are named from where the person stands; the rooms name them from the root. */
function fromRoot(context: CliContext, file: string): string {
  return relative(context.root, resolve(file)) || ".";
}
