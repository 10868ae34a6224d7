import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { sha256 } from "../base/index.ts";

/** The trees and files from which the kernel and every program are compiled. */
const compiled = ["Cargo.toml", "Cargo.lock", "kernel", "userspace"];
const ignored = new Set(["target", "hosttests"]);

/**
 * SHA-256 of every source file that the compiler may read, by path relative to the root. Read whole and
 * synchronously: for a few hundred small files that is several times faster than streams.
 */
export function sourceDigests(root: string): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const top of compiled) collect(root, top, found);
  return found;
}

function collect(root: string, path: string, found: Record<string, string>): void {
  const full = join(root, path);
  let entries;
  try {
    entries = readdirSync(full, { withFileTypes: true });
  } catch (error) {
    if (isErrno(error, "ENOENT")) return;
    if (!isErrno(error, "ENOTDIR")) throw error;
    found[path] = sha256(readFileSync(full));
    return;
  }
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    if (ignored.has(entry.name)) continue;
    const below = `${path}/${entry.name}`;
    if (entry.isDirectory()) collect(root, below, found);
    else if (entry.isFile()) found[below] = sha256(readFileSync(join(root, below)));
  }
}

function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
