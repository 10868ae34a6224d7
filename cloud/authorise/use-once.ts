import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { fail, ok, problem, type Result, sha256 } from "../../harness/base/index.ts";
import { cloudCodes } from "../codes.ts";
import type { RunId } from "../names.ts";

/** Whether an authorisation may still be used. */
export function checkUnused(folder: string, text: string): Result<undefined> {
  const path = join(folder, "used", sha256(text));
  if (!existsSync(path)) return ok(undefined);
  const by = readFileSync(path, "utf8").trim();
  return fail(problem(cloudCodes, "CAPOS_CLOUD_AUTHORISATION_USED", `it was used by the run ${by}`));
}

/**
 * Marks an authorisation as used by a run, on the disk, before anything is sent. It is known by its whole text, so a
 * copy of the file is as used as the file.
 */
export function useOnce(folder: string, text: string, run: RunId): Result<undefined> {
  const path = join(folder, "used", sha256(text));
  try {
    mkdirSync(join(folder, "used"), { recursive: true });
    const fd = openSync(path, "wx");
    try {
      writeSync(fd, `${run}\n`);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    return ok(undefined);
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
    if (error.code !== "EEXIST") {
      return fail(
        problem(cloudCodes, "CAPOS_CLOUD_JOURNAL", `${path} could not be written: ${error.message}`),
      );
    }
    return checkUnused(folder, text);
  }
}
