export { recordable, recordProblems } from "./refuse.ts";
export { findRecordings, type RecordedBoot } from "./find.ts";
export {
  hostFailed,
  type ReplayContext,
  type Replayed,
  replayBoot,
  saveStart,
  startReplay,
} from "./replay.ts";
