import { expect, test } from "vitest";
import type { EventBody } from "../../events/index.ts";
import { caseRef, finished, over, started, stream } from "../testing/events.ts";
import { compareRuns, differs } from "./compare.ts";
import { foldEvents } from "./fold.ts";
import { type Merged, mergeShards, type Shard } from "./merge.ts";

const [a, b, c] = ["run-a", "run-b", "run-c"].map((name) => caseRef(name)) as [
  ReturnType<typeof caseRef>,
  ReturnType<typeof caseRef>,
  ReturnType<typeof caseRef>,
];

function shard(name: string, bodies: readonly EventBody[]): Shard {
  return { name, stream: { events: bodies.map(stream(name)), strange: {}, cut: false } };
}

const target = { run: "merged", dir: "out/merged" };
const begin = (ref: typeof a): EventBody => ({
  type: "case-started",
  case: ref,
  title: "t",
  boots: [],
  dir: `.capos/runs/x/${ref.id}`,
});

function merged(...shards: readonly Shard[]): Merged {
  const result = mergeShards(shards, target);
  if (!result.ok) throw new Error(result.error[0]?.message);
  return result.value;
}

test("shards become one run: cases of all, counts of all, the gravest exit code", () => {
  const { events, exit } = merged(
    shard("one", [started([a]), begin(a), finished(a), over()]),
    shard("two", [
      started([b, c]),
      begin(b),
      finished(b, { verdict: "refuted" }),
      begin(c),
      finished(c),
      over({ exit: 1 }),
    ]),
  );
  expect(exit).toBe(1);
  expect(events.map((e) => e.seq)).toEqual(events.map((_, i) => i));
  expect(new Set(events.map((e) => e.run))).toEqual(new Set(["merged"]));
  const report = foldEvents({ events, strange: {} });
  expect(report).toMatchObject({ state: "finished", exit: 1, dir: "out/merged" });
  expect(report.cases.map((one) => [one.id, one.verdict, one.dir])).toEqual([
    ["run-a@direct", "proved", "out/merged/run-a@direct"],
    ["run-b@direct", "refuted", "out/merged/run-b@direct"],
    ["run-c@direct", "proved", "out/merged/run-c@direct"],
  ]);
  expect(events.at(-1)).toMatchObject({ type: "run-finished", passed: 2, failed: 1, skipped: 0 });
});

test("two verdicts of one case are a conflict that shows both", () => {
  const result = mergeShards(
    [
      shard("one", [started([a]), finished(a), over()]),
      shard("two", [
        started([a]),
        finished(a, { verdict: "refuted", cause: "got never came" }),
        over({ exit: 1 }),
      ]),
    ],
    target,
  );
  expect(!result.ok && result.error).toMatchObject([
    {
      code: "CAPOS_REPORT_CONFLICT",
      message: "run-a@direct is proved in one and refuted in two",
      detail: "got never came",
      next: "capos report compare one two",
    },
  ]);
});

test("the same verdict twice is a mistake of whoever merges", () => {
  const one = shard("one", [started([a]), finished(a), over()]);
  const result = mergeShards([one, one], target);
  expect(!result.ok && result.error[0]?.code).toBe("CAPOS_REPORT_DUPLICATE");
});

test("a shard that died is told, counts as a fault of its host, and another may have run what it lost", () => {
  const dead = shard("dead", [started([a, b]), begin(a), finished(a), begin(b)]);
  const again = shard("again", [started([b]), begin(b), finished(b), over()]);
  const alone = foldEvents({ events: merged(dead).events, strange: {} });
  expect(alone.exit).toBe(7);
  expect(alone.cases.map((one) => one.verdict)).toEqual(["proved", "died"]);
  expect(alone.notices[0]?.text).toContain("shard dead died");
  const { events, exit } = merged(dead, again);
  expect(exit).toBe(7);
  expect(foldEvents({ events, strange: {} }).cases.map((one) => one.verdict)).toEqual(["proved", "proved"]);
});

test.each([
  [[0, 4], 0],
  [[4, 4], 4],
  [[0, 1, 4], 1],
  [[1, 7], 7],
  [[7, 70, 130], 70],
  [[1, 130], 130],
  [[1, 5], 5],
])("exit codes %j together are %i", (codes, expected) => {
  const shards = codes.map((exit, i) => shard(`s${i}`, [started([caseRef(`run-${i}`)]), over({ exit })]));
  expect(merged(...shards).exit).toBe(expected);
});

test("shards that were not made of the same are told", () => {
  const build = (digest: string): EventBody => ({
    type: "build-finished",
    image: "smoke",
    path: "direct",
    digest,
    ms: 1,
  });
  const { events } = merged(
    shard("one", [started([a]), build("11"), finished(a), over()]),
    shard("two", [{ ...started([b]), capos: "0.2.0" } as EventBody, build("22"), finished(b), over()]),
  );
  const warnings = events.flatMap((e) => (e.type === "notice" && e.level === "warning" ? [e.text] : []));
  expect(warnings).toEqual([
    "the shards were run by different versions: 0.1.0, 0.2.0",
    "the shards built different images of smoke for direct",
  ]);
});

test("runs are compared by case, boot, landmark and which time it came", () => {
  const mark = (name: string, wallMs: number, captures: Record<string, string> = {}): EventBody => ({
    type: "landmark",
    case: a,
    boot: "only",
    name,
    captures,
    offset: 0,
    wallMs,
    seen: 1,
    of: 2,
  });
  const run = (...bodies: EventBody[]) =>
    foldEvents({
      events: [started([a]), begin(a), ...bodies, finished(a), over()].map(stream()),
      strange: {},
    });
  const [one] = compareRuns(
    run(mark("tick", 1), mark("tick", 2), mark("got", 3, { n: "1" })),
    run(mark("tick", 5), mark("got", 6, { n: "2" })),
  );
  expect(one!.boots[0]!.marks.map((m) => [m.name, m.left?.wallMs, m.right?.wallMs, m.captures])).toEqual([
    ["tick", 1, 5, []],
    ["tick", 2, undefined, []],
    ["got", 3, 6, [{ name: "n", left: "1", right: "2" }]],
  ]);
  expect(differs(one!)).toBe(true);
  const same = compareRuns(run(mark("tick", 1)), run(mark("tick", 9)));
  expect(same.map(differs)).toEqual([false]);
});
