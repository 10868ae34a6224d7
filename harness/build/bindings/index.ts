export { bindingsCodes } from "./codes.ts";
export { bindingsDrift, generateBindings, schemaPath, writeBindings } from "./generate.ts";
export type { GeneratedFile } from "./rust/files.ts";
