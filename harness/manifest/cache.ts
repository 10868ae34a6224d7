import { readFileSync } from "node:fs";
import { join } from "node:path";
import { canonicalJson, sha256, writeFileAtomic } from "../base/index.ts";
import { engineDigests } from "./engine-pins.ts";
import type { Evaluation } from "./evaluate.ts";
import type { CuePackage } from "./package.ts";

/** Changes when the stored form, or anything that decides a value besides the inputs below, changes. */
const format = 1;

/** SHA-256 over everything that decides a package's value and its positions. */
export function packageKey(pkg: CuePackage): string {
  const files = [...pkg.files, pkg.binding, ...pkg.imported.flatMap((p) => p.files)];
  return sha256(
    canonicalJson({
      format,
      engines: engineDigests,
      module: pkg.module,
      files: files.map((f) => [f.path, f.sha256]).toSorted(([a = ""], [b = ""]) => (a < b ? -1 : 1)),
      imported: pkg.imported.map((p) => [p.path, p.name]),
    }),
  );
}

/** The stored evaluation, or undefined when there is none that is whole. */
export function readCached(root: string, key: string): Evaluation | undefined {
  try {
    const text = readFileSync(cachePath(root, key), "utf8");
    const body = text.slice(65);
    // A cache that was damaged on disk is as good as none.
    if (sha256(body) !== text.slice(0, 64)) return undefined;
    const stored: Evaluation = JSON.parse(body);
    return stored;
  } catch {
    return undefined;
  }
}

/** Stores an evaluation. A disk that takes no more costs the next run its cache, not this one its result. */
export function writeCached(root: string, key: string, { value, positions }: Evaluation): void {
  const body = JSON.stringify({ value, positions });
  try {
    writeFileAtomic(cachePath(root, key), `${sha256(body)}\n${body}`);
  } catch {
    return;
  }
}

function cachePath(root: string, key: string): string {
  return join(root, ".capos/cache/cue", `${key}.json`);
}
