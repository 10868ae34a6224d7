import { existsSync } from "node:fs";
import { isAbsolute, join, relative } from "node:path";
import { findProgram } from "../../process/index.ts";

/** What a debugger is told. */
export interface GdbSession {
  /** From the checkout's root, where the debugger is run. */
  readonly socket: string;
  /** The linked program whose symbols it begins with: the kernel, or what all processors are in. */
  readonly symbols: string | undefined;
  /** Linked programs by name; which of them runs, the person must say, for all lie at the same addresses. */
  readonly programs: Readonly<Record<string, string>>;
  /** Run before anything of the person's own. */
  readonly first: readonly string[];
}

/** Arguments of gdb, without its name, for attaching. `exec` makes it a batch that ends after these commands. */
export function gdbArguments(session: GdbSession, exec: readonly string[]): readonly string[] {
  const commands = [
    "set confirm off",
    "set pagination off",
    ...(session.symbols === undefined ? [] : [`file ${quoted(session.symbols)}`]),
    ...Object.entries(session.programs).map(
      ([name, file]) => `python gdb.execute("define symbols-${name}\\nadd-symbol-file ${file}\\nend")`,
    ),
    `target remote ${session.socket}`,
    ...session.first,
  ];
  // A person's own settings count for a person, not for a script.
  const batch = exec.length > 0 ? ["-nx", "-batch"] : [];
  return ["-q", ...batch, ...[...commands, ...exec].flatMap((command) => ["-ex", command])];
}

/** The command as a person types it, of the debugger `program`. */
export function gdbCommandLine(session: GdbSession, program = "gdb"): string {
  const known = session.symbols === undefined ? "" : ` ${session.symbols}`;
  const first = session.first.map((command) => ` -ex '${command}'`).join("");
  return `${program} -q${known} -ex 'target remote ${session.socket}'${first}`;
}

/** The debugger that is wanted, or the one that is installed. */
export function findGdb(wanted: string | undefined): string | undefined {
  return findProgram(wanted ?? "gdb");
}

/** A path as it is written from the root: what a person can read and type. */
export function fromRoot(root: string, path: string): string {
  const near = relative(root, path);
  return isAbsolute(path) && existsSync(join(root, near)) && !near.startsWith("..") ? near : path;
}

function quoted(file: string): string {
  return file.replaceAll(" ", String.raw`\ `);
}
