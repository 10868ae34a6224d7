import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { CliContext } from "./context.ts";

/** Completion must be instant, so names are taken from the file system, not from the evaluated tree. */
export function proposeProofs(this: CliContext, partial: string): string[] {
  return names(join(this.root, "proofs"), /^(run-[a-z0-9-]+)\.cue$/u, partial);
}

export function proposeImages(this: CliContext, partial: string): string[] {
  return names(join(this.root, "manifests"), /^([a-z0-9-]+)\.cue$/u, partial);
}

export function proposeTasks(this: CliContext, partial: string): string[] {
  return names(join(this.root, "tasks"), /^([a-z0-9-]+)\.md$/u, partial);
}

export function proposeMilestones(this: CliContext, partial: string): string[] {
  return names(join(this.root, "tasks/milestones"), /^([a-z0-9-]+)\.md$/u, partial);
}

/** The newest runs come first, as people mean them. */
export function proposeRuns(this: CliContext, partial: string): string[] {
  const runs = names(join(this.root, ".capos/runs"), /^([^.].*)$/u, partial).toReversed();
  return ["latest", "latest~1"].filter((name) => name.startsWith(partial)).concat(runs.slice(0, 20));
}

/** Runs in the cloud that have a journal here, the newest first. */
export function proposeCloudRuns(this: CliContext, partial: string): string[] {
  return names(join(this.root, ".capos/cloud"), /^(\d+-[0-9a-f]{4})\.jsonl$/u, partial).toReversed();
}

/** The words of a flag that takes one of a few. */
export function proposeWords(words: readonly string[]): (partial: string) => string[] {
  return (partial) => words.filter((word) => word.startsWith(partial));
}

function names(dir: string, pattern: RegExp, partial: string): string[] {
  let entries: string[];
  try {
    entries = readdirSync(dir);
  } catch {
    return [];
  }
  return entries
    .flatMap((entry) => pattern.exec(entry)?.[1] ?? [])
    .filter((name) => name.startsWith(partial))
    .toSorted();
}
