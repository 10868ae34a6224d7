export { findGdb, gdbArguments, gdbCommandLine, type GdbSession } from "./gdb.ts";
export { Inspector } from "./inspector.ts";
export { type LinkedPrograms, linkedPrograms, loadedPrograms } from "./programs.ts";
