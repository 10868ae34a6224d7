import { createGzip } from "node:zlib";
import { fail, ok, problem, type Result, unreachable } from "../../base/index.ts";
import { MIB, roundUp } from "../bytes.ts";
import { imageCodes } from "../codes.ts";
import type { ByteSource } from "../source.ts";
import { stampPieces } from "../stamp.ts";
import { growDisk, type SparseDisk } from "./grow.ts";
import { oldGnuArchive } from "./oldgnu.ts";
import { type Out, storeWhole } from "./store.ts";
import { streamVmdk } from "./vmdk.ts";
import { vhdFooter } from "./vhd.ts";

export const packageFormats = ["gce-tar", "raw", "vhd", "vmdk"] as const;
export type PackageFormat = (typeof packageFormats)[number];

/** What a provider takes: the first format unless another is asked for, and the unit of a disk's size. */
export const providers = {
  gcp: { formats: ["gce-tar"], unitBytes: 1024 * MIB },
  aws: { formats: ["vmdk", "raw", "vhd"], unitBytes: 1024 * MIB },
  azure: { formats: ["vhd"], unitBytes: MIB },
} as const satisfies Readonly<
  Record<string, { readonly formats: readonly PackageFormat[]; readonly unitBytes: number }>
>;
export type Provider = keyof typeof providers;

/** How a package of an image is called. GCE wants the object's name to end in `.tar.gz`. */
export function packageName(image: string, format: PackageFormat): string {
  const ending = { "gce-tar": "tar.gz", raw: "raw", vhd: "vhd", vmdk: "vmdk" }[format];
  return `${image}.${ending}`;
}

export interface Packed {
  readonly format: PackageFormat;
  /** Size of the disk that a machine will see. */
  readonly diskBytes: number;
  /** The image digest of that disk. */
  readonly diskDigest: string;
  /** The package itself. */
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * Packs a disk image for a provider into `path`, which appears complete or not at all. A `stamp` tells the kernel
 * which boot it is, where no machine can.
 */
export async function packDisk(
  source: ByteSource,
  provider: Provider,
  format: PackageFormat,
  path: string,
  stamp?: string,
): Promise<Result<Packed>> {
  const formats: readonly PackageFormat[] = providers[provider].formats;
  if (!formats.includes(format)) {
    const message = `${provider} does not import ${format}`;
    return fail(problem(imageCodes, "CAPOS_IMAGE_FORMAT", message, { next: `use ${formats.join(" or ")}` }));
  }
  const stamped = stamp === undefined ? ok([]) : stampPieces(source, stamp);
  if (!stamped.ok) return stamped;
  const grown = growDisk(source, roundUp(source.size, providers[provider].unitBytes), stamped.value);
  if (!grown.ok) return grown;
  const disk = grown.value;
  const written = await storeWhole(path, (out) => writeFormat(disk, format, out));
  if (!written.ok) return written;
  return ok({ format, diskBytes: disk.size, diskDigest: disk.digest, ...written.value });
}

async function writeFormat(disk: SparseDisk, format: PackageFormat, out: Out): Promise<void> {
  switch (format) {
    case "gce-tar":
      for await (const bytes of gzipped(oldGnuArchive("disk.raw", disk))) out.write(bytes);
      return;
    case "vmdk":
      for (const bytes of streamVmdk(disk)) out.write(bytes);
      return;
    case "raw":
      return writeRaw(disk, out);
    case "vhd":
      writeRaw(disk, out);
      return out.write(vhdFooter(disk));
    default:
      return unreachable(format);
  }
}

function writeRaw(disk: SparseDisk, out: Out): void {
  let at = 0;
  for (const { offset, length } of disk.extents) {
    out.hole(offset - at);
    for (at = offset; at < offset + length; at += MIB) {
      out.write(disk.read(at, Math.min(MIB, offset + length - at)));
    }
    at = offset + length;
  }
  out.hole(disk.size - at);
}

/** Gzip whose header says neither when nor on which system it was made. */
async function* gzipped(chunks: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const gzip = createGzip({ level: 6 });
  void feed(chunks, gzip);
  let first = true;
  for await (const chunk of gzip) {
    const bytes: Uint8Array = chunk;
    if (first) bytes[9] = 0xff;
    first = false;
    yield bytes;
  }
}

async function feed(chunks: Iterable<Uint8Array>, gzip: ReturnType<typeof createGzip>): Promise<void> {
  try {
    for (const bytes of chunks) {
      if (!gzip.write(bytes)) await new Promise((resolve) => gzip.once("drain", resolve));
    }
    gzip.end();
  } catch (error) {
    gzip.destroy(error instanceof Error ? error : new Error(String(error)));
  }
}
