export { foreignCodes } from "./codes.ts";
export { type BuiltForeign, buildForeign, type ForeignContext, type InitramfsEntry } from "./build.ts";
export type { DebianPackage } from "./known.ts";
export { getPackage, type PackageContext } from "./packages.ts";
