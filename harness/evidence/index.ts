/** Evidence: what a run leaves behind, so that its verdict can be recomputed by a stranger. */
export { evidenceCodes } from "./codes.ts";
export {
  type BootDirectory,
  type BootStart,
  type CaseEnd,
  type CaseStart,
  type RunDirectory,
  openRunDirectory,
} from "./run-directory.ts";
export type {
  Boot,
  DeclaredInputs,
  Disks,
  Inputs,
  Started,
  StoredJudgement,
  VerdictRecord,
} from "./formats.ts";
export { type StoredProof, proofOf, storedProof } from "./proof-form.ts";
export { evidenceFolder, ledgerFolder } from "./layout.ts";
