import { ftruncateSync, writeSync } from "node:fs";
import { ok, type Result } from "../base/index.ts";
import { type Beside, openBeside, unwritten } from "./beside.ts";
import type { ByteRange, Piece } from "./bytes.ts";
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
 * Stores the image as a sparse file, which appears under its name complete or not at all, whatever stops the writing.
 */
export function writeToFile(plan: ImagePlan, path: string): Result<Written> {
  let file: Beside | undefined;
  try {
    file = openBeside(path);
    ftruncateSync(file.fd, plan.size);
    const sink = new ImageSink(plan.size, fileTarget(file.fd), plan.undigested);
    const written = writePieces(sink, plan.pieces);
    file.keep();
    return ok(written);
  } catch (error) {
    file?.discard();
    return unwritten(path, error);
  }
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
