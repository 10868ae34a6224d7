import { createHash, randomBytes } from "node:crypto";
import {
  closeSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { fail, ok, problem, type Result } from "../../base/index.ts";
import { MIB } from "../bytes.ts";
import { imageCodes } from "../codes.ts";

/** Takes the bytes of a file in order; `hole` stands for zeros that need not be stored. */
export interface Out {
  write(bytes: Uint8Array): void;
  hole(bytes: number): void;
}

/**
 * Stores what `fill` writes, with its digest. It is written beside its place, flushed and renamed, so that it appears
 * complete or not at all; holes stay holes.
 */
export async function storeWhole(
  path: string,
  fill: (out: Out) => Promise<void>,
): Promise<Result<{ readonly bytes: number; readonly sha256: string }>> {
  const beside = `${path}.${process.pid}-${randomBytes(4).toString("hex")}.tmp`;
  const hash = createHash("sha256");
  let bytes = 0;
  try {
    mkdirSync(dirname(path), { recursive: true });
    const fd = openSync(beside, "wx");
    try {
      await fill({
        write(chunk) {
          for (let done = 0; done < chunk.length;) {
            done += writeSync(fd, chunk, done, chunk.length - done, bytes + done);
          }
          hash.update(chunk);
          bytes += chunk.length;
        },
        hole(length) {
          for (let left = length; left > 0; left -= zeros.length) {
            hash.update(left < zeros.length ? zeros.subarray(0, left) : zeros);
          }
          bytes += length;
        },
      });
      ftruncateSync(fd, bytes);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(beside, path);
    return ok({ bytes, sha256: hash.digest("hex") });
  } catch (error) {
    rmSync(beside, { force: true });
    if (!(error instanceof Error && "syscall" in error)) throw error;
    return fail(problem(imageCodes, "CAPOS_IMAGE_WRITE", `${path} could not be written: ${error.message}`));
  }
}

const zeros = new Uint8Array(MIB);
