export { bootModuleCodes } from "./codes.ts";
export type {
  BootManifest,
  Export,
  ExportRef,
  KernelGrant,
  KernelGrantSource,
  ServiceGrant,
  ServiceGrantSource,
} from "./generated/boot-manifest.ts";
export { interfaceIds } from "./generated/interfaces.ts";
export {
  type BinaryInput,
  type BootManifestInput,
  type BootModule,
  type PackedBinary,
  packBootModule,
  systemDigest,
} from "./pack.ts";
export { type DecodedModule, readBootModule } from "./read.ts";
