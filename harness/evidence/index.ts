/** Evidence: what a run leaves behind, so that its verdict can be recomputed by a stranger. */
export { canonicalText } from "./canonical.ts";
export { evidenceCodes } from "./codes.ts";
export {
  type BootDirectory,
  type BootStart,
  type CaseEnd,
  type CaseStart,
  type RunDirectory,
  openRunDirectory,
} from "./run-directory.ts";
export {
  type Boot,
  type DeclaredInputs,
  type Disks,
  type Inputs,
  type Started,
  type StoredJudgement,
  type VerdictRecord,
  declaredInputs,
} from "./formats.ts";
export { type StoredProof, proofOf, storedProof } from "./proof-form.ts";
export { type StoredBoot, type StoredCase } from "./stored-case.ts";
export { joinTimeline, timelineLine } from "./timeline.ts";
export { type CaseState, findCases, inspectCase, packCase } from "./read-directory.ts";
export { brokenSeals } from "./seal.ts";
export { type BootGlance, type CaseGlance, glanceAtCase } from "./glance.ts";
export { type Files, type PackedBundle, readBundle } from "./bundle.ts";
export { type JudgedCase, type Rejudge, judgeAgain, judgedCase, storedJudgement } from "./judge.ts";
export { type BundleReport, compareJudgements, openBundle, verifyBundle, verifyCase } from "./verify.ts";
export {
  type Ledger,
  type LedgerEntry,
  type LedgerFile,
  ledgerFile,
  ledgerHeads,
  readLedger,
} from "./ledger.ts";
export { type Claim, type LedgerReport, verifyLedger } from "./verify-ledger.ts";
export { openEnvelope, signStatement, testResultStatement } from "./statement.ts";
export { evidenceFolder, ledgerFolder } from "./layout.ts";
