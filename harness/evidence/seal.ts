/** Whether a case still is what its verdict has sealed; for showing, where `verify` would be too much to ask. */
import { createHash } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { inspectCase } from "./read-directory.ts";

const chunkBytes = 1 << 20;

/**
 * What is wrong with the sealed files of the case in `dir`, a clause each; empty where it is as it was sealed, and
 * where it has not ended. Takes memory for one piece of a file, whatever the console's size.
 */
export function brokenSeals(dir: string): readonly string[] {
  const state = inspectCase(dir, "");
  if (!state.ok) return state.error.map(({ message }) => message.replace(/^\//u, ""));
  if (state.value.state !== "ended") return [];
  return Object.entries(state.value.verdict.files).flatMap(([path, { sha256, bytes }]) => {
    const found = path.split("/").includes("..") ? undefined : digestOf(join(dir, path));
    if (found === undefined) return [`${path} is gone`];
    return found.sha256 === sha256 && found.bytes === bytes ? [] : [`${path} has been changed`];
  });
}

function digestOf(file: string): { readonly sha256: string; readonly bytes: number } | undefined {
  let fd: number;
  try {
    fd = openSync(file, "r");
  } catch {
    return undefined;
  }
  try {
    const digest = createHash("sha256");
    const piece = Buffer.allocUnsafe(chunkBytes);
    let bytes = 0;
    for (let length = 1; length > 0; bytes += length) {
      length = readSync(fd, piece);
      digest.update(piece.subarray(0, length));
    }
    return { sha256: digest.digest("hex"), bytes };
  } catch {
    return undefined;
  } finally {
    closeSync(fd);
  }
}
