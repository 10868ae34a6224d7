/** Task records and milestones: what is claimed, and closing it on evidence. */
export { taskCodes } from "./codes.ts";
export {
  type TaskRecord,
  type TaskStatus,
  type Requirement,
  type RequiredLandmark,
  statuses,
} from "./record.ts";
export { type Milestone } from "./milestone.ts";
export { type TaskTree, claimsOf, findMilestone, findTask, loadTasks, statusFile } from "./tree.ts";
export { type CurrentInputs, type Deps, type Git } from "./deps.ts";
export { type CloseDeps } from "./choose.ts";
export { type ClosePlan, closeTask, planClose } from "./close.ts";
export {
  type MilestoneClosed,
  type MilestoneStatus,
  closeMilestone,
  milestoneStatus,
  verifyAll,
} from "./close-milestone.ts";
export { type Stale, changedInputs, staleProofs } from "./stale.ts";
export { checkView, statusView } from "./view.ts";
