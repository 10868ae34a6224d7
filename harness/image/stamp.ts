import { fail, ok, problem, type Result } from "../base/index.ts";
import type { Piece } from "./bytes.ts";
import { imageCodes } from "./codes.ts";
import { undigestedRanges } from "./contents.ts";
import { readContents } from "./disk-read.ts";
import { isStamp, stampFile } from "./grub-config.ts";
import type { ByteSource } from "./source.ts";

/** The one sector that tells the kernel of a finished disk its nonce and boot number: `nonce=<32 hex> boot=<n>`. */
export function stampPieces(source: ByteSource, stamp: string): Result<readonly Piece[]> {
  if (!isStamp(stamp))
    return fail(problem(imageCodes, "CAPOS_IMAGE_STAMP", `"${stamp}" is not a boot stamp`));
  const contents = readContents(source);
  if (!contents.ok) return contents;
  const [place] = undigestedRanges(contents.value);
  if (place === undefined) {
    return fail(
      problem(imageCodes, "CAPOS_IMAGE_DAMAGED", "the image holds no stamp file to be written over"),
    );
  }
  return ok([{ what: "boot stamp", offset: place.offset, bytes: stampFile(stamp) }]);
}
