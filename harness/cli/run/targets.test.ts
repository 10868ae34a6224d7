import { expect, it } from "vitest";
import type { Problem } from "../../base/index.ts";
import type { Proof } from "../../contract/index.ts";
import type { EventBody } from "../../events/index.ts";
import { withTargets } from "./targets.ts";

const proof: Proof = {
  name: "run-x",
  title: "x",
  image: "x",
  tags: [],
  machine: { type: "q35", cpu: "max", memoryBytes: 1 << 27, cpus: 1, accel: "tcg", boot: ["direct", "uefi"] },
  disks: {},
  boots: [
    {
      name: "only",
      chain: [{ kind: "one", landmark: { name: "up", line: "up <n:int> <m:int>", atMost: 1, withinMs: 1 } }],
      ends: { how: "halt", status: 0 },
      never: [],
      budgets: { firmwareMs: 1, endMs: 1 },
    },
  ],
  same: [],
  everywhere: [{ boot: "only", landmark: "up", capture: "n" }],
  bounds: [],
  never: [],
  requires: { devices: [] },
  foreign: "",
  closed: "",
  spans: new Map(),
};

/** A run of two cases, of which the second shows this number and ends with this verdict. */
function run(second: string, verdict: string): readonly string[] {
  const told: string[] = [];
  const { emit, exit } = withTargets(
    (event) => void (event.type === "run-finished" ? told.push(`exit ${event.exit}`) : 0),
    [proof],
    (all: readonly Problem[]) => void told.push(...all.map((p) => p.message)),
  );
  for (const [path, n, ends] of [["direct", "1", "proved"] as const, ["uefi", second, verdict] as const]) {
    const ref = { id: `run-x@${path}`, proof: "run-x", path };
    const seen = { offset: 0, wallMs: 0, seen: 1, of: 1 };
    const events: readonly EventBody[] = [
      { type: "case-started", case: ref, title: "x", boots: ["only"], dir: "" },
      { type: "landmark", case: ref, boot: "only", name: "up", captures: { n, m: path }, ...seen },
      { type: "case-finished", case: ref, verdict: ends, cause: "", report: [], dir: "", again: "", ms: 0 },
    ];
    for (const event of events) emit(event);
  }
  emit({
    type: "run-finished",
    passed: 2,
    failed: 0,
    skipped: 0,
    exit: 0,
    ms: 0,
    cpuMs: 0,
    guestMs: 0,
    cpus: 1,
  });
  return [...told, `and ${exit(0)}, ${exit(70)}`];
}

it("a run whose targets differ is not proved, and says so before it is over", () => {
  expect(run("2", "proved")).toEqual([
    "`only.up.n` is 1 on run-x@direct, and 2 on run-x@uefi",
    "exit 1",
    "and 1, 70",
  ]);
});

it("what need not be the same may differ, and what was not proved is not compared", () => {
  expect(run("1", "proved")).toEqual(["exit 0", "and 0, 70"]);
  expect(run("2", "refuted")).toEqual(["exit 0", "and 0, 70"]);
});
