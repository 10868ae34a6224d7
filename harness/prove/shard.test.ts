import fc from "fast-check";
import { expect, test } from "vitest";
import { longestFirst, splitEvenly } from "./shard.ts";

interface Item {
  readonly id: string;
  readonly ms: number;
}
const keyOf = (item: Item): string => item.id;
const msOf = (item: Item): number => item.ms;

const items = fc.uniqueArray(
  fc.record({ id: fc.string({ minLength: 1, maxLength: 8 }), ms: fc.nat({ max: 60_000 }) }),
  { selector: keyOf, maxLength: 60 },
);

test("each case is in exactly one shard, and every machine makes the same shards", () => {
  fc.assert(
    fc.property(items, fc.integer({ min: 1, max: 12 }), fc.infiniteStream(fc.nat()), (all, parts, random) => {
      const shards = splitEvenly(all, parts, keyOf, msOf);
      expect(shards.length).toBe(parts);
      expect(shards.flat().map(keyOf).toSorted()).toEqual(all.map(keyOf).toSorted());
      const shuffled = all
        .map((item) => ({ item, at: random.next().value ?? 0 }))
        .toSorted((a, b) => a.at - b.at)
        .map(({ item }) => item);
      expect(splitEvenly(shuffled, parts, keyOf, msOf)).toEqual(shards);
    }),
  );
});

test("no shard takes longer than the shortest by more than its longest case", () => {
  fc.assert(
    fc.property(items, fc.integer({ min: 1, max: 8 }), (all, parts) => {
      const sums = splitEvenly(all, parts, keyOf, msOf).map((s) => s.reduce((sum, i) => sum + i.ms, 0));
      const longest = Math.max(0, ...all.map(msOf));
      expect(Math.max(...sums) - Math.min(...sums)).toBeLessThanOrEqual(longest);
    }),
  );
});

test("the longest goes first; of equally long ones the name decides", () => {
  const all = [
    { id: "b", ms: 1 },
    { id: "a", ms: 1 },
    { id: "c", ms: 9 },
  ];
  expect(longestFirst(all, keyOf, msOf).map(keyOf)).toEqual(["c", "a", "b"]);
});
