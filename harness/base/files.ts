import { randomBytes } from "node:crypto";
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { makeFolder } from "./folder.ts";

/**
 * Replaces a file so that a crash at any moment leaves either the old content or the new: written beside
 * its place, flushed, renamed. Throws what the file system throws (no space, no permission). Without `flush` a crash
 * of the host, though not of the tool, may leave a torn file: for what is checked by digest whenever it is read.
 */
export function writeFileAtomic(
  path: string,
  content: Uint8Array | string,
  options: { readonly flush?: boolean } = {},
): void {
  makeFolder(dirname(path));
  const beside = `${path}.${process.pid}-${randomBytes(4).toString("hex")}.tmp`;
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  try {
    const fd = openSync(beside, "wx");
    try {
      for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done);
      if (options.flush !== false) fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(beside, path);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
}
