export { imageCodes } from "./codes.ts";
export type { ByteRange, Piece } from "./bytes.ts";
export { type CpioEntry, packCpio } from "./cpio.ts";
export { type GrubInvocation, type GrubParts, type RunTool, grubInvocations, makeGrubParts } from "./grub.ts";
export { type HybridDisk, type HybridDiskSpec, hybridDisk } from "./hybrid.ts";
export { type ImagePlan, measurePlan, writeToFile, writeToMemory } from "./targets.ts";
export { BLOCK_BYTES, type BlockTarget, ImageSink, type Written, writePieces } from "./sink.ts";
export { type ByteSource, measureImage, memorySource, whileImageFile, withImageFile } from "./source.ts";
export { type DiskContents, type FileRecord, undigestedRanges } from "./contents.ts";
export { type Disk, extractFile, readContents, readDisk } from "./disk-read.ts";
export { type Difference, describeByte, firstDifference } from "./compare.ts";
export { type ImageBench, type ImageBenchOptions, benchHybridDisk } from "./bench.ts";
export {
  type Packed,
  type PackageFormat,
  packageFormats,
  packageName,
  packDisk,
  type Provider,
  providers,
} from "./pack/package.ts";
