import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { cachedVerdict, sampleOf } from "./cached.ts";
import { appendHistory, historyFile } from "./file.ts";
import type { HistoryRecord } from "./record.ts";

const root = mkdtempSync(join(tmpdir(), "capos-cached-"));
afterAll(() => rmSync(root, { recursive: true }));

describe("the sample of cached verdicts", () => {
  const hits = fc.uniqueArray(fc.string(), { maxLength: 50 });
  const self = (hit: string): string => hit;

  test("is a part of the hits of the size asked for, at least one, and the same for the same seed", () => {
    fc.assert(
      fc.property(hits, fc.double({ min: 0, max: 1, noNaN: true }), fc.string(), (all, share, seed) => {
        const sample = sampleOf(all, share, seed, self);
        expect(sample.length).toBe(Math.ceil(share * all.length));
        expect(sample.every((hit) => all.includes(hit))).toBe(true);
        expect(sampleOf(all.toReversed(), share, seed, self).toSorted()).toEqual(sample.toSorted());
      }),
    );
  });

  test("differs with the seed", () => {
    const all = Array.from({ length: 100 }, (_, i) => `case-${i}`);
    const samples = new Set(["a", "b", "c", "d"].map((seed) => sampleOf(all, 0.01, seed, self)[0]));
    expect(samples.size).toBeGreaterThan(1);
  });
});

describe("a verdict is not answered from the cache", () => {
  const key = { case: "run-a@direct", digest: "d".repeat(64), accelerator: "tcg", under: "u" };
  const record: HistoryRecord = {
    ...key,
    v: 1,
    at: "2026-01-31T12:00:00.000Z",
    run: "1800000000-0001",
    attempt: 1,
    verdict: "proved",
    cause: "",
    ms: 1,
    guestMs: 1,
    cpuMs: 1,
  };
  const file = historyFile(root);
  const why = (of: Partial<typeof key> = {}): string => {
    const answer = cachedVerdict(root, file, { ...key, ...of });
    return answer.hit ? "hit" : answer.why;
  };

  test("when it was never found, or only of other inputs, under another judge or at a second attempt", () => {
    expect(why()).toBe("it was never proved under these inputs");
    appendHistory(file, { ...record, attempt: 2 });
    for (const other of [{ under: "v" }, { accelerator: "kvm" }, { case: "run-b@direct" }])
      appendHistory(file, { ...record, ...other });
    expect(why()).toBe("it was never proved under these inputs");
  });

  test("when its evidence is gone", () => {
    appendHistory(file, record);
    expect(why()).toBe("the evidence of its proof is gone");
  });

  test("when the same inputs have ever failed, even if they passed since; a failure of the host is none", () => {
    appendHistory(file, { ...record, run: "1800000001-0001", verdict: "host-error" });
    expect(why()).toBe("the evidence of its proof is gone");
    appendHistory(file, { ...record, run: "1800000002-0001", verdict: "no-progress" });
    appendHistory(file, { ...record, run: "1800000003-0001" });
    expect(why()).toBe("it was no-progress under the same inputs on 2026-01-31T12:00:00.000Z");
  });
});
