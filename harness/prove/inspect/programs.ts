import { readFileSync } from "node:fs";
import { findSymbols, readSymbols, type Symbols } from "../../build/index.ts";
import { fromRoot } from "./gdb.ts";
import type { LoadedProgram, LoadedPrograms } from "./loaded.ts";
import type { KnownProgram } from "./unwind.ts";

/** Linked programs with symbols, as far as they are known here; named from the root. */
export interface LinkedPrograms {
  readonly kernel: string | undefined;
  readonly users: Readonly<Record<string, string>>;
}

export function linkedPrograms(root: string, cacheDir: string, loaded: LoadedPrograms): LinkedPrograms {
  const find = (program: LoadedProgram): string | undefined => {
    const found = findSymbols(root, cacheDir, program);
    return found === undefined ? undefined : fromRoot(root, found);
  };
  const users = loaded.users.flatMap((program) => {
    const file = find(program);
    return file === undefined ? [] : [[program.name, file] as const];
  });
  return { kernel: find(loaded.kernel), users: Object.fromEntries(users) };
}

export interface KnownPrograms {
  readonly kernel: Symbols | undefined;
  readonly users: readonly KnownProgram[];
}

/** Reads the symbols of linked programs; `at` gives the absolute path of one. */
export function knownPrograms(linked: LinkedPrograms, at: (file: string) => string): KnownPrograms {
  const read = (file: string): Symbols | undefined => {
    const symbols = readSymbols(readFileSync(at(file)));
    return symbols.ok ? symbols.value : undefined;
  };
  return {
    kernel: linked.kernel === undefined ? undefined : read(linked.kernel),
    users: Object.entries(linked.users).flatMap(([name, file]) => {
      const symbols = read(file);
      return symbols === undefined ? [] : [{ name, symbols }];
    }),
  };
}
