/**
 * Old runs are removed, so that `.capos` does not grow for ever. Never removed are runs that are still going, the
 * newest ones, and the newest proof of each case, which `capos task close` and cached verdicts need.
 */
import { existsSync, mkdirSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { lstat, readdir, readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { tryLock } from "../base/index.ts";
import { inspectCase } from "../evidence/index.ts";
import { removeDeadSockets } from "./inspect/dead-sockets.ts";

export interface PruneLimits {
  /** So many of the newest runs stay; of those with a failure, twice as many. */
  readonly keep: number;
  /** What all runs together may take of the disk; older ones go first. */
  readonly maxBytes: number;
}

export const pruneDefaults: PruneLimits = { keep: 100, maxBytes: 2 * 2 ** 30 };

/** A run so young may not have written anything yet by which it could be seen to be going. */
const youngMs = 10 * 60_000;
/** How often a run looks after the others. */
const everyMs = 10 * 60_000;

export interface OldRun {
  readonly run: string;
  readonly startedMs: number;
  readonly going: boolean;
  readonly failed: boolean;
  /** Cases that it has proved. */
  readonly proved: readonly string[];
  readonly bytes: number;
}

/** Which runs are to go. Pure; runs in any order. */
export function runsToRemove(runs: readonly OldRun[], limits: PruneLimits, nowMs: number): readonly OldRun[] {
  const newest = runs.toSorted((a, b) => b.startedMs - a.startedMs || (a.run < b.run ? 1 : -1));
  const shown = new Set<string>();
  const removable: OldRun[] = [];
  let bytes = 0;
  let failures = 0;
  const gone = new Set<OldRun>();
  for (const [place, run] of newest.entries()) {
    bytes += run.bytes;
    if (run.failed) failures += 1;
    const only = run.proved.filter((id) => !shown.has(id));
    for (const id of only) shown.add(id);
    if (run.going || only.length > 0 || nowMs - run.startedMs < youngMs) continue;
    removable.push(run);
    if (run.failed ? failures > 2 * limits.keep : place >= limits.keep) gone.add(run);
  }
  for (const run of gone) bytes -= run.bytes;
  for (const run of removable.toReversed()) {
    if (bytes <= limits.maxBytes) break;
    if (gone.has(run)) continue;
    gone.add(run);
    bytes -= run.bytes;
  }
  return newest.filter((run) => gone.has(run));
}

export interface Pruned {
  readonly removed: readonly OldRun[];
  readonly kept: number;
}

/** Removes what the limits do not let stay, or with `dry` only says what it would be. */
export async function pruneRuns(
  root: string,
  limits: PruneLimits,
  nowMs: number,
  dry = false,
): Promise<Pruned> {
  const runsDir = join(root, ".capos", "runs");
  const held = tryLock(join(root, ".capos", "locks", "prune"));
  if (held === undefined) return { removed: [], kept: 0 };
  try {
    const all: OldRun[] = [];
    for (const name of await namesIn(runsDir)) {
      const seconds = /^(\d{9,11})-[0-9a-f]{4}$/u.exec(name)?.[1];
      if (seconds !== undefined)
        all.push(await inspectRun(join(runsDir, name), name, Number(seconds) * 1000));
    }
    const removed = runsToRemove(all, limits, nowMs);
    if (!dry) {
      await removeDeadSockets(root);
      for (const { run } of removed) await rm(join(runsDir, run), { recursive: true, force: true });
    }
    return { removed, kept: all.length - removed.length };
  } finally {
    held.release();
  }
}

/** Looks after old runs from time to time, beside what the tool is doing; fails nothing. */
export async function pruneNowAndThen(root: string, nowMs: number): Promise<void> {
  const stamp = join(root, ".capos", "cache", "pruned");
  try {
    if (existsSync(stamp)) {
      if (nowMs - statSync(stamp).mtimeMs < everyMs) return;
      utimesSync(stamp, new Date(nowMs), new Date(nowMs));
    } else {
      mkdirSync(dirname(stamp), { recursive: true });
      writeFileSync(stamp, "");
    }
    await pruneRuns(root, pruneDefaults, nowMs);
  } catch {
    return;
  }
}

async function inspectRun(dir: string, run: string, startedMs: number): Promise<OldRun> {
  const proved: string[] = [];
  let going = false;
  let failed = false;
  for (const name of await namesIn(dir)) {
    if (!name.includes("@")) continue;
    const verdict = await verdictIn(join(dir, name));
    if (verdict === "proved") proved.push(name);
    else if (verdict !== undefined) failed = true;
    else {
      const state = inspectCase(join(dir, name));
      if (state.ok && state.value.state === "running") going = true;
      else failed = true;
    }
  }
  return { run, startedMs, going, failed, proved, bytes: await bytesBelow(dir) };
}

async function verdictIn(dir: string): Promise<string | undefined> {
  try {
    return /^ {2}"verdict": "([a-z-]+)"/mu.exec(await readFile(join(dir, "verdict.json"), "utf8"))?.[1];
  } catch {
    return undefined;
  }
}

/** What the files take of the disk: a sparse disk image of a GiB may take nothing. */
async function bytesBelow(path: string): Promise<number> {
  const stat = await lstat(path).catch(() => undefined);
  if (stat === undefined) return 0;
  if (!stat.isDirectory()) return stat.blocks * 512;
  let sum = 0;
  for (const name of await namesIn(path)) sum += await bytesBelow(join(path, name));
  return sum;
}

async function namesIn(dir: string): Promise<readonly string[]> {
  return readdir(dir).catch(() => []);
}
