export * from "./types.ts";
export { type Port, type Send, type SendTrigger, typingOf } from "./interaction.ts";
export * from "./peers.ts";
export type { SendOutput } from "./sending.ts";
export { BudgetMeter } from "./budget.ts";
export * from "./faults.ts";
export * from "./crash.ts";
export * from "./crash-history.ts";
export * from "./crash-states.ts";
export { recoveryProof } from "./check-crash.ts";
export { crashStatesAction, crashStatesStopped } from "./fault-tracker.ts";
export { type Awaiting, type BootJudge, createBootJudge } from "./boot.ts";
export type { JudgeOutput } from "./course.ts";
export {
  type BootJudgement,
  type Cause,
  type CauseKind,
  type ConsoleLine,
  type Judgement,
  judgeVersion,
  type LandmarkSeen,
} from "./judgement.ts";
export { judgeRun, judgeStored, judgeStoredBoot, type StoredBoot } from "./run.ts";
export { freshnessOf } from "./freshness.ts";
export { caposForeign, caposSpeech, describeExit, type Expectation } from "./speech.ts";
export { exitOf } from "./exit.ts";
export { compareTargets, type Target } from "./targets.ts";
export { matchText } from "./match-text.ts";
export { type Axes, atPoint, type Point, pointsOf, pointSuffix, showSize } from "./axes.ts";
export { checkPolicy, dayOf, isDay, type Quarantine, type Tolerance, toleranceOf } from "./policy.ts";
export { type Fork, parseFork, withFork } from "./snapshot.ts";
export { checkProof } from "./check.ts";
export { contractCodes } from "./codes.ts";
export { benchConsole, benchJudge, benchParts, benchProof } from "./bench.ts";
export { type Mutant, mutants, type MutantScore, scoreMutants } from "./mutants.ts";
export { isFlawless, type ToldScore, toldScore } from "./score.ts";
