import { mkdirSync, renameSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { runTool, type Supervisor } from "../../harness/process/index.ts";

const gib = 1 << 30;

/**
 * Unpacks an uploaded archive as the service does, with GNU tar: exactly one member, `disk.raw`, of whole GiB. Gives
 * the service's own words when it is none.
 */
export async function unpackDisk(
  supervisor: Supervisor,
  archive: string,
  to: string,
): Promise<string | undefined> {
  const folder = `${to}.d`;
  mkdirSync(folder, { recursive: true });
  const run = await runTool(supervisor, ["tar", "-xzf", archive, "-C", folder, "disk.raw"]);
  if (!run.ok || !run.value.succeeded) return "The tar archive is not a valid image.";
  const file = join(folder, "disk.raw");
  if (statSync(file).size % gib !== 0) return "The size of disk.raw must be a multiple of 1 GiB.";
  renameSync(file, to);
  return undefined;
}

/** The disk of an instance is larger than its image; what is more is empty. */
export async function cloneDisk(
  supervisor: Supervisor,
  image: string,
  to: string,
  gb: number,
): Promise<void> {
  const run = await runTool(supervisor, ["cp", "--sparse=auto", "--reflink=auto", image, to]);
  if (!run.ok || !run.value.succeeded) throw new Error("the disk could not be made");
  truncateSync(to, Math.max(statSync(to).size, gb * gib));
}
