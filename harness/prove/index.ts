export { proveCodes } from "./codes.ts";
export { baseRef, type Case, matrixOf, type PathChoice, type PlacedCase, planCases } from "./plan.ts";
export {
  counterexample,
  type Filter,
  proofsToLoad,
  selectCases,
  tagFilter,
  type Wanted,
} from "./select/select.ts";
export { type ChangesContext, sinceFilter } from "./select/changes.ts";
export { longestFirst, type Shard, splitEvenly } from "./shard.ts";
export { type Expectation, type Expected, expectedFrom } from "./history/durations.ts";
export { appendHistory, historyFile, readHistory } from "./history/file.ts";
export { readGivenHistory } from "./history/given.ts";
export { type Flake, readFlakes } from "./history/flakes.ts";
export type { HistoryRecord } from "./history/record.ts";
export { type CacheAnswer, cachedVerdict } from "./history/cached.ts";
export type { CacheOptions } from "./cached.ts";
export { underOf } from "./recording.ts";
export { type Amount, readHost } from "./schedule/host.ts";
export { type Pruned, pruneDefaults, pruneNowAndThen, pruneRuns } from "./prune.ts";
export { type Artifact, type ArtifactContext, type ArtifactSource, artifactSource } from "./artifacts.ts";
export { type CaseContext, type CaseResult, runCase } from "./case.ts";
export { type Machines, openEmulator, openMachines } from "./machines.ts";
export { type RunContext, type RunResult, runCases } from "./run.ts";
export { createEmitter } from "./emitter.ts";
export { emitProblems } from "./problems.ts";
export { declaredFor, declaredNow } from "./inputs.ts";
export type { Stopped } from "./debug/companion.ts";
export type { Extras } from "./extras.ts";
export type { Frozen } from "./freeze/freeze.ts";
export { loadInspect, loadReplay } from "./lazy.ts";
