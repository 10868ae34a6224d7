/** What closing needs of the world around the records; passed in, so that tests own it. */
import { join } from "node:path";
import { type Problem, type Result, err, lock, problem } from "../base/index.ts";
import type { DeclaredInputs, Rejudge } from "../evidence/index.ts";
import { taskCodes } from "./codes.ts";

/** The digest of what a proof declares as its inputs, on one boot path, as the tree stands now. */
export type CurrentInputs = (proof: string, path: string) => Promise<Result<DeclaredInputs>>;

/** Runs git in the project root with these arguments and returns its standard output. */
export type Git = (args: readonly string[]) => Promise<Result<string>>;

export interface Deps {
  readonly rejudge: Rejudge;
  readonly current: CurrentInputs;
  readonly git: Git;
  /** Milliseconds since 1970, UTC. */
  now(): number;
}

/** The commit that the tree is, or why it is none: everything outside `tasks/` must be committed. */
export async function cleanCommit(git: Git): Promise<Result<string>> {
  const status = await git(["status", "--porcelain=v1", "-z", "--untracked-files=all", "--no-renames"]);
  if (!status.ok) return status;
  // git names paths from the top of its checkout, in which the project may be a folder.
  const prefix = await git(["rev-parse", "--show-prefix"]);
  if (!prefix.ok) return prefix;
  const own = `${prefix.value.trimEnd()}tasks/`;
  const changed = status.value
    .split("\0")
    .filter((entry) => entry !== "")
    .map((entry) => entry.slice(3))
    .filter((path) => !path.startsWith(own));
  if (changed.length > 0) {
    const shown = changed.slice(0, 5).join(", ");
    const more = changed.length > 5 ? ` and ${changed.length - 5} more` : "";
    return refuse("CAPOS_TASK_DIRTY", `the tree has changes outside tasks/: ${shown}${more}`);
  }
  const head = await git(["rev-parse", "HEAD"]);
  if (!head.ok) return head;
  const commit = head.value.trim();
  if (/^[0-9a-f]{40}([0-9a-f]{24})?$/u.test(commit)) return { ok: true, value: commit };
  return refuse("CAPOS_TASK_GIT", `git names the commit ${JSON.stringify(commit)}`);
}

/** Runs an action while no other process changes the records; two closings at once take turns. */
export async function withRecordsLocked<T>(
  root: string,
  action: () => Promise<Result<T>>,
): Promise<Result<T>> {
  const held = await lock(join(root, ".capos/locks/tasks"), 30_000);
  if (held === undefined)
    return refuse("CAPOS_TASK_BUSY", "another process has been changing the records for 30 seconds");
  try {
    return await action();
  } finally {
    held.release();
  }
}

/** `2026-01-31T12:00Z` */
export function utcMinuteOf(now: number): string {
  return `${new Date(now).toISOString().slice(0, 16)}Z`;
}

function refuse(code: keyof typeof taskCodes, message: string): Result<never> {
  return err<readonly Problem[]>([problem(taskCodes, code, message)]);
}
