import type { Inspector } from "./inspector.ts";
import type { KnownPrograms, LinkedPrograms } from "./programs.ts";
import type { Registers } from "./registers.ts";
import { programAt } from "./unwind.ts";

/** Which program each processor is in; undefined for the kernel, and for what is not known. */
export function whereabouts(
  inspector: Inspector,
  registers: readonly Registers[],
  known: KnownPrograms,
): Promise<readonly (string | undefined)[]> {
  return Promise.all(
    registers.map(async ({ cpu, rip, privilege }) => {
      if (privilege !== 3) return undefined;
      const program = await programAt(rip, (at, length) => inspector.read(cpu, at, length), known.users);
      return program?.name;
    }),
  );
}

/**
 * The linked file with whose symbols a debugger begins: the kernel's, unless every processor is in one and the same
 * program. The kernel's own start lies where programs do, and its names would be taken for theirs.
 */
export function symbolsFor(
  linked: LinkedPrograms,
  where: readonly (string | undefined)[],
): string | undefined {
  const [first] = where;
  const only = where.every((program) => program === first) ? first : undefined;
  return only === undefined ? linked.kernel : linked.users[only];
}
