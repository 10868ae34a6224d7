export { type Result, type Ok, type Err, ok, err, fail, unreachable } from "./result.ts";
export {
  type CodeInfo,
  type CodeTable,
  type ExitName,
  type Problem,
  type ProblemExtras,
  defineCodes,
  exitCodes,
  problem,
} from "./problem.ts";
export { type Span, showSource, showSpan } from "./span.ts";
export { showProblems, sourcesBelow } from "./print.ts";
export { type Clock, systemClock } from "./clock.ts";
export { canonicalJson, sha256 } from "./digest.ts";
export { writeFileAtomic } from "./files.ts";
export { makeFolder } from "./folder.ts";
export { keepNewest } from "./newest.ts";
export { copySparse } from "./sparse.ts";
export { type Lock, lock, tryLock } from "./lock.ts";
export { editDistance, nearest } from "./nearest.ts";
