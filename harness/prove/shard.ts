/** One part of a selection that is divided among machines; counts from 1. */
export interface Shard {
  readonly index: number;
  readonly of: number;
}

/**
 * Divides items so that the parts take about equally long: the longest first, each to the part that has least. The
 * same items and durations give the same parts on every machine; each item is in exactly one.
 */
export function splitEvenly<T>(
  items: readonly T[],
  parts: number,
  keyOf: (item: T) => string,
  msOf: (item: T) => number,
): readonly (readonly T[])[] {
  const shards = Array.from({ length: parts }, () => ({ ms: 0, items: [] as T[] }));
  for (const item of longestFirst(items, keyOf, msOf)) {
    const least = shards.reduce((best, shard) => (shard.ms < best.ms ? shard : best));
    least.ms += msOf(item);
    least.items.push(item);
  }
  return shards.map((shard) => shard.items);
}

/** The order in which a run starts what it has to do: what takes longest must not be left for the end. */
export function longestFirst<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  msOf: (item: T) => number,
): readonly T[] {
  return items.toSorted((a, b) => msOf(b) - msOf(a) || (keyOf(a) < keyOf(b) ? -1 : 1));
}
