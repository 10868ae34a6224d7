import { randomBytes } from "node:crypto";
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
import { type Result, fail, ok, problem } from "../base/index.ts";
import type { ByteRange, Piece } from "./bytes.ts";
import { imageCodes } from "./codes.ts";
import { type BlockTarget, ImageSink, type Written, writePieces } from "./sink.ts";

/** An image as the planners describe it: pieces in ascending order, zeros between them. */
export interface ImagePlan {
  readonly size: number;
  readonly pieces: readonly Piece[];
  /** Bytes that are no part of the image's identity. */
  readonly undigested: readonly ByteRange[];
}

/** The whole image in memory, for tests and for small images. */
export function writeToMemory(plan: ImagePlan): Written & { readonly bytes: Uint8Array } {
  const bytes = new Uint8Array(plan.size);
  const target: BlockTarget = { put: (offset, block) => bytes.set(block, offset) };
  return { ...writePieces(new ImageSink(plan.size, target, plan.undigested), plan.pieces), bytes };
}

/** The digest and extents of an image without storing it anywhere. */
export function measurePlan(plan: ImagePlan): Written {
  return writePieces(new ImageSink(plan.size, { put() {} }, plan.undigested), plan.pieces);
}

/**
 * Stores the image as a sparse file. It is written beside its place, flushed and renamed, so that it
 * appears under its name complete or not at all, whatever stops the writing.
 */
export function writeToFile(plan: ImagePlan, path: string): Result<Written> {
  const beside = `${path}.${process.pid}-${randomBytes(4).toString("hex")}.tmp`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    const fd = openSync(beside, "wx");
    let written: Written;
    try {
      ftruncateSync(fd, plan.size);
      written = writePieces(new ImageSink(plan.size, fileTarget(fd), plan.undigested), plan.pieces);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(beside, path);
    return ok(written);
  } catch (error) {
    discard(beside);
    if (!(error instanceof Error && "syscall" in error)) throw error;
    return fail(problem(imageCodes, "CAPOS_IMAGE_WRITE", `${path} could not be written: ${error.message}`));
  }
}

/** Removes what was begun; when even that fails, the first failure is the one to tell. */
function discard(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {}
}

function fileTarget(fd: number): BlockTarget {
  return {
    put(offset, bytes) {
      for (let done = 0; done < bytes.length;) {
        done += writeSync(fd, bytes, done, bytes.length - done, offset + done);
      }
    },
  };
}
