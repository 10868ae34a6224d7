/** The boot module's fixed numbers, as docs/abi.md states them. */
export const magic = "CAPOSBM1";
export const headerBytes = 16;
export const alignment = 4096;
export const schemaVersion = 1;
export const maxBinaries = 64;
export const maxManifestBytes = 4 * 1024 * 1024;
export const maxModuleBytes = 256 * 1024 * 1024;
export const binaryName = /^[a-z0-9-]{1,32}$/;

/** The next multiple of the alignment. */
export function aligned(offset: number): number {
  return Math.ceil(offset / alignment) * alignment;
}
