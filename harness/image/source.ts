import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { type Result, fail, ok, problem } from "../base/index.ts";
import type { ByteRange } from "./bytes.ts";
import { imageCodes } from "./codes.ts";
import { BLOCK_BYTES, ImageSink, type Written } from "./sink.ts";

/** An image that can be read anywhere. `read` gives exactly `length` bytes; a range outside throws. */
export interface ByteSource {
  readonly size: number;
  read(offset: number, length: number): Uint8Array;
  /** The same into memory that is there already, which is filled. */
  readonly readInto?: (offset: number, into: Uint8Array) => void;
}

export function memorySource(image: Uint8Array): ByteSource {
  return {
    size: image.length,
    read(offset, length) {
      checkRange(offset, length, image.length);
      return image.subarray(offset, offset + length);
    },
  };
}

/** Opens an image file for the time of `use`. */
export function withImageFile<T>(path: string, use: (source: ByteSource) => Result<T>): Result<T> {
  const opened = openImageFile(path);
  if (!opened.ok) return opened;
  try {
    return use(opened.value);
  } catch (error) {
    return readFailure(path, error);
  } finally {
    opened.value.close();
  }
}

/** The same for a use that takes its time. */
export async function whileImageFile<T>(
  path: string,
  use: (source: ByteSource) => Promise<Result<T>>,
): Promise<Result<T>> {
  const opened = openImageFile(path);
  if (!opened.ok) return opened;
  try {
    return await use(opened.value);
  } catch (error) {
    return readFailure(path, error);
  } finally {
    opened.value.close();
  }
}

function openImageFile(path: string): Result<ByteSource & { readonly close: () => void }> {
  let fd: number;
  try {
    fd = openSync(path, "r");
  } catch (error) {
    return fail(problem(imageCodes, "CAPOS_IMAGE_READ", `${path} cannot be opened: ${reason(error)}`));
  }
  const size = fstatSync(fd).size;
  const readInto = (offset: number, into: Uint8Array): void => {
    checkRange(offset, into.length, size);
    for (let done = 0; done < into.length;) {
      const n = readSome(fd, into, done, offset);
      if (n === 0) throw new ReadFailure("it became shorter while it was read");
      done += n;
    }
  };
  return ok({
    size,
    close: () => closeSync(fd),
    readInto,
    read(offset, length) {
      // Looked at before anything is allocated: the length may be that of a hostile image.
      checkRange(offset, length, size);
      const bytes = new Uint8Array(length);
      readInto(offset, bytes);
      return bytes;
    },
  });
}

function readFailure(path: string, error: unknown): Result<never> {
  if (!(error instanceof ReadFailure)) throw error;
  return fail(problem(imageCodes, "CAPOS_IMAGE_READ", `${path} cannot be read: ${error.message}`));
}

/** Carries a failure of the host through parsers that cannot do anything about it. */
class ReadFailure extends Error {}

function readSome(fd: number, into: Uint8Array, done: number, offset: number): number {
  try {
    return readSync(fd, into, done, into.length - done, offset + done);
  } catch (error) {
    throw new ReadFailure(reason(error), { cause: error });
  }
}

/** Recomputes what the writer knew; `undigested` as it was given to the writer. Reads the whole image. */
export function measureImage(source: ByteSource, undigested: readonly ByteRange[] = []): Written {
  const sink = new ImageSink(source.size, { put() {} }, undigested);
  // One piece of memory for the whole image, so small that it stays in the processor's cache.
  const memory = new Uint8Array(Math.min(2 * BLOCK_BYTES, source.size));
  for (let at = 0; at < source.size; at += memory.length) {
    const length = Math.min(memory.length, source.size - at);
    if (source.readInto === undefined) {
      sink.write(at, source.read(at, length));
    } else {
      const part = memory.subarray(0, length);
      source.readInto(at, part);
      sink.write(at, part);
    }
  }
  return sink.finish();
}

function checkRange(offset: number, length: number, size: number): void {
  if (offset < 0 || length < 0 || offset + length > size) {
    throw new RangeError(`image read of ${length} at ${offset}, size ${size}`);
  }
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
