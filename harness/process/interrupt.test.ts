import * as fc from "fast-check";
import { expect, test } from "vitest";
import { type InterruptSource, type InterruptState, nextInterrupt } from "./interrupt.ts";

type Input = readonly [source: InterruptSource | undefined, atMs: number];

function after(inputs: readonly Input[]): InterruptState {
  return inputs.reduce<InterruptState>(
    (state, [source, atMs]) => nextInterrupt(state, source === undefined ? { atMs } : { source, atMs }),
    { phase: "running" },
  );
}

test.each<readonly [string, readonly Input[], InterruptState["phase"]]>([
  ["nothing", [[undefined, 99_999]], "running"],
  ["one Ctrl-C", [["SIGINT", 5]], "stopping"],
  [
    "its duplicate from a parent",
    [
      ["SIGINT", 5],
      ["SIGINT", 900],
    ],
    "stopping",
  ],
  [
    "a second Ctrl-C",
    [
      ["SIGINT", 5],
      ["SIGINT", 1_005],
    ],
    "killing",
  ],
  [
    "a second request of another kind",
    [
      ["SIGINT", 5],
      ["SIGTERM", 2_000],
    ],
    "killing",
  ],
  [
    "patience that has run out",
    [
      ["SIGTERM", 5],
      [undefined, 10_005],
    ],
    "killing",
  ],
  [
    "patience that has not",
    [
      ["SIGTERM", 5],
      [undefined, 10_004],
    ],
    "stopping",
  ],
  [
    "a dead parent, which stays dead",
    [
      ["parent-gone", 5],
      ["parent-gone", 2_000],
    ],
    "stopping",
  ],
])("%s", (_, inputs, phase) => {
  expect(after(inputs).phase).toBe(phase);
});

test("the phase never goes back and the first source is kept", () => {
  const order = ["running", "stopping", "killing"];
  const source = fc.constantFrom<InterruptSource | undefined>("SIGINT", "SIGTERM", "parent-gone", undefined);
  fc.assert(
    fc.property(fc.array(fc.tuple(source, fc.nat(5_000))), (steps) => {
      let [state, clock]: [InterruptState, number] = [{ phase: "running" }, 0];
      for (const [from, passed] of steps) {
        clock += passed;
        const next = nextInterrupt(
          state,
          from === undefined ? { atMs: clock } : { source: from, atMs: clock },
        );
        expect(order.indexOf(next.phase)).toBeGreaterThanOrEqual(order.indexOf(state.phase));
        if (state.phase !== "running" && next.phase !== "running") expect(next.source).toBe(state.source);
        state = next;
      }
    }),
  );
});
