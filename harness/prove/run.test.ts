import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { ok } from "../base/index.ts";
import { inspectCase } from "../evidence/index.ts";
import type { Event, EventType } from "../events/index.ts";
import { expectedFrom } from "./history/durations.ts";
import { historyFile, readHistory } from "./history/file.ts";
import { readFlakes } from "./history/flakes.ts";
import type { PlacedCase } from "./plan.ts";
import { type Act, labProof, type Lab, makeLab } from "./testing/lab.ts";

let lab: Lab | undefined;
afterEach(() => lab?.dispose());

function open(acts: Readonly<Record<string, readonly Act[]>>): Lab {
  lab = makeLab((proof, accelerator) => acts[`${proof} ${accelerator}`] ?? acts[proof] ?? ["pass"]);
  return lab;
}

type Of<T extends EventType> = Extract<Event, { readonly type: T }>;

function all<T extends EventType>(events: readonly Event[], type: T): readonly Of<T>[] {
  return events.filter((e): e is Of<T> => e.type === type);
}

function verdicts(events: readonly Event[]): readonly string[] {
  return all(events, "case-finished").map((e) => `${e.case.id} ${e.verdict}`);
}

describe("a run", () => {
  test("starts what takes longest first, by what the history says", async () => {
    const { place, run, booted } = open({});
    const cases = ["run-a", "run-b", "run-c"].flatMap((name) => place(labProof(name)));
    const record = { v: 1, at: "", run: "r", attempt: 1, verdict: "proved", cause: "" } as const;
    const known = { ...record, guestMs: 1, cpuMs: 1, digest: "", accelerator: "tcg", under: "" };
    const expected = expectedFrom([
      { ...known, case: "run-a@direct", ms: 10 },
      { ...known, case: "run-c@direct", ms: 90 },
      { ...known, case: "run-b@direct", ms: 50 },
    ]);
    await run(cases, { expected, jobs: 1 });
    expect(booted).toEqual(["run-c", "run-b", "run-a"]);
  });

  test("tells what guests took in what time, and keeps it for the next", async () => {
    const { place, run, events, root } = open({ "run-b": ["wrong"] });
    const { exit } = await run([...place(labProof("run-a")), ...place(labProof("run-b"))]);
    expect(exit).toBe(1);
    const [end] = all(events, "run-finished");
    expect(end).toMatchObject({ passed: 1, failed: 1, skipped: 0, guestMs: 40, cpus: 2 });
    expect(end?.cpuMs).toBeGreaterThanOrEqual(0);
    expect(readHistory(historyFile(root)).map((r) => [r.case, r.verdict, r.guestMs, r.cpuMs])).toEqual([
      ["run-a@direct", "proved", 20, 15],
      ["run-b@direct", "refuted", 20, 15],
    ]);
  });

  test("repeats each case under a name and in a directory of its own", async () => {
    const { place, run, events, root } = open({});
    await run(place(labProof("run-a")), { repeat: 3 });
    expect(verdicts(events)).toEqual([
      "run-a@direct proved",
      "run-a@direct#2 proved",
      "run-a@direct#3 proved",
    ]);
    const dirs = readdirSync(join(root, ".capos/runs/1800000000-0001"));
    expect(dirs.filter((d) => d.includes("@")).toSorted()).toEqual([
      "run-a@direct",
      "run-a@direct.2",
      "run-a@direct.3",
    ]);
    // A repetition that needed luck must not close a task.
    const second = inspectCase(join(root, ".capos/runs/1800000000-0001/run-a@direct.2"));
    expect(second).toMatchObject({ ok: true, value: { verdict: { attempt: 2 } } });
  });

  test("until one fails counts the passes and keeps what failed", async () => {
    const { place, run, events, root } = open({ "run-a": ["pass", "pass", "pass", "wrong"] });
    const { exit } = await run(place(labProof("run-a")), { untilFail: true });
    expect(exit).toBe(1);
    expect(verdicts(events).at(-1)).toBe("run-a@direct#4 refuted");
    expect(all(events, "run-finished")).toMatchObject([{ passed: 3, failed: 1, skipped: 0 }]);
    const dir = join(root, ".capos/runs/1800000000-0001");
    expect(existsSync(join(dir, "run-a@direct"))).toBe(true);
    expect(existsSync(join(dir, "run-a@direct.2"))).toBe(false);
    expect(existsSync(join(dir, "run-a@direct.4"))).toBe(true);
  });

  test("until one fails ends with the repetitions where none does", async () => {
    const { place, run, events } = open({});
    const { exit } = await run(place(labProof("run-a")), { untilFail: true, repeat: 5 });
    expect([exit, verdicts(events).length]).toEqual([0, 5]);
  });

  test("fails fast: what has not begun is not run, and the failure decides the exit code", async () => {
    const { place, run, events, booted } = open({ "run-a": ["wrong"] });
    const cases = ["run-a", "run-b", "run-c"].flatMap((name) => place(labProof(name)));
    const { exit } = await run(cases, { failFast: true, jobs: 1 });
    expect([exit, booted]).toEqual([1, ["run-a"]]);
    expect(all(events, "run-finished")).toMatchObject([{ failed: 1, skipped: 2 }]);
  });

  test("that is interrupted says so, and nothing more is begun", async () => {
    const { place, run, booted } = open({});
    const stop = new AbortController();
    stop.abort();
    const { exit } = await run(place(labProof("run-a")), { stopping: stop.signal });
    expect([exit, booted]).toEqual([130, []]);
  });
});

describe("a retry", () => {
  test("is made of what the host failed only, and its pass is no success", async () => {
    const { place, run, events, root } = open({ "run-a": ["host", "pass"], "run-b": ["wrong", "pass"] });
    const cases = [...place(labProof("run-a")), ...place(labProof("run-b"))];
    const { exit } = await run(cases, { retries: 2, jobs: 1 });
    expect(exit).toBe(7);
    expect(verdicts(events)).toEqual([
      "run-a@direct host-error",
      "run-b@direct refuted",
      "run-a@direct#2 proved",
    ]);
    expect(all(events, "run-finished")).toMatchObject([{ passed: 1, failed: 2, flaky: 1 }]);
    expect(readFlakes(root)).toMatchObject([{ case: "run-a@direct", failed: { verdict: "host-error" } }]);
  });

  test("is never made unless it is asked for, and not more often than that", async () => {
    const never = open({ "run-a": ["host", "pass"] });
    expect((await never.run(never.place(labProof("run-a")))).exit).toBe(7);
    expect(never.booted.length).toBe(1);
    never.dispose();
    const twice = open({ "run-a": ["host"] });
    await twice.run(twice.place(labProof("run-a")), { retries: 2 });
    expect(twice.booted.length).toBe(3);
  });
});

describe("a policy", () => {
  const quarantine = { reason: "it drifts", ticket: "T-1", owner: "kernel", until: "2026-02-01" };

  test("keeps a failure from failing the run, but not from being shown and counted", async () => {
    const { place, run, events } = open({ "run-a": ["wrong"] });
    const { exit } = await run(place(labProof("run-a", { quarantine })));
    expect(exit).toBe(0);
    expect(all(events, "case-finished")).toMatchObject([
      { verdict: "refuted", tolerated: "quarantined until 2026-02-01: it drifts (T-1, kernel)" },
    ]);
    expect(all(events, "run-finished")).toMatchObject([{ passed: 0, failed: 0, tolerated: 1 }]);
  });

  test("is over after its day", async () => {
    const { place, run } = open({ "run-a": ["wrong"] });
    const { exit } = await run(place(labProof("run-a", { quarantine })), { day: "2026-02-02" });
    expect(exit).toBe(1);
  });

  test("does not excuse the host", async () => {
    const { place, run } = open({ "run-a": ["host"] });
    expect((await run(place(labProof("run-a", { warnUntil: "2026-02-01" })))).exit).toBe(7);
  });

  test("does not hide another proof's failure", async () => {
    const { place, run } = open({ "run-a": ["wrong"], "run-b": ["wrong"] });
    const cases = [...place(labProof("run-a", { quarantine })), ...place(labProof("run-b"))];
    expect((await run(cases)).exit).toBe(1);
  });
});

describe("KVM that is lost", () => {
  const kvm = (l: Lab, accel: "prefer-kvm" | "require-kvm") => {
    const proof = labProof("run-a");
    const cases = l.place({ ...proof, machine: { ...proof.machine, accel } }, "kvm");
    const [tcg] = l.place({ ...proof, machine: { ...proof.machine, accel } }, "tcg");
    let asked = 0;
    const more = {
      reprobe: () => {
        asked += 1;
        return Promise.resolve({ usable: false, reason: "a guest under kvm ended without a word" });
      },
      withoutKvm: (one: PlacedCase) =>
        Promise.resolve(
          ok(accel === "prefer-kvm" && tcg !== undefined ? { ...tcg, ref: one.ref } : undefined),
        ),
    };
    return { cases, more, asked: () => asked };
  };

  test("makes a proof that prefers it fall back, and the others not try it", async () => {
    const l = open({ "run-a kvm": ["silent"], "run-a tcg": ["pass"] });
    const { cases, more, asked } = kvm(l, "prefer-kvm");
    const { exit } = await l.run(
      [...cases, ...cases.map((c) => ({ ...c, ref: { ...c.ref, id: "run-a@other" } }))],
      {
        ...more,
        jobs: 1,
      },
    );
    expect(exit).toBe(0);
    expect(verdicts(l.events)).toEqual([
      "run-a@direct host-error",
      "run-a@other proved",
      "run-a@direct#2 proved",
    ]);
    expect(asked()).toBe(1);
    expect(
      all(l.events, "notice")
        .map((e) => e.text)
        .join("\n"),
    ).toContain("run-a@direct runs under tcg: ");
    expect(all(l.events, "run-finished")).toMatchObject([{ passed: 2, failed: 0, skipped: 0 }]);
  });

  test("is the host's error where a proof demands it", async () => {
    const l = open({ "run-a kvm": ["silent"] });
    const { cases, more } = kvm(l, "require-kvm");
    expect((await l.run(cases, more)).exit).toBe(7);
    expect(all(l.events, "problem")).toMatchObject([{ code: "CAPOS_PROVE_KVM_LOST" }]);
  });

  test("is not what a guest dies of where KVM still answers, or where it spoke before", async () => {
    const l = open({ "run-a kvm": ["silent", "wrong"] });
    const { cases, more } = kvm(l, "prefer-kvm");
    const alive = { ...more, reprobe: () => Promise.resolve({ usable: true, reason: "it answers" }) };
    expect((await l.run(cases, alive)).exit).toBe(1);
    expect((await l.run(cases, more)).exit).toBe(1);
    expect(verdicts(l.events)).toEqual(["run-a@direct guest-died", "run-a@direct refuted"]);
  });
});

test("a machine larger than the host is the host's error, and is never powered on", async () => {
  const { place, run, booted, events } = open({});
  const host = { memoryBytes: 2 ** 27, cpus: 2 };
  const { exit } = await run(place(labProof("run-a")), { host });
  expect([exit, booted]).toEqual([7, []]);
  expect(all(events, "problem")[0]?.text).toContain("the machine needs 288 MiB with its emulator");
});
