import { createHash } from "node:crypto";
import { type Result, fail, ok, problem } from "../base/index.ts";
import { SECTOR_BYTES } from "./bytes.ts";
import { imageCodes } from "./codes.ts";
import type { DiskContents, FileRecord } from "./contents.ts";
import { type FatVolume, type FoundNode, readFat } from "./fat-read.ts";
import { compareNames } from "./fat-tree.ts";
import { type PartitionTable, partitionTypes } from "./gpt.ts";
import { readGpt } from "./gpt-read.ts";
import type { ByteSource } from "./source.ts";

/** A disk as it was found: checked from end to end. */
export interface Disk {
  readonly table: PartitionTable;
  /** The EFI system partition. */
  readonly esp: FatVolume;
}

/** How much of a file is held at once. */
const STEP_BYTES = 1024 * 1024;

/** Reads and checks a GPT disk with one EFI system partition. All faults of the first bad layer are reported. */
export function readDisk(source: ByteSource): Result<Disk> {
  const table = readGpt(source);
  if (!table.ok) return table;
  const esps = table.value.partitions.filter((p) => p.type === partitionTypes.efiSystem);
  const [partition] = esps;
  if (partition === undefined || esps.length > 1)
    return fail(
      problem(imageCodes, "CAPOS_IMAGE_DAMAGED", `there are ${esps.length} EFI system partitions, not one`),
    );
  const sectors = partition.lastLba - partition.firstLba + 1;
  const esp = readFat(source, partition.firstLba * SECTOR_BYTES, sectors);
  return esp.ok ? ok({ table: table.value, esp: esp.value }) : esp;
}

/** The table of contents, from the bytes of the disk alone: what `hybridDisk` says must come out again. */
export function readContents(source: ByteSource): Result<DiskContents> {
  const disk = readDisk(source);
  if (!disk.ok) return disk;
  const { table, esp } = disk.value;
  const files = esp.nodes.filter((node) => node.kind === "file");
  return ok({
    size: source.size,
    diskId: table.diskId,
    partitions: table.partitions,
    files: files.map((f) => recordOf(source, f)).toSorted((a, b) => compareNames(a.path, b.path)),
  });
}

/** The bytes of one file, by its exact path. */
export function extractFile(source: ByteSource, disk: Disk, path: string): Result<Uint8Array> {
  const file = disk.esp.nodes.find((n) => n.kind === "file" && n.path === path);
  if (file === undefined)
    return fail(
      problem(imageCodes, "CAPOS_IMAGE_FILE_NAME", `the image holds no file "${path}"`, {
        next: "list the files: capos build IMAGE",
      }),
    );
  return ok(Buffer.concat([...fileBytes(source, file)], file.size));
}

/** The bytes of a file in pieces of at most a MiB. */
function* fileBytes(source: ByteSource, file: FoundNode): Generator<Uint8Array> {
  let left = file.size;
  for (const extent of file.extents) {
    const end = extent.offset + Math.min(extent.length, left);
    for (let at = extent.offset; at < end; at += STEP_BYTES)
      yield source.read(at, Math.min(STEP_BYTES, end - at));
    left -= end - extent.offset;
  }
}

function recordOf(source: ByteSource, file: FoundNode): FileRecord {
  const hash = createHash("sha256");
  for (const bytes of fileBytes(source, file)) hash.update(bytes);
  const [first] = file.extents;
  return {
    path: file.path,
    size: file.size,
    sha256: hash.digest("hex"),
    lba: first === undefined ? null : first.offset / SECTOR_BYTES,
  };
}
