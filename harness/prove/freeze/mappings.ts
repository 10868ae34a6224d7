import type { Symbols } from "../../build/index.ts";
import { programAt, type KnownProgram, type ReadMemory } from "../inspect/unwind.ts";

/** A stretch of addresses that a processor sees alike. */
export interface Mapping {
  readonly start: bigint;
  readonly end: bigint;
  /** As the emulator writes it: `u` for programs, `r`, `w`. */
  readonly rights: string;
}

/** Reads the emulator's `info mem`. */
export function parseMappings(text: string): readonly Mapping[] {
  return [...text.matchAll(/^([0-9a-f]+)-([0-9a-f]+) [0-9a-f]+ (\S+)$/gmu)].map(
    ([, start = "0", end = "0", rights = ""]) => ({
      start: BigInt(`0x${start}`),
      end: BigInt(`0x${end}`),
      rights,
    }),
  );
}

/** Each mapping with what is known to lie there: the kernel's and the running program's parts, by their symbols. */
export async function describeMappings(
  mappings: readonly Mapping[],
  known: { readonly kernel: Symbols | undefined; readonly users: readonly KnownProgram[] },
  read: ReadMemory,
): Promise<readonly string[]> {
  const running = await runningProgram(mappings, known.users, read);
  return mappings.flatMap(({ start, end, rights }) => {
    const program = rights.startsWith("u") ? running : undefined;
    const symbols = rights.startsWith("u") ? program?.symbols : known.kernel;
    const size = `${((end - start) / 1024n).toString()} KiB`.padStart(12);
    const whose = program === undefined ? "" : `  program ${program.name}`;
    const parts = symbols === undefined ? [] : partsOf(symbols, start, end);
    return [`${hex(start)}-${hex(end)} ${size}  ${rights}${whose}`, ...parts.map((part) => `    ${part}`)];
  });
}

/** The program whose text stands where the tables let programs read. */
async function runningProgram(
  mappings: readonly Mapping[],
  users: readonly KnownProgram[],
  read: ReadMemory,
): Promise<KnownProgram | undefined> {
  const texts = users.flatMap(({ symbols }) =>
    symbols.ranges.filter((r) => r.executable).map((r) => r.start),
  );
  const seen = [...new Set(texts)].filter((at) =>
    mappings.some((m) => m.rights.startsWith("u") && at >= m.start && at < m.end),
  );
  for (const address of seen) {
    const program = await programAt(address, read, users);
    if (program !== undefined) return program;
  }
  return undefined;
}

/** Parts of a program within a mapping, each with its first and its last symbol. */
function partsOf(symbols: Symbols, start: bigint, end: bigint): readonly string[] {
  return symbols.ranges
    .filter((range) => range.start < end && range.end > start)
    .map((range) => {
      const [from, until] = [range.start > start ? range.start : start, range.end < end ? range.end : end];
      const inside = symbols.symbols.filter((s) => s.address >= from && s.address < until);
      const kind = range.executable ? "text" : range.writable ? "data" : "constants";
      const names = [inside[0]?.name, inside.at(-1)?.name].filter((n) => n !== undefined);
      return `${hex(from)}-${hex(until)} ${kind}${names.length > 0 ? `: ${[...new Set(names)].join(" … ")}` : ""}`;
    });
}

function hex(address: bigint): string {
  return address.toString(16).padStart(16, "0");
}
