import { randomBytes } from "node:crypto";
import { closeSync, fsyncSync, openSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { fail, makeFolder, problem, type Result } from "../base/index.ts";
import { imageCodes } from "./codes.ts";

/** A file that is written beside its place, so that it appears under its name complete or not at all. */
export interface Beside {
  readonly fd: number;
  /** Flushes it and gives it its name. */
  keep(): void;
  /** Removes it; when even that fails, the first failure is the one to tell. */
  discard(): void;
}

/** Throws what the file system throws. */
export function openBeside(path: string): Beside {
  const beside = `${path}.${process.pid}-${randomBytes(4).toString("hex")}.tmp`;
  makeFolder(dirname(path));
  const fd = openSync(beside, "wx");
  return {
    fd,
    keep() {
      fsyncSync(fd);
      closeSync(fd);
      renameSync(beside, path);
    },
    discard() {
      try {
        closeSync(fd);
        rmSync(beside, { force: true });
      } catch {}
    },
  };
}

/** A failure of the host as a value; anything else is a bug and goes on. */
export function unwritten(path: string, error: unknown): Result<never> {
  if (!(error instanceof Error && "syscall" in error)) throw error;
  return fail(problem(imageCodes, "CAPOS_IMAGE_WRITE", `${path} could not be written: ${error.message}`));
}
