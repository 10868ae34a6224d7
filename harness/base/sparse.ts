import {
  closeSync,
  constants,
  copyFileSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  rmSync,
  writeSync,
} from "node:fs";

const blockSize = 1 << 16;

/**
 * Copies a file without its zeros: blocks that hold nothing but zeros become holes. The target must not exist; what is
 * half written is removed again. Throws what the file system throws.
 */
export function copySparse(from: string, to: string): void {
  try {
    // Where the file system can share the blocks, nothing is copied at all.
    copyFileSync(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE_FORCE);
    return;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") throw error;
    rmSync(to, { force: true });
  }
  const source = openSync(from, "r");
  try {
    const target = openSync(to, "wx");
    try {
      const { size } = fstatSync(source);
      const block = Buffer.alloc(blockSize);
      for (let at = 0; at < size;) {
        const read = readSync(source, block, 0, blockSize, at);
        if (read === 0) break;
        const bytes = block.subarray(0, read);
        if (!isZero(bytes)) writeSync(target, bytes, 0, read, at);
        at += read;
      }
      ftruncateSync(target, size);
    } finally {
      closeSync(target);
    }
  } catch (error) {
    rmSync(to, { force: true });
    throw error;
  } finally {
    closeSync(source);
  }
}

const zeros = Buffer.alloc(blockSize);

function isZero(bytes: Uint8Array): boolean {
  return zeros.compare(bytes, 0, bytes.length, 0, bytes.length) === 0;
}
