import { closeSync, ftruncateSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import { fail, ok, problem, type Result } from "../base/index.ts";
import type { Proof } from "../contract/index.ts";
import { measureImage, measurePlan, withImageFile } from "../image/index.ts";
import type { DataDisk } from "../machine/index.ts";
import { proveCodes } from "./codes.ts";

/** A data disk of a case and the digest of what it holds now. */
export interface CaseDisk extends DataDisk {
  readonly bytes: number;
  readonly digest: string;
}

/** Makes the disks that a proof declares, new for every case, as sparse files below `dir`. */
export function makeDisks(proof: Proof, dir: string): Result<readonly CaseDisk[]> {
  const disks: CaseDisk[] = [];
  for (const [serial, spec] of Object.entries(proof.disks)) {
    const file = join(dir, `${serial}.raw`);
    try {
      mkdirSync(dir, { recursive: true });
      const fd = openSync(file, "wx");
      ftruncateSync(fd, spec.bytes);
      closeSync(fd);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return fail(problem(proveCodes, "CAPOS_PROVE_DISK", `the disk ${serial} could not be made: ${why}`));
    }
    // Nothing has been written, so nothing need be read to know the digest.
    const { digest } = measurePlan({ size: spec.bytes, pieces: [], undigested: [] });
    disks.push({ serial, file, bus: spec.bus, bytes: spec.bytes, digest });
  }
  return ok(disks);
}

/** The disks as a boot has left them. Nobody else has the files, so this is also what the next boot finds. */
export function measureDisks(disks: readonly CaseDisk[]): Result<readonly CaseDisk[]> {
  const measured: CaseDisk[] = [];
  for (const disk of disks) {
    const now = measure(disk);
    if (!now.ok) return now;
    measured.push(now.value);
  }
  return ok(measured);
}

function measure(disk: CaseDisk): Result<CaseDisk> {
  return withImageFile(disk.file, (source) =>
    ok({ ...disk, bytes: source.size, digest: measureImage(source).digest }),
  );
}
