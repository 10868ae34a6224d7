import { closeSync, openSync, readdirSync, readFileSync, readSync } from "node:fs";
import { join } from "node:path";
import { sha256 } from "../base/index.ts";

/** The trees and files from which the kernel and every program are compiled. */
const compiled = ["Cargo.toml", "Cargo.lock", "kernel", "userspace"];
const ignored = new Set(["target", "hosttests", "fuzz"]);

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
    found[path] = sha256(bytesOf(full));
    return;
  }
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    if (ignored.has(entry.name)) continue;
    const below = `${path}/${entry.name}`;
    if (entry.isDirectory()) collect(root, below, found);
    else if (entry.isFile()) found[below] = sha256(bytesOf(join(root, below)));
  }
}

/** Longer than nearly every source. */
const memory = Buffer.allocUnsafeSlow(1 << 16);

/** The bytes of a file, valid until the next call. Half the work of reading it into memory of its own. */
function bytesOf(path: string): Uint8Array {
  const fd = openSync(path, "r");
  try {
    const length = readSync(fd, memory, 0, memory.length, 0);
    return length < memory.length ? memory.subarray(0, length) : readFileSync(path);
  } finally {
    closeSync(fd);
  }
}

function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
