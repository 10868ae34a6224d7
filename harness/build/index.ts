export { buildCodes } from "./codes.ts";
export type { ActionCache } from "./action.ts";
export { bootModuleCodes, interfaceIds, readBootModule, systemDigest } from "./bootmanifest/index.ts";
export {
  type BuiltForeign,
  buildForeign,
  type DebianPackage,
  type ForeignContext,
  foreignCodes,
  getPackage,
  type InitramfsEntry,
  knownPackage,
  type PackageContext,
} from "./foreign/index.ts";
export { bindingsCodes, bindingsDrift, writeBindings } from "./bindings/index.ts";
export {
  type BuildContext,
  type BuiltImage,
  type BuiltSystem,
  buildImage,
  changedSince,
  imageInputs,
  modelDigest,
} from "./image.ts";
export { buildHostTool } from "./host-tool.ts";
export { type ObjectStore, openStore, type StoredObject } from "./store.ts";
export { findSymbols, type LoadedRange, readSymbols, type Symbol, type Symbols } from "./symbols.ts";
