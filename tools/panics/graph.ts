/**
 * Which function of a linked program can come to which other, read from its machine code: by a call or a jump, or
 * because its address is taken, in an instruction or in a table that the function names. What is called through a
 * pointer is thus among what a function is said to come to, as long as the pointer was made by something that it comes
 * to itself. A table is taken to reach to the next address that anything names.
 */
import type { Symbols } from "../../harness/build/index.ts";

/** Functions by their addresses. */
export interface Graph {
  readonly names: ReadonlyMap<bigint, string>;
  readonly edges: ReadonlyMap<bigint, ReadonlySet<bigint>>;
}

interface Instruction {
  readonly address: bigint;
  readonly text: string;
}

const wraps = 1n << 64n;

/** Reads a program from its symbols and from what `objdump -d --no-show-raw-insn` says of it. */
export function readGraph(symbols: Symbols, disassembly: string): Graph {
  const names = new Map<bigint, string>();
  const named = new Map<bigint, Set<bigint>>();
  const last = new Map<bigint, Instruction>();
  for (const instruction of instructions(disassembly)) {
    const own = symbols.at(instruction.address)?.symbol;
    if (own === undefined) continue;
    names.set(own.address, own.name);
    const all = named.get(own.address) ?? new Set();
    named.set(own.address, all);
    for (const address of addressesIn(instruction.text)) all.add(address);
    last.set(own.address, instruction);
  }
  const functionAt = (address: bigint): bigint | undefined => {
    const start = symbols.at(address)?.symbol.address;
    return start !== undefined && names.has(start) ? start : undefined;
  };
  const tables = readTables(symbols, names, named);
  const edges = new Map<bigint, Set<bigint>>();
  const inOrder = [...names.keys()].toSorted((a, b) => (a < b ? -1 : 1));
  for (const [at, start] of inOrder.entries()) {
    const comesTo = new Set<bigint>();
    for (const address of named.get(start) ?? []) {
      const target = functionAt(address);
      if (target !== undefined) comesTo.add(target);
      else for (const entry of tables(address)) comesTo.add(entry);
    }
    const next = inOrder[at + 1];
    if (next !== undefined && !ends(last.get(start)?.text ?? "")) comesTo.add(next);
    comesTo.delete(start);
    edges.set(start, comesTo);
  }
  return { names, edges };
}

/** The shortest way from one of the roots to the target, as names; undefined when there is none. */
export function wayTo(
  { names, edges }: Graph,
  roots: readonly bigint[],
  isTarget: (name: string) => boolean,
  isLeftOut: (name: string) => boolean,
): readonly string[] | undefined {
  const name = (address: bigint): string => names.get(address) ?? "";
  const from = new Map<bigint, bigint | undefined>(roots.map((root) => [root, undefined]));
  for (const address of from.keys()) {
    if (isTarget(name(address))) {
      const way: string[] = [];
      for (let at: bigint | undefined = address; at !== undefined; at = from.get(at)) way.unshift(name(at));
      return way;
    }
    if (isLeftOut(name(address))) continue;
    for (const next of edges.get(address) ?? []) if (!from.has(next)) from.set(next, address);
  }
  return undefined;
}

function* instructions(disassembly: string): Iterable<Instruction> {
  for (const line of disassembly.split("\n")) {
    const [, address, text] = /^\s*([0-9a-f]+):\t(.*)$/u.exec(line) ?? [];
    if (address !== undefined && text !== undefined) yield { address: BigInt(`0x${address}`), text };
  }
}

/** Every address that an instruction names: a target, what lies relative to it, a constant, a table. */
function addressesIn(text: string): readonly bigint[] {
  const plain = [...text.matchAll(/(?:#\s|\s)([0-9a-f]{6,16}) </gu)].map(([, hex = "0"]) =>
    BigInt(`0x${hex}`),
  );
  const constants = [...text.matchAll(/(-?)\$?0x([0-9a-f]{6,16})\b/gu)].map(([, sign, hex = "0"]) => {
    const value = BigInt(`0x${hex}`);
    return sign === "-" ? wraps - value : value;
  });
  return [...plain, ...constants];
}

/**
 * Whether nothing follows an instruction but where it goes. A call that stands last in a function does not come back;
 * in assembly it may, so what stands behind one there is to be a root of its own.
 */
function ends(text: string): boolean {
  return /^(?:notrack )?(?:call|jmp|ret|iret|sysret|ud2|hlt|int3|nop|data16|cs nop|xchg +%ax,%ax)/u.test(
    text,
  );
}

/** The functions that stand in the table at an address, and in the tables that it names. */
function readTables(
  symbols: Symbols,
  names: ReadonlyMap<bigint, string>,
  named: ReadonlyMap<bigint, ReadonlySet<bigint>>,
): (address: bigint) => Iterable<bigint> {
  const data = symbols.ranges.filter(({ executable }) => !executable);
  const isData = (address: bigint): boolean => data.some((r) => r.start <= address && address < r.end);
  const words = new Map<bigint, bigint>();
  const starts = new Set([...named.values()].flatMap((all) => [...all]));
  for (const { start, bytes } of data) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const first = Number((8n - (start % 8n)) % 8n);
    for (let at = first; at + 8 <= bytes.byteLength; at += 8) {
      const word = view.getBigUint64(at, true);
      if (names.has(word)) words.set(start + BigInt(at), word);
      if (!isData(word)) continue;
      words.set(start + BigInt(at), word);
      starts.add(word);
    }
  }
  return (address) => {
    const found = new Set<bigint>();
    const seen = new Set<bigint>();
    const look = (table: bigint): void => {
      if (!isData(table) || seen.has(table)) return;
      seen.add(table);
      let at = table + ((8n - (table % 8n)) % 8n);
      do {
        const word = words.get(at);
        if (word !== undefined && names.has(word)) found.add(word);
        else if (word !== undefined) look(word);
        at += 8n;
      } while (!starts.has(at) && isData(at));
    };
    look(address);
    return found;
  };
}
