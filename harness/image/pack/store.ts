import { createHash } from "node:crypto";
import { ftruncateSync, writeSync } from "node:fs";
import { ok, type Result } from "../../base/index.ts";
import { type Beside, openBeside, unwritten } from "../beside.ts";
import { MIB } from "../bytes.ts";

/** Takes the bytes of a file in order; `hole` stands for zeros that need not be stored. */
export interface Out {
  write(bytes: Uint8Array): void;
  hole(bytes: number): void;
}

/** Stores what `fill` writes, with its digest: complete or not at all, and holes stay holes. */
export async function storeWhole(
  path: string,
  fill: (out: Out) => Promise<void>,
): Promise<Result<{ readonly bytes: number; readonly sha256: string }>> {
  const hash = createHash("sha256");
  let bytes = 0;
  let file: Beside | undefined;
  try {
    const { fd } = (file = openBeside(path));
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
    file.keep();
    return ok({ bytes, sha256: hash.digest("hex") });
  } catch (error) {
    file?.discard();
    return unwritten(path, error);
  }
}

const zeros = new Uint8Array(MIB);
