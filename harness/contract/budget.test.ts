import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BudgetMeter } from "./budget.ts";
import { createBootJudge } from "./boot.ts";
import { judgeStoredBoot } from "./run.ts";
import { banner, bootSpec, bytesAt, exitWith, identity, lines, one, proofOf } from "./testing.ts";
import type { BootInput } from "./types.ts";

describe("a budget", () => {
  it("counts processor time while the guest works, however slowly", () => {
    const meter = new BudgetMeter();
    meter.restart({ wallMs: 0, cpuMs: 0 });
    for (let i = 1; i <= 100; i++) meter.advance({ wallMs: i * 100, cpuMs: i * 10 });
    expect(meter.spent({ wallMs: 10_000, cpuMs: 1000 })).toBe(1000);
  });

  it("counts wall time while the guest is idle, its timer's interrupts notwithstanding", () => {
    const meter = new BudgetMeter();
    meter.restart({ wallMs: 0, cpuMs: 0 });
    for (let i = 1; i <= 100; i++) meter.advance({ wallMs: i * 100, cpuMs: i * 2 });
    expect(meter.spent({ wallMs: 10_000, cpuMs: 200 })).toBe(10_000);
  });

  it("does not take a clock that ticks slowly for idleness", () => {
    const meter = new BudgetMeter();
    meter.restart({ wallMs: 0, cpuMs: 0 });
    for (let i = 1; i <= 1000; i++) meter.advance({ wallMs: i, cpuMs: Math.floor(i / 10) * 10 });
    expect(meter.spent({ wallMs: 1000, cpuMs: 1000 })).toBe(1000);
  });

  it("never runs backwards, whatever the clocks do", () => {
    const moments = fc.array(fc.record({ wallMs: fc.nat(10_000), cpuMs: fc.nat(10_000) }), { maxLength: 30 });
    fc.assert(
      fc.property(moments, (all) => {
        const meter = new BudgetMeter();
        let before = 0;
        for (const at of all) {
          if (!meter.advance(at)) continue;
          expect(meter.spent(at)).toBeGreaterThanOrEqual(before);
          before = meter.spent(at);
        }
      }),
    );
  });
});

describe("ticks", () => {
  const proof = proofOf([
    bootSpec("only", [one("a", "a", { withinMs: 1000 }), one("b", "b", { withinMs: 1500 })], {
      budgets: { firmwareMs: 1000, endMs: 1000 },
    }),
  ]);
  const text = lines(banner(), "a", "b", "[kernel] halted status=0");
  /** What a machine might tell: bytes and ticks at growing times, the guest working or not. */
  const step = fc.record({
    wall: fc.nat(600),
    work: fc.constantFrom(0, 0, 0.01, 0.5, 1),
    bytes: fc.option(fc.nat(60), { nil: undefined, freq: 2 }),
  });

  it("that the judge does not keep may be forgotten", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const live = createBootJudge(proof, 0, { freshness: "echoed", identity: identity() });
        const stored: BootInput[] = [];
        const feed = (input: BootInput): boolean => {
          const said = live.feed(input);
          if (input.kind !== "tick" || said.length > 0) stored.push(input);
          const decided = said.find((o) => o.type === "decided");
          if (decided === undefined) return false;
          const event = { type: "ended-by-tool", why: decided.why } as const;
          const end: BootInput = { kind: "control", at: input.at, event };
          live.feed(end);
          stored.push(end);
          return true;
        };
        let [wallMs, cpuMs, sent] = [0, 0, 0];
        for (const { wall, work, bytes } of steps) {
          wallMs += wall;
          cpuMs += wall * work;
          const at = { wallMs, cpuMs };
          const isOver = feed(
            bytes === undefined
              ? { kind: "tick", at }
              : bytesAt(wallMs, cpuMs, text.slice(sent, (sent += bytes))),
          );
          if (isOver) break;
        }
        const again = judgeStoredBoot(proof, 0, {
          inputs: stored,
          expectation: { freshness: "echoed", identity: identity() },
        });
        const { last: _, ...judged } = live.finish();
        expect(again).toMatchObject(judged);
      }),
      { numRuns: 2000 },
    );
  });

  it("fail a hung guest at its budget and not before", () => {
    const judge = createBootJudge(proof, 0, { freshness: "none" });
    judge.feed(bytesAt(100, 100, lines(banner(), "a")));
    for (let wallMs = 150; wallMs <= 1600; wallMs += 50) {
      expect(judge.feed({ kind: "tick", at: { wallMs, cpuMs: 100 } }).some((o) => o.type === "decided")).toBe(
        false,
      );
    }
    const [, decided] = judge.feed({ kind: "tick", at: { wallMs: 1700, cpuMs: 100 } });
    expect(decided).toMatchObject({
      type: "decided",
      end: "cut",
      cause: { kind: "deadline", landmark: "b" },
    });
  });

  it("do not hold it against a line that it waited to be read", () => {
    const judge = createBootJudge(proof, 0, { freshness: "none" });
    judge.feed(bytesAt(100, 100, lines(banner(), "a")));
    expect(judge.feed(bytesAt(9000, 110, lines("b", "[kernel] halted status=0"))).map((o) => o.type)).toEqual(
      ["landmark", "halted"],
    );
    judge.feed(exitWith(33));
    expect(judge.finish().verdict).toBe("proved");
  });
});
