import { closeSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from "node:fs";

const stepBytes = 1 << 20;
const grainBytes = 1 << 16;
const zeros = Buffer.alloc(grainBytes);

/** Copies a file so that what is zero takes no room in the copy, which must not exist yet. Throws as the file system. */
export function copySparse(from: string, to: string): void {
  const source = openSync(from, "r");
  try {
    const target = openSync(to, "wx");
    try {
      const { size } = fstatSync(source);
      ftruncateSync(target, size);
      const buffer = Buffer.alloc(stepBytes);
      for (let at = 0; at < size;) {
        const length = readSync(source, buffer, 0, Math.min(stepBytes, size - at), at);
        if (length === 0) break;
        for (let i = 0; i < length; i += grainBytes) {
          const grain = buffer.subarray(i, Math.min(length, i + grainBytes));
          if (!grain.equals(zeros.subarray(0, grain.length))) writeAll(target, grain, at + i);
        }
        at += length;
      }
    } finally {
      closeSync(target);
    }
  } finally {
    closeSync(source);
  }
}

/** Writes all of `bytes` at a place of an open file. Throws as the file system. */
export function writeAll(fd: number, bytes: Uint8Array, at: number): void {
  for (let done = 0; done < bytes.length;) {
    done += writeSync(fd, bytes, done, bytes.length - done, at + done);
  }
}
