/** Reads a boot module back, refusing everything that `packBootModule` would not have written. Pure. */
import { createHash } from "node:crypto";
import { fail, ok, problem, type Result } from "../../base/index.ts";
import { MalformedMessage } from "../bindings/message.ts";
import { bootModuleCodes } from "./codes.ts";
import { decodeBootManifest, encodeBootManifest, type BootManifest } from "./generated/boot-manifest.ts";
import * as layout from "./layout.ts";
import type { PackedBinary } from "./pack.ts";

export interface DecodedModule {
  readonly manifest: BootManifest;
  /** The boot manifest message: what the system digest is taken over. */
  readonly message: Uint8Array;
  readonly binaries: readonly (PackedBinary & { readonly bytes: Uint8Array })[];
}

class Damage extends Error {}

/** Errors: CAPOS_BOOT_MODULE_DAMAGED, which says where. */
export function readBootModule(module: Uint8Array): Result<DecodedModule> {
  try {
    return ok(read(module));
  } catch (error) {
    if (!(error instanceof Damage || error instanceof MalformedMessage)) throw error;
    return fail(problem(bootModuleCodes, "CAPOS_BOOT_MODULE_DAMAGED", `boot module: ${error.message}`));
  }
}

function read(module: Uint8Array): DecodedModule {
  const bytes = Buffer.from(module.buffer, module.byteOffset, module.byteLength);
  const demand = (holds: boolean, otherwise: string): void => {
    if (!holds) throw new Damage(otherwise);
  };
  demand(bytes.length >= layout.headerBytes, "it is shorter than its header");
  demand(bytes.length <= layout.maxModuleBytes, "it is larger than 256 MiB");
  demand(bytes.toString("latin1", 0, 8) === layout.magic, `it does not start with ${layout.magic}`);
  demand(bytes.readUInt32LE(12) === 0, "the reserved word at byte 12 is not zero");
  const length = bytes.readUInt32LE(8);
  const end = layout.headerBytes + length;
  demand(
    length > 0 && length % 8 === 0 && length <= layout.maxManifestBytes,
    `a manifest of ${length} bytes`,
  );
  demand(end <= bytes.length, "it ends inside its manifest");

  const message = bytes.subarray(layout.headerBytes, end);
  const manifest = decodeBootManifest(message);
  demand(
    manifest.schemaVersion === layout.schemaVersion,
    `schema version ${manifest.schemaVersion} is not known`,
  );
  demand(
    Buffer.compare(encodeBootManifest(manifest), message) === 0,
    "the manifest is not in canonical form",
  );
  demand(manifest.binaries.length <= layout.maxBinaries, `${manifest.binaries.length} binaries`);
  const names = new Set(manifest.binaries.map(({ name }) => name));
  demand(names.size === manifest.binaries.length, "two binaries have one name");
  for (const { binary } of [manifest.init, ...manifest.services]) {
    demand(binary < names.size, `there is no binary ${binary}`);
  }

  let at = end;
  const binaries = manifest.binaries.map((record) => {
    demand(layout.binaryName.test(record.name), `"${record.name}" is not a name for a binary`);
    const start = layout.aligned(at);
    demand(
      record.offset === BigInt(start),
      `binary ${record.name} lies at ${record.offset}, not at ${start}`,
    );
    demand(record.offset + record.length <= BigInt(bytes.length), `it ends inside binary ${record.name}`);
    demand(
      bytes.subarray(at, start).every((byte) => byte === 0),
      `the gap before binary ${record.name} is not zero`,
    );
    at = start + Number(record.length);
    const content = bytes.subarray(start, at);
    const digest = createHash("sha256").update(content).digest();
    demand(
      Buffer.compare(digest, record.sha256) === 0,
      `binary ${record.name} has another SHA-256 than it should`,
    );
    return {
      name: record.name,
      offset: start,
      length: content.length,
      sha256: digest.toString("hex"),
      bytes: content,
    };
  });
  demand(at === bytes.length, `${bytes.length - at} bytes follow the last binary`);
  return { manifest, message, binaries };
}
