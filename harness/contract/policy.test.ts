import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { atPoint, pointsOf, pointSuffix, showSize } from "./axes.ts";
import { checkPolicy, dayOf, isDay, toleranceOf } from "./policy.ts";
import { bootSpec, one, proofOf } from "./testing.ts";

const plain = proofOf([bootSpec("a", [one("up", "up")])]);

const quarantine = { reason: "the timer drifts", ticket: "T-12", owner: "kernel", until: "2026-03-01" };

describe("a quarantine", () => {
  it("excuses a failure until the end of its last day, and says who answers for it", () => {
    const why = "quarantined until 2026-03-01: the timer drifts (T-12, kernel)";
    expect(toleranceOf({ quarantine }, "2026-03-01")).toEqual({ kind: "quarantined", why });
    expect(toleranceOf({ quarantine }, "2026-03-02")).toBeUndefined();
    expect(toleranceOf({}, "2026-03-01")).toBeUndefined();
  });

  it("that has ended lets the time in which the proof only warns still hold", () => {
    const proof = { quarantine, warnUntil: "2026-04-01" };
    expect(toleranceOf(proof, "2026-03-15")?.kind).toBe("warn-only");
    expect(toleranceOf(proof, "2026-04-02")).toBeUndefined();
  });

  it("is told at its place when it has ended, and when it would last too long", () => {
    const span = { file: "proofs/run-a.cue", line: 4, col: 3 };
    const proof = { ...plain, quarantine, spans: new Map([["quarantine.until", span]]) };
    expect(checkPolicy(proof, "2026-03-01")).toEqual([]);
    const [ended] = checkPolicy(proof, "2026-03-02");
    expect(ended).toMatchObject({ code: "CAPOS_PROOF_EXPIRED", span });
    expect(ended?.message).toContain("ended on 2026-03-01 (T-12, kernel)");
    expect(checkPolicy(proof, "2025-12-01")).toEqual([]);
    expect(checkPolicy(proof, "2025-11-30")).toMatchObject([{ code: "CAPOS_PROOF_TOO_LONG", span }]);
  });

  it("and so is a proof that no longer only warns", () => {
    const proof = { ...plain, warnUntil: "2026-03-01" };
    expect(checkPolicy(proof, "2026-03-02")).toMatchObject([{ code: "CAPOS_PROOF_EXPIRED" }]);
    expect(checkPolicy(proof, "2025-01-01")).toMatchObject([{ code: "CAPOS_PROOF_TOO_LONG" }]);
  });
});

it("a day is one of the calendar", () => {
  for (const day of ["2026-02-28", "2028-02-29"]) expect(isDay(day), day).toBe(true);
  for (const day of ["2026-02-29", "2026-13-01", "2026-1-1", "", "2026-01-01T00:00Z"])
    expect(isDay(day), day).toBe(false);
  fc.assert(
    fc.property(fc.date({ min: new Date(0), max: new Date("9999-12-31"), noInvalidDate: true }), (date) => {
      expect(isDay(dayOf(date.getTime()))).toBe(true);
    }),
  );
});

describe("the matrix of a proof", () => {
  const proof = { ...plain, axes: { cpus: [1, 2], memoryBytes: [64 * 2 ** 20, 2 ** 30] } };

  it("is every boot path with every number of processors and every memory", () => {
    const { boot } = proof.machine;
    const points = pointsOf(proof);
    expect(points.length).toBe(boot.length * 4);
    expect(points.slice(0, 4).map((p) => pointSuffix(proof, p))).toEqual([
      "+1cpu+64Mi",
      "+1cpu+1Gi",
      "+2cpu+64Mi",
      "+2cpu+1Gi",
    ]);
  });

  it("names only what it varies", () => {
    expect(pointsOf(plain).map((p) => pointSuffix(plain, p))).toEqual(plain.machine.boot.map(() => ""));
  });

  it("has a proof at each point that differs in its machine only", () => {
    const [, second] = pointsOf(proof);
    if (second === undefined) throw new Error("two memories were declared");
    const there = atPoint(proof, second);
    expect(there).toEqual({ ...proof, machine: { ...proof.machine, cpus: 1, memoryBytes: 2 ** 30 } });
  });
});

it("sizes are shown as proofs write them", () => {
  expect([512, 1024, 1536, 2 ** 20, 3 * 2 ** 30].map(showSize)).toEqual(["512", "1Ki", "1536", "1Mi", "3Gi"]);
});
