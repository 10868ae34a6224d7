export { foreignCodes } from "./codes.ts";
export { type BuiltForeign, buildForeign, type ForeignContext, type InitramfsEntry } from "./build.ts";
export { type DebianPackage, knownPackage } from "./known.ts";
export { getPackage, type PackageContext } from "./packages.ts";
