import { expect, test } from "vitest";
import { problem } from "../base/index.ts";
import { reportCodes } from "./codes.ts";
import { historyFrom, historyOf } from "./model/history.ts";
import { foldEvents } from "./model/fold.ts";
import { guarded, type Renderer, together } from "./renderer.ts";
import { caseRef, finished, over, started, stream } from "./testing/events.ts";
import { scratchRoot, storeRun } from "./testing/stored.ts";
import { readRun, storedRuns } from "./model/directory.ts";

const event = stream()(over());

test("a renderer that breaks is told of once, and the others go on", async () => {
  let said = "";
  let seen = 0;
  const broken: Renderer = {
    on() {
      throw new Error("no such colour");
    },
    close: async () => [],
  };
  const fine: Renderer = {
    on: () => void seen++,
    close: async () => [problem(reportCodes, "CAPOS_REPORT_WRITE", "x")],
  };
  const streams = { progress: (text: string) => void (said += text) };
  const both = together([guarded(broken, streams), guarded(fine, streams)]);
  both.on(event);
  both.on(event);
  expect(seen).toBe(2);
  expect(said).toBe("the display stopped, the run goes on: no such colour\n");
  expect((await both.close()).map((p) => p.code)).toEqual(["CAPOS_REPORT_WRITE"]);
});

test("history goes from the oldest run to the one that is told, with what could be measured", () => {
  const ref = caseRef("run-a");
  const report = (run: string, verdict: string, wallMs: number, n: string) => {
    const landmark = {
      type: "landmark",
      case: ref,
      boot: "b",
      name: "got",
      captures: { n, word: "x1" },
      offset: 0,
      wallMs,
      seen: 1,
      of: 1,
    } as const;
    return foldEvents({
      events: [started([ref]), landmark, finished(ref, { verdict, ms: wallMs * 2 }), over()].map(stream(run)),
      strange: {},
    });
  };
  const now = report("3", "refuted", 30, "-7");
  const history = historyFrom([report("1", "proved", 10, "5"), report("2", "proved", 20, "6.5"), now], now);
  expect(
    history["run-a@direct"]!.map(({ run, verdict, ms, times, numbers }) => [
      run,
      verdict,
      ms,
      times,
      numbers,
    ]),
  ).toEqual([
    ["1", "proved", 20, { "b.got": 10 }, { "b.got.n": 5 }],
    ["2", "proved", 40, { "b.got": 20 }, { "b.got.n": 6.5 }],
    ["3", "refuted", 60, { "b.got": 30 }, { "b.got.n": -7 }],
  ]);
});

test("runs that are stored here and runs from elsewhere make one history", () => {
  const here = scratchRoot();
  const there = scratchRoot();
  try {
    const sample = (run: string) => ({
      run,
      exit: 0,
      cases: [{ ref: caseRef("run-a"), boots: [], end: {} }],
    });
    const read = (root: string, run: string) => {
      const result = readRun(root, storeRun(root, sample(run)), { consoleBytes: 0 });
      if (!result.ok) throw new Error(result.error[0]?.message);
      return result.value;
    };
    storeRun(here.root, sample("1800000001-0001"));
    storeRun(here.root, {
      ...sample("1800000003-0009"),
      cases: [{ ref: caseRef("run-other"), boots: [], end: {} }],
    });
    const other = { ...read(there.root, "1799999999-0001"), startedAt: "2026-11-20T00:00:00.000Z" };
    const now = { ...read(here.root, "1800000002-0002"), startedAt: "2026-11-22T00:00:00.000Z" };
    expect(storedRuns(`${here.root}/.capos/runs`)).toEqual([
      "1800000003-0009",
      "1800000002-0002",
      "1800000001-0001",
    ]);
    const runs = historyOf(here.root, now, [other])["run-a@direct"]!.map((p) => p.run);
    expect(runs).toEqual(["1799999999-0001", "1800000001-0001", "1800000002-0002"]);
  } finally {
    here.dispose();
    there.dispose();
  }
});
