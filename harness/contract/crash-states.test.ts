import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  crashAt,
  crashMoments,
  type DiskEvent,
  type DiskHistory,
  positionOf,
  type Write,
} from "./crash-history.ts";
import { type Part, survivals, uncovered } from "./crash-states.ts";

const sector = 512;

/** A write of one letter a sector. */
function write(request: number, at: number, letters: string, fua = false): Write {
  const data = Buffer.concat([...letters].map((letter) => Buffer.alloc(sector, letter)));
  return { request, sector: at, data, fua };
}

/** The first letter of each of a disk's sectors. */
function show(disk: ReadonlyMap<number, string>, sectors: number): string {
  return Array.from({ length: sectors }, (_, i) => disk.get(i) ?? ".").join("");
}

function apply(disk: Map<number, string>, w: Write | undefined, from = 0, to = Infinity): void {
  if (w === undefined) return;
  const sectors = w.data.length / sector;
  for (let i = from; i < Math.min(to, sectors); i++) {
    disk.set(w.sector + i, String.fromCharCode(w.data[i * sector] ?? 0));
  }
}

function statesAt(history: DiskHistory, position: number, sectors: number, torn = false): Set<string> {
  const crashed = crashAt(history, position);
  const found = new Set<string>();
  for (const parts of survivals(history, crashed, { reorder: 8, torn })) {
    const disk = new Map<number, string>();
    for (const i of crashed.durable) apply(disk, history.writes[i]);
    for (const part of parts) {
      for (const { write: i, from, to } of uncovered(history, crashed, part)) {
        apply(disk, history.writes[i], from, to);
      }
    }
    found.add(show(disk, sectors));
  }
  return found;
}

describe("a crash", () => {
  const history: DiskHistory = {
    writes: [write(0, 0, "AA"), write(2, 0, "B"), write(3, 2, "C", true)],
    events: [
      { kind: "write", at: 10, request: 0 },
      { kind: "done", at: 10, request: 0, ok: true },
      { kind: "flush", at: 20, request: 1 },
      { kind: "write", at: 20, request: 2 },
      { kind: "done", at: 20, request: 2, ok: true },
      { kind: "done", at: 30, request: 1, ok: true },
      { kind: "write", at: 40, request: 3 },
      { kind: "done", at: 40, request: 3, ok: true },
    ],
  };

  test("keeps what a flush promised, which is only what was done when it was asked for", () => {
    expect(crashAt(history, 5)).toMatchObject({ durable: [], pending: [0, 1] });
    expect(crashAt(history, 6)).toMatchObject({ durable: [0], pending: [1] });
  });

  test("keeps what forced its way to the disk once it is done", () => {
    expect(crashAt(history, 7)).toMatchObject({ durable: [0], pending: [1, 2] });
    expect(crashAt(history, 8)).toMatchObject({ durable: [0, 2], pending: [1] });
  });

  test("promises nothing by a flush or a write that failed", () => {
    const failed = history.events.map((event): DiskEvent =>
      event.kind === "done" ? { ...event, ok: false } : event,
    );
    expect(crashAt({ ...history, events: failed }, 8)).toMatchObject({ durable: [], pending: [0, 1, 2] });
  });

  test("has nothing of what was asked for after the last byte that counts", () => {
    expect(positionOf(history, 20)).toBe(2);
    expect(positionOf(history, 21)).toBe(5);
    expect(positionOf(history, 99)).toBe(8);
  });

  test("may leave every subset of what is pending, the later of two writes on top", () => {
    expect([...statesAt(history, 5, 2)].toSorted()).toEqual(["..", "AA", "B.", "BA"].toSorted());
  });

  test("cannot bring back what was done before a durable write of the same sector", () => {
    const over: DiskHistory = {
      writes: [write(0, 0, "AA"), write(1, 1, "B", true)],
      events: [
        { kind: "write", at: 0, request: 0 },
        { kind: "done", at: 0, request: 0, ok: true },
        { kind: "write", at: 0, request: 1 },
        { kind: "done", at: 0, request: 1, ok: true },
      ],
    };
    expect([...statesAt(over, 4, 2)].toSorted()).toEqual([".B", "AB"]);
  });

  test("may tear a write at each sector border, whichever part survives", () => {
    expect([...statesAt(history, 2, 2, true)].toSorted()).toEqual(["..", ".A", "A.", "AA"].toSorted());
  });
});

test("a window is tried before each thing that becomes durable, before each mark, and at its end", () => {
  const history: DiskHistory = {
    writes: [write(0, 0, "A"), write(2, 1, "B")],
    events: [
      { kind: "write", at: 5, request: 0 },
      { kind: "done", at: 5, request: 0, ok: true },
      { kind: "flush", at: 5, request: 1 },
      { kind: "done", at: 8, request: 1, ok: true },
      { kind: "write", at: 9, request: 2 },
    ],
  };
  const moments = crashMoments(history, 2, 20, [7, 12]);
  expect(
    moments.map(({ position, durable, pending, passed }) => [position, durable, pending, [...passed]]),
  ).toEqual([
    [3, [], [0], []],
    [3, [], [0], [7]],
    [5, [0], [1], [7]],
    [5, [0], [1], [7, 12]],
  ]);
});

/** Random requests of up to two sectors on a disk of four, done in any order, with flushes between. */
const histories = fc
  .array(
    fc.record({
      kind: fc.constantFrom("write", "write", "flush", "finish"),
      sector: fc.nat(2),
      sectors: fc.integer({ min: 1, max: 2 }),
      fua: fc.boolean(),
      pick: fc.nat(9),
      ok: fc.boolean(),
    }),
    { maxLength: 14 },
  )
  .map((steps): DiskHistory => {
    const writes: Write[] = [];
    const events: DiskEvent[] = [];
    const open: number[] = [];
    for (const [request, step] of steps.entries()) {
      const at = request;
      if (step.kind === "finish") {
        const [done] = open.splice(step.pick % Math.max(1, open.length), 1);
        if (done !== undefined) events.push({ kind: "done", at, request: done, ok: step.ok });
        continue;
      }
      open.push(request);
      if (step.kind === "flush") events.push({ kind: "flush", at, request });
      else {
        const letter = String.fromCharCode(97 + writes.length);
        writes.push(write(request, step.sector, letter.repeat(step.sectors), step.fua));
        events.push({ kind: "write", at, request });
      }
    }
    return { writes, events };
  });

/**
 * The same disk, told as a machine: a cache that may write back anything at any time, by steps. Every state that it
 * can be in when the power goes is reached by exploring all its choices; nothing is shared with what is tested.
 */
function explore(history: DiskHistory, position: number, sectors: number): Set<string> {
  const lastDone = new Map<number, number>();
  for (const [i, event] of history.events.slice(0, position).entries()) {
    if (event.kind === "done" && event.ok) lastDone.set(event.request, i);
  }
  const isDurable = (w: Write): boolean => {
    const done = lastDone.get(w.request);
    if (done === undefined) return false;
    if (w.fua) return true;
    return history.events.slice(0, position).some((flush, i) => {
      const end = lastDone.get(flush.request);
      return flush.kind === "flush" && i > done && end !== undefined;
    });
  };
  const asked = history.events.slice(0, position).flatMap((e) => (e.kind === "write" ? [e.request] : []));
  const inOrder = asked.flatMap((request) => history.writes.filter((w) => w.request === request));
  const found = new Set<string>();
  const go = (i: number, kept: readonly Write[]): void => {
    const next = inOrder[i];
    if (next === undefined) {
      const disk = new Map<number, string>();
      for (const w of kept) apply(disk, w);
      found.add(show(disk, sectors));
      return;
    }
    if (!isDurable(next)) go(i + 1, kept);
    go(i + 1, [...kept, next]);
  };
  go(0, []);
  return found;
}

describe("against a model", () => {
  test("the states of a crash are exactly those that a disk with a cache can be in", () => {
    fc.assert(
      fc.property(histories, fc.nat(20), (history, place) => {
        const position = place % (history.events.length + 1);
        expect(statesAt(history, position, 4)).toEqual(explore(history, position, 4));
      }),
      { numRuns: 500 },
    );
  });

  test("the moments of a window have all states of all its places, and no others", () => {
    fc.assert(
      fc.property(histories, fc.nat(14), fc.nat(14), (history, a, b) => {
        const [from, until] = [Math.min(a, b), Math.max(a, b)];
        const tried = new Set<string>();
        for (const { position } of crashMoments(history, from, until, [])) {
          for (const state of statesAt(history, position, 4)) tried.add(state);
        }
        const possible = new Set<string>();
        for (let at = positionOf(history, from); at <= positionOf(history, until); at++) {
          for (const state of explore(history, at, 4)) possible.add(state);
        }
        expect(tried).toEqual(possible);
      }),
      { numRuns: 500 },
    );
  });
});

describe("bounds", () => {
  const many = (count: number): { history: DiskHistory; pending: number[] } => {
    const writes = Array.from({ length: count }, (_, i) => write(i, i, "A"));
    return { history: { writes, events: [] }, pending: writes.map((_, i) => i) };
  };
  const run = (count: number, reorder: number): { sets: Set<string>; tried: unknown } => {
    const { history, pending } = many(count);
    const sets = new Set<string>();
    const states = survivals(history, { durable: [], pending, above: new Map() }, { reorder, torn: false });
    const key = (parts: readonly Part[]): string => parts.map((p) => p.write).join();
    for (let next = states.next(); ; next = states.next()) {
      if (next.done === true) return { sets, tried: next.value };
      sets.add(key(next.value));
    }
  };

  test("few pending writes are tried in every subset", () => {
    const { sets, tried } = run(9, 4);
    expect(sets.size).toBe(512);
    expect(tried).toEqual({ subsets: "all", uncut: 0 });
  });

  test("of many, few are kept or few are lost, and every prefix is there", () => {
    const { sets, tried } = run(12, 2);
    // 1 + 12 + 66, twice; and the prefixes of 3 to 9 writes, which are in neither.
    expect(sets.size).toBe(2 * 79 + 7);
    expect(tried).toEqual({ subsets: 2, uncut: 0 });
  });

  test("the bound is lowered, and told, where it would make too many states", () => {
    const { sets, tried } = run(100, 4);
    expect(tried).toEqual({ subsets: 2, uncut: 0 });
    expect(sets.size).toBeLessThan(20_000);
  });

  test("long writes are torn at some of their borders, and that is told", () => {
    const history: DiskHistory = { writes: [write(0, 0, "A".repeat(200))], events: [] };
    const states = survivals(
      history,
      { durable: [], pending: [0], above: new Map() },
      { reorder: 4, torn: true },
    );
    let count = 0;
    let next = states.next();
    for (; next.done !== true; next = states.next()) count++;
    expect(next.value).toEqual({ subsets: "all", uncut: 1 });
    expect(count).toBe(2 + 2 + 63 * 2 * 3);
  });
});
