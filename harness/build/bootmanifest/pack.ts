/** From the system model and the built programs to the boot module. Pure. */
import { createHash } from "node:crypto";
import { err, nearest, ok, problem, type Problem, type Result } from "../../base/index.ts";
import { bootModuleCodes } from "./codes.ts";
import { encodeBootManifest, type Binary, type Init, type Service } from "./generated/boot-manifest.ts";
import * as layout from "./layout.ts";

/** The boot manifest of an image before its binaries are built: they are named, not counted. */
export interface BootManifestInput {
  readonly image: string;
  readonly init: Named<Init>;
  /** In the order in which they are started. */
  readonly services: readonly Named<Service>[];
}

type Named<T> = Omit<T, "binary"> & { readonly binary: string };

/** A program as it goes into the module, already stripped. */
export interface BinaryInput {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Where a binary lies in the module. */
export interface PackedBinary {
  readonly name: string;
  /** Bytes from the start of the module. */
  readonly offset: number;
  readonly length: number;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
}

export interface BootModule {
  /** The module's bytes in order; nothing was copied, the binaries are the caller's own arrays. */
  readonly chunks: readonly Uint8Array[];
  /** Bytes in all. */
  readonly size: number;
  /** The boot manifest message: what the system digest is taken over. */
  readonly manifest: Uint8Array;
  readonly binaries: readonly PackedBinary[];
}

/**
 * Packs the boot module of an image. The binaries keep their order; the same input gives the same bytes.
 * Errors: every CAPOS_BOOT code but the last, all that apply.
 */
export function packBootModule(
  input: BootManifestInput,
  binaries: readonly BinaryInput[],
): Result<BootModule> {
  const problems = [...nameProblems(binaries), ...referenceProblems(input, binaries)];
  if (binaries.length > layout.maxBinaries) {
    problems.push(
      limit(`image ${input.image} has ${binaries.length} binaries; ${layout.maxBinaries} is the most`),
    );
  }
  if (problems.length > 0) return err(problems);

  // The offsets stand in the manifest, and the manifest stands before them. Its size does not depend on them, as
  // none of them is zero, so a first encoding with any offsets tells where the binaries begin.
  const digested = binaries.map(({ name, bytes }) => ({
    name,
    length: bytes.length,
    sha256: createHash("sha256").update(bytes).digest(),
  }));
  const sized = placed(digested, layout.alignment);
  const length = encode(input, sized).length;
  const records = placed(digested, layout.aligned(layout.headerBytes + length));
  const manifest = encode(input, records);
  if (manifest.length !== length) throw new Error("the boot manifest changed its size with its offsets");

  const last = records.at(-1);
  const size = last === undefined ? layout.headerBytes + length : Number(last.offset + last.length);
  if (length > layout.maxManifestBytes) {
    problems.push(limit(`the manifest of image ${input.image} takes ${length} bytes; 4 MiB is the most`));
  }
  if (size > layout.maxModuleBytes) {
    problems.push(limit(`the boot module of image ${input.image} takes ${size} bytes; 256 MiB is the most`));
  }
  if (problems.length > 0) return err(problems);
  return ok({ chunks: chunksOf(manifest, records, binaries), size, manifest, binaries: records.map(shown) });
}

/** SHA-256 over the kernel's build id and the boot manifest message: what the kernel's banner must show. */
export function systemDigest(buildId: Uint8Array, manifest: Uint8Array): string {
  if (buildId.length !== 20) throw new RangeError(`a build id has 20 bytes, this one ${buildId.length}`);
  return createHash("sha256").update(buildId).update(manifest).digest("hex");
}

interface Digested {
  readonly name: string;
  readonly length: number;
  readonly sha256: Uint8Array;
}

/** The binaries behind each other, the first one at `start`. */
function placed(binaries: readonly Digested[], start: number): readonly Binary[] {
  let offset = start;
  return binaries.map(({ name, length, sha256 }) => {
    const record = { name, offset: BigInt(offset), length: BigInt(length), sha256 };
    offset = layout.aligned(offset + length);
    return record;
  });
}

function encode(input: BootManifestInput, binaries: readonly Binary[]): Uint8Array {
  const index = new Map(binaries.map(({ name }, at) => [name, at]));
  const numbered = <T>(named: Named<T>): Omit<T, "binary"> & { binary: number } => ({
    ...named,
    binary: index.get(named.binary) ?? 0,
  });
  return encodeBootManifest({
    schemaVersion: layout.schemaVersion,
    image: input.image,
    binaries,
    init: numbered(input.init),
    services: input.services.map(numbered),
  });
}

function chunksOf(
  manifest: Uint8Array,
  records: readonly Binary[],
  binaries: readonly BinaryInput[],
): Uint8Array[] {
  const header = Buffer.alloc(layout.headerBytes);
  header.write(layout.magic, "latin1");
  header.writeUInt32LE(manifest.length, 8);
  const chunks: Uint8Array[] = [header, manifest];
  let end = header.length + manifest.length;
  records.forEach((record, index) => {
    const gap = Number(record.offset) - end;
    if (gap > 0) chunks.push(new Uint8Array(gap));
    chunks.push(binaries[index]?.bytes ?? new Uint8Array());
    end = Number(record.offset + record.length);
  });
  return chunks;
}

function shown({ name, offset, length, sha256 }: Binary): PackedBinary {
  return {
    name,
    offset: Number(offset),
    length: Number(length),
    sha256: Buffer.from(sha256).toString("hex"),
  };
}

function nameProblems(binaries: readonly BinaryInput[]): Problem[] {
  const seen = new Set<string>();
  return binaries.flatMap(({ name }) => {
    const message = seen.has(name)
      ? `two binaries are named "${name}"`
      : layout.binaryName.test(name)
        ? undefined
        : `"${name}" is not a name for a binary`;
    seen.add(name);
    return message === undefined ? [] : [problem(bootModuleCodes, "CAPOS_BOOT_BINARY_NAME", message)];
  });
}

function referenceProblems(input: BootManifestInput, binaries: readonly BinaryInput[]): Problem[] {
  const names = binaries.map(({ name }) => name);
  const users = [
    { who: "init", binary: input.init.binary },
    ...input.services.map(({ name, binary }) => ({ who: `service ${name}`, binary })),
  ];
  return users
    .filter(({ binary }) => !names.includes(binary))
    .map(({ who, binary }) => {
      const meant = nearest(binary, names);
      const extras = meant === undefined ? {} : { next: `did you mean "${meant}"?` };
      const message = `${who} runs "${binary}", which image ${input.image} does not hold`;
      return problem(bootModuleCodes, "CAPOS_BOOT_BINARY_UNKNOWN", message, extras);
    });
}

function limit(message: string): Problem {
  return problem(bootModuleCodes, "CAPOS_BOOT_LIMIT", message);
}
