export { findGdb, gdbArguments, gdbCommandLine, type GdbSession } from "./gdb.ts";
export { Inspector } from "./inspector.ts";
export { loadedPrograms } from "./loaded.ts";
export { type LinkedPrograms, linkedPrograms } from "./programs.ts";
