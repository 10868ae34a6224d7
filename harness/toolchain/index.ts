export { type Package, packages } from "./packages.ts";
export { type Found, inventory, missingPackages, packageVersions, rustSources } from "./inventory.ts";
export { toolchainCodes } from "./codes.ts";
