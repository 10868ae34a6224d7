import { createHash } from "node:crypto";
import { closeSync, openSync, readFileSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import { sha256, writeFileAtomic } from "../../base/index.ts";
import type { StoredObject } from "../store.ts";

const chunkBytes = 1 << 20;

/** SHA-256 of a file of any size. Throws what the file system throws. */
export function digestFile(path: string): string {
  const hash = createHash("sha256");
  const chunk = new Uint8Array(chunkBytes);
  const fd = openSync(path, "r");
  try {
    for (let n = readSync(fd, chunk); n > 0; n = readSync(fd, chunk)) hash.update(chunk.subarray(0, n));
    return hash.digest("hex");
  } finally {
    closeSync(fd);
  }
}

/**
 * A file of the tree, by content and where it lies: a raw disk may be larger than memory, so it is neither copied nor
 * read again while its size and time stay. Undefined when it is not a file that can be read.
 */
export function treeFile(root: string, cacheDir: string, path: string): StoredObject | undefined {
  const full = join(root, path);
  try {
    const found = statSync(full);
    if (!found.isFile()) return undefined;
    const stamp = `${found.size} ${found.mtimeMs}`;
    // By the whole path: trees may share a cache.
    const note = join(cacheDir, "digests", `${sha256(full).slice(0, 16)}.json`);
    const kept = readKept(note, stamp);
    const digest = kept ?? digestFile(full);
    if (kept === undefined)
      writeFileAtomic(note, JSON.stringify({ stamp, sha256: digest }), { flush: false });
    return { sha256: digest, bytes: found.size, path: full };
  } catch {
    return undefined;
  }
}

/** The first bytes of a file, as many as there are up to `count`. */
export function readHead(path: string, count: number): Uint8Array {
  const fd = openSync(path, "r");
  try {
    const head = new Uint8Array(count);
    return head.subarray(0, readSync(fd, head));
  } finally {
    closeSync(fd);
  }
}

function readKept(note: string, stamp: string): string | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(note, "utf8"));
    if (typeof value !== "object" || value === null || !("stamp" in value) || !("sha256" in value))
      return undefined;
    return value.stamp === stamp && typeof value.sha256 === "string" ? value.sha256 : undefined;
  } catch {
    return undefined;
  }
}
