import { type Crashed, type DiskHistory, endOf, sectorBytes } from "./crash-history.ts";

/** Sectors of a write that survive: from one, up to but not including the other, counted within the write. */
export interface Part {
  readonly write: number;
  readonly from: number;
  readonly to: number;
}

export interface CrashBounds {
  /** Where there are too many subsets to try them all: at most so many writes are kept, or lost. */
  readonly reorder: number;
  readonly torn: boolean;
}

/** What was really tried of one crash. */
export interface Tried {
  /** `all`: every subset of the pending writes. Otherwise as in `CrashBounds`. */
  readonly subsets: "all" | number;
  /** Writes that have more sector borders than were tried. */
  readonly uncut: number;
}

/** More states than these are not made of one crash: `reorder` is lowered until they are fewer. */
const mostSubsets = 20_000;
/** Places at which one write is torn. */
const mostCuts = 63;

/**
 * Which sectors of the pending writes survive a crash, for every state that is tried. First all in-order prefixes: what
 * a disk without reordering could leave. Then subsets; then, if wanted, each write torn at its sector borders, its
 * first or its last part surviving, with none of the others, with those before it, and with all of them.
 */
export function* survivals(
  history: DiskHistory,
  crashed: Crashed,
  bounds: CrashBounds,
): Generator<readonly Part[], Tried, undefined> {
  const { pending } = crashed;
  const whole = pending.map((write): Part => ({ write, from: 0, to: sectorsOf(history, write) }));
  for (let kept = 0; kept <= whole.length; kept++) yield whole.slice(0, kept);
  const reorder = affordable(whole.length, bounds.reorder);
  for (const kept of subsets(whole.length, reorder)) yield whole.filter((_, i) => kept.has(i));
  let uncut = 0;
  if (bounds.torn) {
    for (const [i, part] of whole.entries()) {
      if (part.to - 1 > mostCuts) uncut++;
      for (const cut of cuts(part.to)) {
        for (const torn of [
          { ...part, to: cut },
          { ...part, from: cut },
        ]) {
          yield [torn];
          yield [...whole.slice(0, i), torn];
          yield [...whole.slice(0, i), torn, ...whole.slice(i + 1)];
        }
      }
    }
  }
  return { subsets: 2 * reorder + 1 >= whole.length ? "all" : reorder, uncut };
}

/** What of a surviving part is not covered by durable writes that were asked for later. */
export function uncovered(history: DiskHistory, { above }: Crashed, part: Part): readonly Part[] {
  const sector = history.writes[part.write]?.sector ?? 0;
  let parts: readonly Part[] = [part];
  for (const other of above.get(part.write) ?? []) {
    const write = history.writes[other];
    if (write === undefined) continue;
    const [start, end] = [write.sector - sector, endOf(write) - sector];
    parts = parts
      .flatMap((p) => [
        { ...p, to: Math.min(p.to, start) },
        { ...p, from: Math.max(p.from, end) },
      ])
      .filter((p) => p.from < p.to);
  }
  return parts;
}

/** The largest bound that keeps within what is made of one crash. */
function affordable(count: number, wanted: number): number {
  for (let reorder = Math.min(wanted, count); reorder > 0; reorder--) {
    let sum = 0;
    for (let size = 0, choose = 1; size <= reorder; size++) {
      sum += choose;
      choose = (choose * (count - size)) / (size + 1);
    }
    if (2 * sum <= mostSubsets) return reorder;
  }
  return 0;
}

/** Every set of at most `most` of `count` numbers, and every set that lacks at most so many; each once. */
function* subsets(count: number, most: number): Generator<ReadonlySet<number>, void, undefined> {
  const all = Array.from({ length: count }, (_, i) => i);
  for (let size = 0; size <= count; size++) {
    if (size > most && count - size > most) continue;
    if (size <= count - size) {
      for (const chosen of combinations(count, size)) yield new Set(chosen);
    } else {
      for (const lost of combinations(count, count - size))
        yield new Set(all.filter((i) => !lost.includes(i)));
    }
  }
}

function* combinations(count: number, size: number): Generator<readonly number[], void, undefined> {
  const chosen = Array.from({ length: size }, (_, i) => i);
  for (;;) {
    yield [...chosen];
    let at = size - 1;
    while (at >= 0 && chosen[at] === count - size + at) at--;
    if (at < 0) return;
    const next = (chosen[at] ?? 0) + 1;
    for (let i = at; i < size; i++) chosen[i] = next + i - at;
  }
}

/** Sector borders within a write, spread evenly where there are too many. */
function cuts(sectors: number): readonly number[] {
  const borders = sectors - 1;
  if (borders <= mostCuts) return Array.from({ length: Math.max(0, borders) }, (_, i) => i + 1);
  return Array.from({ length: mostCuts }, (_, i) => 1 + Math.round((i * (borders - 1)) / (mostCuts - 1)));
}

function sectorsOf(history: DiskHistory, write: number): number {
  return (history.writes[write]?.data.length ?? 0) / sectorBytes;
}
