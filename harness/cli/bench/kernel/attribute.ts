import type { Symbols } from "../../../build/index.ts";

/** A program that may run: the kernel lies alone, user programs lie all at the same addresses. */
export interface Program {
  readonly name: string;
  readonly symbols: Symbols;
}

/** Instructions that were executed at one address of a program; undefined where nobody knows whose it is. */
export interface Executed {
  readonly program: string | undefined;
  readonly address: bigint;
  readonly count: number;
}

/** Addresses of the executed instructions in the emulator's log of them (`-d exec,nochain`, one instruction per block). */
export function readTrace(log: string): readonly bigint[] {
  return [...log.matchAll(/^Trace \d+: \S+ \[[0-9a-f]+\/([0-9a-f]+)\//gmu)].map(([, hex = "0"]) =>
    BigInt(`0x${hex}`),
  );
}

const upperHalf = 1n << 63n;
const syscall = [0x0f, 0x05];

/**
 * Whose the executed instructions are. Between two stays in the kernel one user program runs; it is the one in which
 * the instruction before the first of them is a system call, or whose first instruction that is.
 */
export function attribute(
  trace: readonly bigint[],
  kernel: Program,
  users: readonly Program[],
): readonly Executed[] {
  const counts = new Map<string, { program: string | undefined; address: bigint; count: number }>();
  let user: Program | undefined = users[0];
  let wasKernel = false;
  for (const address of trace) {
    const isKernel = address >= upperHalf;
    if (!isKernel && wasKernel) user = users.find((one) => couldResume(one, address));
    wasKernel = isKernel;
    const program = (isKernel ? kernel : user)?.name;
    const key = `${program} ${address}`;
    const known = counts.get(key);
    if (known === undefined) counts.set(key, { program, address, count: 1 });
    else known.count += 1;
  }
  return [...counts.values()];
}

function couldResume({ symbols }: Program, address: bigint): boolean {
  const range = symbols.ranges.find((r) => r.executable && address >= r.start && address < r.end);
  if (range === undefined) return false;
  const at = Number(address - range.start);
  if (syscall.every((byte, i) => range.bytes[at - 2 + i] === byte)) return true;
  const found = symbols.at(address);
  return found?.offset === 0n && found.symbol.name === "_start";
}

/** Where a program reads the time-stamp counter between two measurements: `lfence; rdtsc`, the place of the `rdtsc`. */
export function readingsOf({ symbols }: Program): readonly bigint[] {
  return symbols.ranges
    .filter((range) => range.executable)
    .flatMap(({ start, bytes }) => {
      const found: bigint[] = [];
      const code = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      for (let at = code.indexOf(reading); at >= 0; at = code.indexOf(reading, at + 1)) {
        found.push(start + BigInt(at + fenceBytes));
      }
      return found;
    });
}

/** `lfence; rdtsc` */
export const reading = Buffer.from([0x0f, 0xae, 0xe8, 0x0f, 0x31]);
export const fenceBytes = 3;

/**
 * Source files, as `addr2line -a -i -p` names them: for each address the innermost frame in a file of the tree, for what is
 * inlined out of the language's own library is done for whoever calls it. What has no such frame is left out.
 */
export function readPlaces(text: string, root: string): ReadonlyMap<bigint, string> {
  const places = new Map<bigint, string>();
  let address: bigint | undefined;
  for (const line of text.split("\n")) {
    const [, hex, first] = /^0x([0-9a-f]+): (.*)$/u.exec(line) ?? [];
    if (hex !== undefined) address = BigInt(`0x${hex}`);
    const frame = first ?? / \(inlined by\) (.*)$/u.exec(line)?.[1];
    if (address === undefined || frame === undefined || places.has(address)) continue;
    const [, file] = /^(.*?):(?:\d+|\?)(?: \(discriminator \d+\))?$/u.exec(frame) ?? [];
    if (file === undefined || file.startsWith("??")) continue;
    const near = file.startsWith(`${root}/`) ? file.slice(root.length + 1) : file;
    if (/^(kernel|userspace)\//u.test(near)) places.set(address, near);
  }
  return places;
}

/** How many instructions each place has, most first. */
export function sumUp<T extends { readonly count: number }>(
  executed: readonly T[],
  placeOf: (one: T) => string,
): readonly { readonly place: string; readonly count: number }[] {
  const sums = new Map<string, number>();
  for (const one of executed) {
    const place = placeOf(one);
    sums.set(place, (sums.get(place) ?? 0) + one.count);
  }
  return [...sums]
    .map(([place, count]) => ({ place, count }))
    .toSorted((a, b) => b.count - a.count || (a.place < b.place ? -1 : 1));
}
