import fc from "fast-check";
import { expect, test } from "vitest";
import { caseRef, finished, over, started, stream } from "../testing/events.ts";
import { foldEvents } from "./fold.ts";
import { readStream } from "./stream.ts";

const ref = caseRef("run-smoke");
const say = stream();
const events = [
  say(started([ref, caseRef("run-late")])),
  say({ type: "case-started", case: ref, title: "It prints", boots: ["only"], dir: "d" }),
  say({ type: "boot-started", case: ref, boot: "only", index: 0 }),
  say({ type: "slow", case: ref, boot: "only", awaiting: "done", ms: 1500 }),
  say({ type: "boot-ended", case: ref, boot: "only", how: "halted with status=0", wallMs: 120 }),
  say(finished(ref)),
  say({
    type: "mutants",
    case: ref,
    total: 9,
    killed: 8,
    survivors: ["a drop"],
    dead: [],
    untried: [],
    loose: [],
    ms: 4,
  }),
  say(over({ exit: 4 })),
];
const text = events.map((event) => `${JSON.stringify(event)}\n`).join("");

test("a stream is read back as it was written", () => {
  const read = readStream(text, "events.jsonl");
  expect(read).toEqual({ ok: true, value: { events, strange: {}, cut: false } });
});

test("a report is folded from events alone", () => {
  const report = foldEvents({ events, strange: {} });
  expect(report).toMatchObject({ state: "finished", exit: 4, capos: "0.1.0" });
  expect(report.cases.map((c) => [c.id, c.verdict, c.slowMs, c.mutants?.killed])).toEqual([
    ["run-smoke@direct", "proved", 1500, 8],
    ["run-late@direct", "not-run", 0, undefined],
  ]);
});

test("verdicts that were not made now, that are borne, and that changed are told apart", () => {
  const [again, kept, borne] = [{ ...ref, id: `${ref.id}#2` }, caseRef("run-kept"), caseRef("run-borne")];
  const cached = { at: "2026-11-20T05:00:00.000Z", run: "1799900000-0001" };
  const report = foldEvents({
    events: [
      say(started([ref, again, kept, borne])),
      say(finished(ref, { verdict: "refuted" })),
      say(finished(again)),
      say(finished(kept, { cached })),
      say(finished(borne, { verdict: "refuted", tolerated: "quarantined" })),
      say(over({ exit: 1, guestMs: 900, cpuMs: 1500, cpus: 2 })),
    ],
    strange: {},
  });
  expect(report.cases.map((c) => [c.flaky, c.cached, c.tolerated])).toEqual([
    [true, null, null],
    [true, null, null],
    [false, cached, null],
    [false, null, "quarantined"],
  ]);
  expect(report.usage).toEqual({ guestMs: 900, cpuMs: 1500, cpus: 2 });
});

test("a stream that is cut anywhere is a run that died, never an error", () => {
  fc.assert(
    fc.property(fc.integer({ min: text.indexOf("\n"), max: text.length - 2 }), (length) => {
      const read = readStream(text.slice(0, length), "events.jsonl");
      expect(read.ok).toBe(true);
      if (!read.ok) return;
      const whole = text.slice(0, length).split("\n").length - 1;
      expect(read.value.events.length).toBeGreaterThanOrEqual(whole);
      const report = foldEvents(read.value);
      expect(report.state).toBe(read.value.events.length < events.length ? "died" : "finished");
    }),
  );
});

test("a case that the death of its run has cut off says so", () => {
  const report = foldEvents({ events: events.slice(0, 4), strange: {} });
  expect(report.cases[0]).toMatchObject({ verdict: "died", cause: "the run ended before this case did" });
  expect(report.cases[1]).toMatchObject({ verdict: "not-run" });
  expect(report.exit).toBe(null);
});

test("events of a newer tool are counted, and their unknown fields carried along", () => {
  const strange = JSON.stringify({ ...events[0], type: "weather", wind: 3 });
  const richer = JSON.stringify({ ...events[5], mood: "good" });
  const read = readStream(`${text}${strange}\n${strange}\n${richer}\n`, "events.jsonl");
  expect(read.ok && read.value.strange).toEqual({ weather: 2 });
  expect(read.ok && read.value.events.at(-1)).toHaveProperty("mood", "good");
});

test.each([
  ["not JSON", "hello"],
  ["no header", '{"type":"notice"}'],
  ["another version", JSON.stringify({ ...events[0], v: 2 })],
  ["a known event without what it needs", JSON.stringify({ ...events[5], verdict: undefined })],
  ["a place that is none", JSON.stringify({ ...events[5], span: { file: 3 } })],
])("%s in the middle is named with its line", (_what, line) => {
  const read = readStream(`${text}${line}\n${text}`, "events.jsonl");
  expect(read.ok).toBe(false);
  expect(!read.ok && read.error[0]).toMatchObject({
    code: "CAPOS_REPORT_EVENTS",
    span: { file: "events.jsonl", line: events.length + 1, col: 1 },
  });
});

test("an empty stream has nothing to report", () => {
  const read = readStream("", "events.jsonl");
  expect(!read.ok && read.error[0]?.code).toBe("CAPOS_REPORT_EMPTY");
});

test("no text makes the reader throw", () => {
  fc.assert(fc.property(fc.string(), (anything) => void readStream(anything, "x")));
});
