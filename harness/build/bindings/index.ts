export { bindingsCodes } from "./codes.ts";
export { bindingsDrift, generateBindings, rustFolder, schemaPath, writeBindings } from "./generate.ts";
export type { GeneratedFile } from "./rust/files.ts";
