import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
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

/** Open ones first. */
export function proposeAnyTask(this: CliContext, partial: string): string[] {
  const done = join(this.root, "tasks/done");
  const days = names(done, /^(\d{4}-\d{2}-\d{2})$/u, "");
  const closed = days.flatMap((day) => names(join(done, day), /^([a-z0-9-]+)\.md$/u, partial));
  return [...proposeTasks.call(this, partial), ...closed];
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

/** Bundles, as they are named from where the person stands. */
export function proposeBundles(this: CliContext, partial: string): string[] {
  const folder = join(this.root, "tasks/evidence");
  const paths = names(folder, /^([0-9a-f]+\.tar)$/u, "").map((name) =>
    relative(process.cwd(), join(folder, name)),
  );
  return paths.filter((path) => path.startsWith(partial));
}

/** Tags that proofs of the tree carry, and behind `!` those to leave out. */
export function proposeTags(this: CliContext, partial: string): string[] {
  const not = partial.startsWith("!") ? "!" : "";
  const folder = join(this.root, "proofs");
  const tags = names(folder, /^(run-.*\.cue)$/u, "").flatMap((file) => {
    const [, list = ""] = /^\s*tags:\s*\[([^\]]*)\]/mu.exec(readFileSync(join(folder, file), "utf8")) ?? [];
    return [...list.matchAll(/"([^"]+)"/gu)].map(([, tag]) => `${not}${tag}`);
  });
  return [...new Set(tags)].filter((tag) => tag.startsWith(partial)).toSorted();
}

/** Error codes, once somebody has begun one; before that, proofs. docs/errors.md is held to the code tables. */
export function proposeWhatToExplain(this: CliContext, partial: string): string[] {
  if (!/^C/iu.test(partial)) return proposeProofs.call(this, partial);
  const page = readFileSync(join(this.root, "docs/errors.md"), "utf8");
  const codes = [...page.matchAll(/^\| `(CAPOS_\w+)` \|/gmu)].map(([, code = ""]) => code);
  return codes.filter((code) => code.startsWith(partial.toUpperCase())).toSorted();
}

/** Boots of the proof, the run or the case that the words before speak of. */
export async function proposeBoots(this: CliContext, partial: string): Promise<string[]> {
  const { bootsMeant } = await import("./boots-meant.ts");
  return [...(await bootsMeant(this))].map(({ name }) => name).filter((name) => name.startsWith(partial));
}

/** Where a machine can be stopped: at landmarks of the boot that the words before speak of, or of any. */
export async function proposeStops(this: CliContext, partial: string): Promise<string[]> {
  const { bootsMeant } = await import("./boots-meant.ts");
  const { typed = [] } = this;
  const boot = typed.includes("--boot") ? typed[typed.indexOf("--boot") + 1] : undefined;
  const boots = (await bootsMeant(this)).filter(({ name }) => boot === undefined || name === boot);
  const stops = ["entry", "banner", ...boots.flatMap(({ landmarks }) => landmarks)];
  return [...new Set(stops)].filter((name) => name.startsWith(partial));
}

/** The words of a flag that takes one of a few. */
export function proposeWords(words: readonly string[]): (partial: string) => string[] {
  return (partial) => words.filter((word) => word.startsWith(partial));
}

/** The words of a flag that takes several of a few, separated by commas: each that is not there yet. */
export function proposeList(words: readonly string[]): (partial: string) => string[] {
  return (partial) => {
    const before = partial.slice(0, partial.lastIndexOf(",") + 1);
    const taken = before.split(",");
    return words
      .filter((word) => !taken.includes(word))
      .map((word) => `${before}${word}`)
      .filter((word) => word.startsWith(partial));
  };
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
