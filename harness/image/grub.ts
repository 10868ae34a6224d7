import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Problem, type Result, err, fail, ok, problem } from "../base/index.ts";
import { imageCodes } from "./codes.ts";
import { GRUB_PREFIX, type GrubImage, earlyConfig, grubImages } from "./grub-config.ts";

/** The three pieces of GRUB that a hybrid disk needs. */
export interface GrubParts {
  /** `boot.img`: 512 bytes, the first 440 of which go into the MBR. */
  readonly boot: Uint8Array;
  /** The BIOS image, for the BIOS boot partition. */
  readonly core: Uint8Array;
  /** The EFI program. */
  readonly efi: Uint8Array;
}

/** Runs a short tool; a failure is told by its problems. */
export type RunTool = (argv: readonly string[]) => Promise<Result<unknown>>;

/** How one of GRUB's images is made; what a build cache keys on, next to the versions of GRUB's packages. */
export interface GrubInvocation {
  readonly argv: readonly string[];
  readonly output: string;
}

const GRUB_DIRECTORY = "/usr/lib/grub";

/** The two calls of `grub-mkimage`, with all files in `scratch`. Neither depends on the image to be built. */
export function grubInvocations(scratch: string): {
  readonly core: GrubInvocation;
  readonly efi: GrubInvocation;
} {
  const invocation = (image: GrubImage, name: string): GrubInvocation => {
    const output = join(scratch, name);
    const options = ["-O", image.platform, "-p", GRUB_PREFIX, "-c", earlyPath(scratch), "-o", output];
    return { argv: ["grub-mkimage", ...options, ...image.modules], output };
  };
  return { core: invocation(grubImages.core, "core.img"), efi: invocation(grubImages.efi, "bootx64.efi") };
}

/** Makes GRUB's parts with Debian's `grub-mkimage`. `scratch` is a directory of the caller's, which removes it. */
export async function makeGrubParts(run: RunTool, scratch: string): Promise<Result<GrubParts>> {
  mkdirSync(scratch, { recursive: true });
  writeFileSync(earlyPath(scratch), earlyConfig());
  const { core, efi } = grubInvocations(scratch);
  const ran = await Promise.all([run(core.argv), run(efi.argv)]);
  const failures = ran.flatMap((r) => (r.ok ? [] : r.error));
  if (failures.length > 0) return err(failures);
  const files = [
    join(GRUB_DIRECTORY, grubImages.core.platform, "boot.img"),
    core.output,
    efi.output,
  ] as const;
  try {
    const [boot, coreBytes, efiBytes] = [
      readFileSync(files[0]),
      readFileSync(files[1]),
      readFileSync(files[2]),
    ];
    return ok({ boot, core: coreBytes, efi: efiBytes });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return fail(grubFault(`a part of GRUB cannot be read: ${why}`));
  }
}

function earlyPath(scratch: string): string {
  return join(scratch, "early.cfg");
}

function grubFault(message: string): Problem {
  return problem(imageCodes, "CAPOS_IMAGE_GRUB", message);
}
