import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Clock, type Problem, type Result, err, ok } from "../base/index.ts";
import { MIB, SECTOR_BYTES } from "./bytes.ts";
import { readContents } from "./disk-read.ts";
import { partitionTypes } from "./gpt.ts";
import type { RunTool } from "./grub.ts";
import { diskPaths } from "./grub-config.ts";
import { CORE_LBA, ESP_LBA, type HybridDiskSpec, hybridDisk } from "./hybrid.ts";
import { withImageFile } from "./source.ts";
import { writeToFile } from "./targets.ts";

export interface ImageBenchOptions {
  /** What to build; `sizeBytes` is the size of the disk, 1 GiB when it is left out. */
  readonly spec: HybridDiskSpec;
  readonly run: RunTool;
  readonly clock: Clock;
  /** A directory for both images; it is removed at the end. */
  readonly scratch: string;
  /** Odd, so that the median is one of the measured times; 7 when left out. */
  readonly rounds?: number;
}

/** Wall times in milliseconds, in the order in which they were measured. */
export interface ImageBench {
  readonly ours: readonly number[];
  readonly theirs: readonly number[];
  /** Median of ours over median of theirs; the budget is 0.25. */
  readonly ratio: number;
}

/**
 * Builds the same hybrid disk in turns with this tool and with mkfs.vfat, mtools, sfdisk and dd, and
 * compares the times. Both start from the same bytes, GRUB's parts included; ours also makes the digest and the
 * table of contents. The files of both disks are compared, so neither can win by leaving something out.
 */
export async function benchHybridDisk(options: ImageBenchOptions): Promise<Result<ImageBench>> {
  const { clock, scratch } = options;
  const spec = { ...options.spec, sizeBytes: options.spec.sizeBytes ?? 1024 * MIB };
  try {
    const peer = preparePeer(scratch, spec);
    if (!peer.ok) return peer;
    const [ours, theirs]: [number[], number[]] = [[], []];
    const mine = join(scratch, "ours.img");
    for (let round = 0; round < (options.rounds ?? 7); round++) {
      rmSync(mine, { force: true });
      const start = clock.monotonic();
      const disk = hybridDisk(spec);
      if (!disk.ok) return disk;
      const written = writeToFile(disk.value, mine);
      if (!written.ok) return written;
      const middle = clock.monotonic();
      const ran = await options.run(peer.value.argv);
      if (!ran.ok) return ran;
      ours.push(milliseconds(middle - start));
      theirs.push(milliseconds(clock.monotonic() - middle));
    }
    const differences = [...compareFiles(mine, peer.value.image)];
    return differences.length > 0
      ? err(differences)
      : ok({ ours, theirs, ratio: median(ours) / median(theirs) });
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** One shell for all steps: starting a process for each from here would only slow the other side down. */
const PEER_SCRIPT = `
cd "$1"; rm -f theirs.img esp.img
truncate -s "$2" theirs.img
sfdisk -q theirs.img < table
mkfs.vfat -C -F 32 -i 12345678 esp.img "$3" > /dev/null
mmd -i esp.img ::EFI ::EFI/BOOT ::capos
mcopy -i esp.img BOOTX64.EFI ::EFI/BOOT
mcopy -i esp.img grub.cfg ::
mcopy -i esp.img kernel.elf boot.bin image.id stamp.cfg ::capos
dd if=esp.img of=theirs.img bs=1M seek=2 conv=notrunc,sparse status=none
dd if=mbr of=theirs.img bs=440 count=1 conv=notrunc status=none
dd if=core of=theirs.img bs=1M seek=1 conv=notrunc status=none
`;

interface Peer {
  readonly argv: readonly string[];
  readonly image: string;
}

/** Lays out the peer's inputs; GRUB's parts are patched for it beforehand. */
function preparePeer(scratch: string, spec: HybridDiskSpec & { readonly sizeBytes: number }): Result<Peer> {
  const disk = hybridDisk(spec);
  if (!disk.ok) return disk;
  mkdirSync(scratch, { recursive: true });
  const { contents, pieces } = disk.value;
  const esp = contents.partitions.find((p) => p.firstLba === ESP_LBA);
  const espSectors = esp === undefined ? 0 : esp.lastLba - esp.firstLba + 1;
  const content = (what: string): Uint8Array =>
    pieces.find((p) => p.what === what)?.bytes ?? new Uint8Array(0);
  for (const path of Object.values(diskPaths)) {
    writeFileSync(join(scratch, path.slice(path.lastIndexOf("/") + 1)), content(`file ${path}`));
  }
  writeFileSync(join(scratch, "mbr"), content("protective MBR"));
  writeFileSync(join(scratch, "core"), content("GRUB core image"));
  const table = [
    "label: gpt",
    `start=${CORE_LBA}, size=${ESP_LBA - CORE_LBA}, type=${partitionTypes.biosBoot}`,
    `start=${ESP_LBA}, size=${espSectors}, type=${partitionTypes.efiSystem}`,
  ];
  writeFileSync(join(scratch, "table"), `${table.join("\n")}\n`);
  const kib = String((espSectors * SECTOR_BYTES) / 1024);
  return ok({
    argv: ["sh", "-ec", PEER_SCRIPT, "sh", scratch, String(spec.sizeBytes), kib],
    image: join(scratch, "theirs.img"),
  });
}

function* compareFiles(ours: string, theirs: string): Generator<Problem> {
  const [a, b] = [withImageFile(ours, readContents), withImageFile(theirs, readContents)];
  if (!a.ok) yield* a.error;
  if (!b.ok) yield* b.error;
  if (!a.ok || !b.ok) return;
  const key = (files: typeof a.value.files): string => files.map((f) => `${f.path} ${f.sha256}`).join("\n");
  if (key(a.value.files) !== key(b.value.files)) throw new Error("the two disks hold different files");
}

function milliseconds(nanoseconds: bigint): number {
  return Number(nanoseconds) / 1e6;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
