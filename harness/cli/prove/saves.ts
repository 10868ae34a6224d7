import { type FSWatcher, readdirSync, statSync, watch } from "node:fs";
import { join } from "node:path";

/** What proofs are made from: a save of any of these is a reason to prove again. */
const watched = ["kernel", "userspace", "manifests", "proofs", "cue.mod", "Cargo.toml", "Cargo.lock"];
const ignored = new Set(["target", "hosttests", "node_modules", ".git"]);
/** An editor writes a file in several steps, and a branch is changed in many. */
const settleMs = 120;
/** For file systems that tell nothing of their changes. */
const lookMs = 2_000;

/** Files of the watched trees by path, with what changes when they are written. */
export type Snapshot = ReadonlyMap<string, string>;

export function takeSnapshot(root: string): { readonly files: Snapshot; readonly dirs: readonly string[] } {
  const files = new Map<string, string>();
  const dirs: string[] = [];
  const visit = (path: string): void => {
    const full = join(root, path);
    const stat = statSync(full, { throwIfNoEntry: false });
    if (stat === undefined) return;
    if (!stat.isDirectory()) {
      if (!isScratch(path)) files.set(path, `${stat.size} ${stat.mtimeMs} ${stat.ino}`);
      return;
    }
    dirs.push(full);
    for (const name of namesIn(full)) if (!ignored.has(name)) visit(`${path}/${name}`);
  };
  for (const path of watched) visit(path);
  return { files, dirs };
}

/** Paths that differ between two snapshots, sorted. */
export function changedBetween(before: Snapshot, after: Snapshot): readonly string[] {
  const all = new Set([...before.keys(), ...after.keys()]);
  return [...all].filter((path) => before.get(path) !== after.get(path)).toSorted();
}

/** Resolves with what was saved since `before` once it has come to rest; with nothing when `stop` fires. */
export async function nextSave(
  root: string,
  before: Snapshot,
  stop: AbortSignal,
): Promise<readonly string[] | undefined> {
  const watchers: FSWatcher[] = [];
  let wake: () => void = () => {};
  const poll = setInterval(() => wake(), lookMs);
  const onAbort = (): void => wake();
  stop.addEventListener("abort", onAbort, { once: true });
  try {
    for (const dir of takeSnapshot(root).dirs) {
      const watcher = tryWatch(dir, () => wake());
      if (watcher !== undefined) watchers.push(watcher);
    }
    let seen = before;
    for (;;) {
      if (stop.aborted) return undefined;
      const { files } = takeSnapshot(root);
      const still = changedBetween(seen, files).length === 0;
      const changed = changedBetween(before, files);
      if (still && changed.length > 0) return changed;
      const pause = still ? undefined : setTimeout(() => wake(), settleMs);
      seen = files;
      await new Promise<void>((resolve) => (wake = resolve));
      clearTimeout(pause);
      // Several events come for each save: they are one.
      if (still) await new Promise((resolve) => setTimeout(resolve, settleMs));
    }
  } finally {
    clearInterval(poll);
    stop.removeEventListener("abort", onAbort);
    for (const watcher of watchers) watcher.close();
  }
}

/** What editors leave beside a file while they save it. */
function isScratch(path: string): boolean {
  return /(?:~|\.swp|\.swx|\.tmp|\/\.[^/]*|\/#[^/]*|\/4913)$/u.test(path);
}

function tryWatch(dir: string, changed: () => void): FSWatcher | undefined {
  try {
    // A folder that goes away is seen by what watches the one around it.
    return watch(dir, changed).on("error", () => {});
  } catch {
    return undefined;
  }
}

function namesIn(dir: string): readonly string[] {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
}
