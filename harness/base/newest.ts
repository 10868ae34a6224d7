import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";

/**
 * Removes all but the `count` entries of a folder that were changed last, so that a cache of things that can be made again
 * has a bound. Only names that `isOne` knows are counted; never throws.
 */
export function keepNewest(dir: string, count: number, isOne: (name: string) => boolean): void {
  try {
    const entries = readdirSync(dir)
      .filter(isOne)
      .map((name) => ({ path: join(dir, name), at: statSync(join(dir, name)).mtimeMs }))
      .toSorted((a, b) => b.at - a.at);
    for (const { path } of entries.slice(count)) rmSync(path, { recursive: true, force: true });
  } catch {
    // Somebody else tidies up as well.
  }
}
