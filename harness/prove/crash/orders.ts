import {
  type CrashMoment,
  type DiskHistory,
  type Part,
  sectorBytes,
  uncovered,
} from "../../contract/index.ts";
import type { DiskState } from "./states.ts";

/**
 * What a checker of `kernel/hosttools` is told: the disk, the data of all writes once, and then states that are made of
 * them. The form is described in `kernel/hosttools/src/orders.rs`.
 */
export class Orders {
  readonly #parts: Uint8Array[] = [];
  #pieces = 0;

  constructor(diskBytes: number) {
    this.#put("D", 12, (b) => b.writeBigUInt64LE(BigInt(diskBytes), 1), 9);
  }

  /** Data for a place of the disk; gives its number. */
  piece(offset: number, data: Uint8Array): number {
    this.#put("W", 13, (b) => {
      b.writeBigUInt64LE(BigInt(offset), 1);
      b.writeUInt32LE(data.length, 9);
    });
    this.#parts.push(data);
    return this.#pieces++;
  }

  /** Puts bytes of a piece onto the disk for good. */
  apply(piece: number, from: number, to: number): void {
    this.#put("A", 13, (b) => [piece, from, to].forEach((n, i) => b.writeUInt32LE(n, 1 + 4 * i)));
  }

  /** Asks for the disk with these on top. */
  state(parts: readonly (readonly [piece: number, from: number, to: number])[]): void {
    this.#put("S", 5 + 12 * parts.length, (b) => {
      b.writeUInt32LE(parts.length, 1);
      parts.flat().forEach((n, i) => b.writeUInt32LE(n, 5 + 4 * i));
    });
  }

  bytes(): Uint8Array {
    return Buffer.concat(this.#parts);
  }

  #put(tag: string, length: number, fill: (bytes: Buffer) => unknown, used = length): void {
    const bytes = Buffer.alloc(length);
    bytes.write(tag, "latin1");
    fill(bytes);
    this.#parts.push(bytes.subarray(0, used));
  }
}

/** What is on a disk before anything is written to it: the parts of it that are not zero. */
export type Extents = readonly { readonly offset: number; readonly data: Uint8Array }[];

/** The orders for all states, in their order. States must be grouped by their moments. */
export function ordersFor(
  disk: { readonly bytes: number; readonly extents: Extents },
  history: DiskHistory,
  moments: readonly CrashMoment[],
  states: readonly DiskState[],
): Uint8Array {
  const orders = new Orders(disk.bytes);
  for (const { offset, data } of disk.extents) orders.apply(orders.piece(offset, data), 0, data.length);
  const pieces = history.writes.map(({ sector, data }) => orders.piece(sector * sectorBytes, data));
  const applied = new Set<number>();
  for (const state of states) {
    const moment = moments[state.moment];
    if (moment === undefined) throw new RangeError(`no moment ${state.moment}`);
    // What is durable stays so. What comes to it may lie below a later write that was durable before.
    const first = moment.durable.findIndex((write) => !applied.has(write));
    for (const write of first < 0 ? [] : moment.durable.slice(first)) {
      applied.add(write);
      orders.apply(pieces[write] ?? 0, 0, history.writes[write]?.data.length ?? 0);
    }
    orders.state(
      survivorsOf(history, moment, state.parts).map(({ write, from, to }) => [
        pieces[write] ?? 0,
        from * sectorBytes,
        to * sectorBytes,
      ]),
    );
  }
  return orders.bytes();
}

/** What of the pending writes is really on the disk. */
export function survivorsOf(
  history: DiskHistory,
  moment: CrashMoment,
  parts: readonly Part[],
): readonly Part[] {
  return parts.flatMap((part) => uncovered(history, moment, part));
}
