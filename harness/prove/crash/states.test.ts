import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { crashMoments, type DiskEvent, type DiskHistory, type Write } from "../../contract/index.ts";
import { buildState, readExtents } from "./build.ts";
import { parseChecked, type Checked } from "./check.ts";
import { badStates, describeState } from "./consistency.ts";
import { ordersFor } from "./orders.ts";
import { crashStates } from "./states.ts";
import { storedStateOrders, storeState } from "./stored-state.ts";

const dir = mkdtempSync(join(tmpdir(), "capos-states-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const diskBytes = 16 * 512;
const base = join(dir, "base.raw");
writeFileSync(
  base,
  Buffer.concat([Buffer.alloc(1024), Buffer.alloc(512, "z"), Buffer.alloc(diskBytes - 1536)]),
);

/** A guest that writes, and sometimes flushes, each request done before the next. */
const histories = fc
  .array(
    fc.record({
      flush: fc.boolean(),
      sector: fc.nat(5),
      sectors: fc.integer({ min: 1, max: 3 }),
      letter: fc.constantFrom("\0", "a", "b", "z"),
      fua: fc.boolean(),
    }),
    { maxLength: 7 },
  )
  .map((steps): DiskHistory => {
    const writes: Write[] = [];
    const events: DiskEvent[] = [];
    for (const [request, { flush, sector, sectors, letter, fua }] of steps.entries()) {
      if (!flush) writes.push({ request, sector, data: Buffer.alloc(512 * sectors, letter), fua });
      events.push(
        { kind: flush ? "flush" : "write", at: 0, request },
        { kind: "done", at: 0, request, ok: true },
      );
    }
    return { writes, events };
  });

/** What a checker makes of its orders, told by the form in `orders.rs` and by nothing of ours. */
function follow(orders: Uint8Array): string[] {
  const bytes = Buffer.from(orders);
  const pieces: { offset: number; data: Buffer }[] = [];
  const found: string[] = [];
  let disk = Buffer.alloc(0);
  let at = 0;
  const u32 = (): number => bytes.readUInt32LE((at += 4) - 4);
  const u64 = (): number => Number(bytes.readBigUInt64LE((at += 8) - 8));
  const put = (target: Buffer): void => {
    const [piece, from, to] = [u32(), u32(), u32()];
    const { offset = 0, data = Buffer.alloc(0) } = pieces[piece] ?? {};
    data.copy(target, offset + from, from, to);
  };
  while (at < bytes.length) {
    const tag = String.fromCharCode(bytes[at++] ?? 0);
    if (tag === "D") disk = Buffer.alloc(u64());
    else if (tag === "A") put(disk);
    else if (tag === "W") {
      const [offset, length] = [u64(), u32()];
      pieces.push({ offset, data: bytes.subarray(at, (at += length)) });
    } else {
      const state = Buffer.from(disk);
      for (let n = u32(); n > 0; n--) put(state);
      found.push(createHash("sha256").update(state).digest("hex"));
    }
  }
  return found;
}

const fileDigest = (file: string): string => createHash("sha256").update(readFileSync(file)).digest("hex");

test("each state is there once, and file, orders and digest mean the same bytes", async () => {
  let run = 0;
  await fc.assert(
    fc.asyncProperty(histories, fc.boolean(), async (history, torn) => {
      const moments = crashMoments(history, -1, 1, []);
      const made = await crashStates(history, base, moments, { reorder: 3, torn });
      const told = follow(ordersFor(readExtents(base), history, moments, made.states));
      expect(new Set(told).size).toBe(told.length);
      for (const [i, state] of made.states.entries()) {
        const moment = moments[state.moment];
        if (moment === undefined) throw new Error("no moment");
        const file = join(dir, `state-${run++}`);
        buildState(base, file, history, moment, state);
        expect(fileDigest(file)).toBe(told[i]);
        rmSync(file);
      }
      for (const [m, ordered] of made.inOrder.entries()) {
        expect(ordered).toHaveLength((moments[m]?.pending.length ?? 0) + 1);
      }
    }),
    { numRuns: 60 },
  );
});

/** Data at sector 4, then the pointer to it at sector 0, with or without a flush between. */
function commit(barrier: boolean): DiskHistory {
  const data = { request: 0, sector: 4, data: Buffer.alloc(1024, "d"), fua: false };
  const pointer = { request: 2, sector: 0, data: Buffer.alloc(512, "p"), fua: false };
  const flush: readonly DiskEvent[] = [
    { kind: "flush", at: 0, request: 1 },
    { kind: "done", at: 0, request: 1, ok: true },
  ];
  return {
    writes: [data, pointer],
    events: [
      { kind: "write", at: 0, request: 0 },
      { kind: "done", at: 0, request: 0, ok: true },
      ...(barrier ? flush : []),
      { kind: "write", at: 0, request: 2 },
      { kind: "done", at: 0, request: 2, ok: true },
    ],
  };
}

/** A format whose pointer must not be there without its data. */
function check(file: string): Checked {
  const disk = readFileSync(file);
  const [pointer, data] = [disk[0] === 0x70, disk.subarray(2048, 3072).every((byte) => byte === 0x64)];
  if (pointer && !data) return { ok: false, text: "a pointer to nothing" };
  return { ok: true, contents: pointer ? "one" : "none", text: pointer ? "one object" : "no object" };
}

async function trial(history: DiskHistory): Promise<{ bad: readonly string[]; states: number }> {
  const moments = crashMoments(history, -1, 1, []);
  const made = await crashStates(history, base, moments, { reorder: 4, torn: true });
  const checked = made.states.map((state, i) => {
    const moment = moments[state.moment];
    if (moment === undefined) throw new Error("no moment");
    const file = join(dir, `trial-${i}`);
    buildState(base, file, history, moment, state);
    const result = check(file);
    rmSync(file);
    return result;
  });
  const bad = badStates(history, moments, made, checked);
  return {
    bad: bad.map(({ state, why }) => `${describeState(history, moments, state)}: ${why}`),
    states: made.states.length,
  };
}

test("data made durable before the pointer to it survives every crash", async () => {
  expect(await trial(commit(true))).toEqual({ bad: [], states: 5 });
});

test("without the flush between, the pointer alone is the smallest bad state, and it is named", async () => {
  const { bad } = await trial(commit(false));
  expect(bad[0]).toBe(
    "a crash behind 0 durable writes and 0 flushes; of 2 pending writes survive write 2 (1 sectors at byte 0): a pointer to nothing",
  );
  expect(bad.length).toBe(3);
});

test("a state that the checker likes and that never was is bad, too", async () => {
  const history = commit(true);
  const moments = crashMoments(history, -1, 1, []);
  const made = await crashStates(history, base, moments, { reorder: 4, torn: true });
  const whole: Checked = { ok: true, contents: "none", text: "no object" };
  // The torn ones claim to hold what no in-order state holds.
  const ordered = new Set(made.inOrder.flat());
  const checked = made.states.map(({ digest }): Checked => {
    return ordered.has(digest) ? whole : { ok: true, contents: "half", text: "half an object" };
  });
  const bad = badStates(history, moments, made, checked);
  expect(bad.length).toBe(made.states.length - ordered.size);
  expect(bad[0]?.why).toMatch(/^half an object, which the guest's own order/u);
});

test("a stored state is the disk, without the run that it was found in", () => {
  const stored = storeState(base, "capos-store", "why");
  expect(stored).toMatchObject({ v: 1, bytes: diskBytes });
  expect(Object.keys(stored.data)).toEqual(["1024"]);
  expect(follow(storedStateOrders(stored))).toEqual([fileDigest(base)]);
});

test("answers of a checker are read, and anything else is refused", () => {
  expect(parseChecked("ok ab12 generation 2")).toEqual({ ok: true, contents: "ab12", text: "generation 2" });
  expect(parseChecked("bad index: x")).toEqual({ ok: false, text: "index: x" });
  for (const line of ["", "ok", "ok ab12", "bad", "fine", " ok a b"])
    expect(parseChecked(line)).toBeUndefined();
});
