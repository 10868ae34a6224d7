import { type Problem, type Result, err, fail, ok, problem, sha256 } from "../base/index.ts";
import { MIB, type Piece, SECTOR_BYTES, roundUp } from "./bytes.ts";
import { imageCodes } from "./codes.ts";
import { type DiskContents, type FileRecord, undigestedRanges } from "./contents.ts";
import { fatDataBytes, planFat } from "./fat.ts";
import { fatGeometry } from "./fat-geometry.ts";
import { type FatFile, compareNames } from "./fat-tree.ts";
import { GPT_BACKUP_SECTORS, type PartitionTable, encodeGpt, partitionTypes } from "./gpt.ts";
import type { GrubParts } from "./grub.ts";
import { diskConfig, diskPaths, isStamp, stampFile } from "./grub-config.ts";
import { hasMultiboot2Header, patchBootSector, patchCore } from "./grub-patch.ts";
import { type IdSeed, contentDigest, nameBasedId, nameBasedSerial } from "./ids.ts";
import type { ImagePlan } from "./targets.ts";

/** Partitions stand on whole MiB: no medium has a larger erase block that matters to us. */
export const CORE_LBA = 2048;
export const ESP_LBA = 4096;
/** A round size well above the 33 MiB below which a volume has too few clusters to be FAT32. */
const ESP_MIN_BYTES = 64 * MIB;
/** Room behind the last partition for the backup of the partition table. */
const TAIL_BYTES = MIB;
const LABEL = "CAPOS";

export interface HybridDiskSpec {
  /** The image's name, from its manifest; part of every id. */
  readonly name: string;
  /** ELF with a multiboot2 header, best without debug sections: GRUB reads all of it. */
  readonly kernel: Uint8Array;
  readonly bootModule: Uint8Array;
  readonly grub: GrubParts;
  /** Bytes, a multiple of 512; without it the disk is as large as it needs to be. */
  readonly sizeBytes?: number;
  /** `nonce=<32 hex> boot=<n>` for the kernel's command line, where no other channel exists. Not digested. */
  readonly stamp?: string;
}

/** A planned disk: write it with `writeToFile`, `writeToMemory` or any other target. */
export interface HybridDisk extends ImagePlan {
  readonly contents: DiskContents;
}

/**
 * Plans a raw GPT disk that boots under BIOS and UEFI (docs/images.md has the table of sectors). Pure: equal
 * specs give equal plans, and only what the spec holds goes in. All faults of the spec are reported.
 */
export function hybridDisk(spec: HybridDiskSpec): Result<HybridDisk> {
  const faults = specFaults(spec);
  if (faults.length > 0) return err(faults);
  const boot = patchBootSector(spec.grub.boot, CORE_LBA);
  const core = patchCore(spec.grub.core, CORE_LBA, ESP_LBA - CORE_LBA);
  if (!boot.ok) return boot;
  if (!core.ok) return core;

  const digests = inputDigests(spec);
  const seed = idSeed(spec, digests);
  const diskId = nameBasedId(seed, "disk");
  const files = diskFiles(spec, diskId);
  const espBytes = espSize(files);
  if (!espBytes.ok) return espBytes;
  const size = diskSize(spec, espBytes.value);
  if (!size.ok) return size;

  const table = partitionTable(seed, diskId, size.value, espBytes.value);
  const volume = {
    sectors: espBytes.value / SECTOR_BYTES,
    hiddenSectors: ESP_LBA,
    serial: nameBasedSerial(seed, "esp"),
    label: LABEL,
  };
  const esp = planFat(volume, files);
  if (!esp.ok) return esp;
  const place = (path: string): number | undefined => {
    const offset = esp.value.files.get(path);
    return offset === undefined ? undefined : ESP_LBA * SECTOR_BYTES + offset;
  };
  const contents = {
    size: size.value,
    diskId,
    partitions: table.partitions,
    files: files
      .map((f) => fileRecord(f, place(f.path), digests.get(f.path)))
      .toSorted((a, b) => compareNames(a.path, b.path)),
  };
  return ok({
    size: size.value,
    pieces: diskPieces(table, boot.value, core.value, esp.value.pieces),
    undigested: undigestedRanges(contents),
    contents,
  });
}

function specFaults(spec: HybridDiskSpec): Problem[] {
  const faults: Problem[] = [];
  if (!/^[\x21-\x7e]{1,64}$/u.test(spec.name))
    faults.push(problem(imageCodes, "CAPOS_IMAGE_NAME", `"${spec.name}" cannot be the name of an image`));
  if (!hasMultiboot2Header(spec.kernel))
    faults.push(
      problem(imageCodes, "CAPOS_IMAGE_KERNEL", `the kernel of ${spec.name} has no multiboot2 header`),
    );
  if (spec.stamp !== undefined && !isStamp(spec.stamp))
    faults.push(problem(imageCodes, "CAPOS_IMAGE_STAMP", `"${spec.stamp}" is not a boot stamp`));
  return faults;
}

/** The large inputs are hashed once, for the ids and for the table of contents. */
function inputDigests(spec: HybridDiskSpec): ReadonlyMap<string, string> {
  return new Map([
    [diskPaths.kernel, sha256(spec.kernel)],
    [diskPaths.bootModule, sha256(spec.bootModule)],
    [diskPaths.efi, sha256(spec.grub.efi)],
  ]);
}

/** The stamp is left out: a stamped image is still the same image. */
function idSeed(spec: HybridDiskSpec, digests: ReadonlyMap<string, string>): IdSeed {
  const small = [spec.grub.boot, spec.grub.core, Buffer.from(diskConfig())];
  return { image: spec.name, content: contentDigest([...digests.values(), ...small.map(sha256)]) };
}

function diskFiles(spec: HybridDiskSpec, diskId: string): readonly FatFile[] {
  return [
    { path: diskPaths.efi, content: spec.grub.efi },
    { path: diskPaths.grubConfig, content: Buffer.from(diskConfig()) },
    { path: diskPaths.kernel, content: spec.kernel },
    { path: diskPaths.bootModule, content: spec.bootModule },
    { path: diskPaths.marker, content: Buffer.from(`${spec.name}\n${diskId}\n`) },
    { path: diskPaths.stamp, content: stampFile(spec.stamp) },
  ];
}

/** The least whole number of MiB whose clusters hold the files. */
function espSize(files: readonly FatFile[]): Result<number> {
  for (let bytes = ESP_MIN_BYTES; ;) {
    const geometry = fatGeometry(bytes / SECTOR_BYTES);
    if (geometry === undefined)
      return fail(problem(imageCodes, "CAPOS_IMAGE_SIZE", `the files of the image are too large for FAT32`));
    const needed = fatDataBytes(files, geometry.clusterBytes);
    if (!needed.ok) return needed;
    const missing = needed.value - geometry.clusters * geometry.clusterBytes;
    if (missing <= 0) return ok(bytes);
    bytes += roundUp(missing, MIB);
  }
}

function diskSize(spec: HybridDiskSpec, espBytes: number): Result<number> {
  const least = ESP_LBA * SECTOR_BYTES + espBytes + TAIL_BYTES;
  const size = spec.sizeBytes ?? least;
  if (Number.isSafeInteger(size) && size >= least && size % SECTOR_BYTES === 0) return ok(size);
  const message = `${spec.name} cannot be a disk of ${size} bytes: it needs ${least}, and whole sectors of ${SECTOR_BYTES}`;
  return fail(problem(imageCodes, "CAPOS_IMAGE_SIZE", message));
}

function partitionTable(seed: IdSeed, diskId: string, size: number, espBytes: number): PartitionTable {
  const partition = (name: string, type: string, firstLba: number, endLba: number) => ({
    name,
    type,
    id: nameBasedId(seed, `partition ${name}`),
    firstLba,
    lastLba: endLba - 1,
  });
  return {
    diskId,
    sectors: size / SECTOR_BYTES,
    partitions: [
      partition("bios-boot", partitionTypes.biosBoot, CORE_LBA, ESP_LBA),
      partition("esp", partitionTypes.efiSystem, ESP_LBA, ESP_LBA + espBytes / SECTOR_BYTES),
    ],
  };
}

function diskPieces(
  table: PartitionTable,
  boot: Uint8Array,
  core: Uint8Array,
  esp: readonly Piece[],
): readonly Piece[] {
  const gpt = encodeGpt(table, boot);
  const at = (what: string, lba: number, bytes: Uint8Array): Piece => ({
    what,
    offset: lba * SECTOR_BYTES,
    bytes,
  });
  return [
    at("protective MBR", 0, gpt.protectiveMbr),
    at("GPT header", 1, gpt.header),
    at("GPT entries", 2, gpt.entries),
    at("GRUB core image", CORE_LBA, core),
    ...esp.map((piece) => ({ ...piece, offset: ESP_LBA * SECTOR_BYTES + piece.offset })),
    at("backup GPT entries", table.sectors - GPT_BACKUP_SECTORS, gpt.entries),
    at("backup GPT header", table.sectors - 1, gpt.backupHeader),
  ];
}

function fileRecord(file: FatFile, offset: number | undefined, digest: string | undefined): FileRecord {
  return {
    path: file.path,
    size: file.content.length,
    sha256: digest ?? sha256(file.content),
    lba: offset === undefined ? null : offset / SECTOR_BYTES,
  };
}
