export { manifestCodes } from "./codes.ts";
export { engineStarts } from "./engine-count.ts";
export { type LoadOptions, listImages, loadImage } from "./image.ts";
export {
  type BootManifestInput,
  type KernelGrant,
  type KernelGrantSource,
  type ServiceGrantSource,
  kernelGrants,
  lower,
} from "./lower.ts";
export {
  type FileSource,
  type ForeignModel,
  type InitramfsFile,
  packagesOf,
  pathsOf,
  requestsOf,
} from "./foreign-model.ts";
export type {
  Binary,
  Export,
  Grant,
  GrantSource,
  ImageModel,
  Init,
  InterfaceTable,
  Service,
  SystemModel,
} from "./model.ts";
export { grantKinds, kernelInterfaces } from "./model.ts";
export { listProofs, loadProof, proofDefaults } from "./proof.ts";
export { type TreeCheck, checkTree, proofFitsImage } from "./tree.ts";
