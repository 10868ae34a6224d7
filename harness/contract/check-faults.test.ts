import { describe, expect, test } from "vitest";
import { checkProof } from "./check.ts";
import type { Crash } from "./crash.ts";
import type { Fault, FaultKind } from "./faults.ts";
import { bootSpec, one, proofOf } from "./testing.ts";
import type { BootSpec, Proof } from "./types.ts";

const chain = [one("up", "[a] up"), one("put", "[a] put sha256=<digest:hex64>"), one("end", "[a] end")];
const disks = { data: { bytes: 1 << 20, bus: "virtio-blk", content: "blank" } } as const;

function problemsOf(spec: Partial<BootSpec>, extra: Partial<Proof> = {}): readonly string[] {
  const proof = proofOf([bootSpec("main", chain, spec)], { disks, ...extra });
  return checkProof(proof).map(({ code, message }) => `${code.replace("CAPOS_PROOF_", "")}: ${message}`);
}

function fault(kind: FaultKind, more: Partial<Fault> = {}): Fault {
  return { name: "f", at: "up", afterMs: 0, ...kind, ...more } as Fault;
}

describe("a fault", () => {
  const error = { kind: "disk-error", disk: "data", op: "write", errno: "EIO", once: true } as const;

  test.each<[string, Fault]>([
    ["a disk error", fault(error)],
    ["a torn write", fault({ kind: "torn-write", disk: "data", bytes: 512 })],
    ["an interrupt", fault({ kind: "nmi" })],
    ["an unplugged disk", fault({ kind: "unplug", disk: "data" })],
    ["a stopped processor", fault({ kind: "stop-cpu", cpu: 0, forMs: 10 })],
  ])("may be %s", (_, one) => {
    expect(problemsOf({ faults: [one] })).toEqual([]);
  });

  test.each<[string, Fault]>([
    ["UNKNOWN_NAME: boot `main` has no landmark `down`", fault({ kind: "nmi" }, { at: "down" })],
    ["UNKNOWN_NAME: the proof has no disk `date`", fault({ ...error, disk: "date" })],
    ["DEAD: the disk ends before that byte", fault({ ...error, offset: 1 << 20 })],
    ["CONTRADICTION: a flush has no place on the disk", fault({ ...error, op: "flush", offset: 0 })],
    [
      "CONTRADICTION: a write is torn behind its first sector at least",
      fault({ kind: "torn-write", disk: "data", bytes: 0 }),
    ],
    ["UNKNOWN_NAME: the machine has no network card", fault({ kind: "link-down", forMs: 10 })],
    [
      "UNKNOWN_NAME: the machine has 1 processors, counted from 0",
      fault({ kind: "stop-cpu", cpu: 1, forMs: 10 }),
    ],
  ])("is refused: %s", (problem, one) => {
    expect(problemsOf({ faults: [one] })).toEqual([problem]);
  });

  test("has a name of its own", () => {
    expect(problemsOf({ faults: [fault({ kind: "nmi" }), fault({ kind: "reset" })] })).toEqual([
      "DUPLICATE: the fault `f` is declared twice",
    ]);
  });

  test("must come before the boot ends", () => {
    const ends = { how: "landmark", at: "end" } as const;
    expect(problemsOf({ ends, faults: [fault({ kind: "nmi" }, { at: "end" })] })).toEqual([
      "DEAD: the boot ends at `end`: `f` would come behind the end",
    ]);
  });

  test("must not pause a machine whose writes are recorded", () => {
    const ends = { how: "power-cut", at: "end" } as const;
    const problems = problemsOf({ ends, faults: [fault({ kind: "stop-cpu", cpu: 0, forMs: 10 })] });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/^CONTRADICTION: .*nothing may pause a recorded one$/u);
  });
});

test("a boot whose writes are recorded has one serial port", () => {
  const machine = { ...proofOf([]).machine, terminal: true } as const;
  const problems = problemsOf({ ends: { how: "power-cut", at: "end" } }, { machine });
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatch(/^CONTRADICTION: .*two serial ports$/u);
});

describe("crash states", () => {
  const recovery = bootSpec("again", [one("got", "[a] got sha256=<digest:hex64>")]);
  const crash: Crash = {
    window: ["up", "end"],
    disk: "data",
    check: "capos-store",
    reorder: 4,
    torn: true,
    sample: 2,
    recovers: [recovery],
    same: [
      [
        { boot: "main", landmark: "put", capture: "digest" },
        { boot: "again", landmark: "got", capture: "digest" },
      ],
    ],
  };
  const problems = (change: Partial<Crash>, spec: Partial<BootSpec> = {}): readonly string[] =>
    problemsOf({ crash: { ...crash, ...change }, ...spec });

  test("of a window, a disk and recoveries", () => {
    expect(problems({})).toEqual([]);
  });

  test.each<[string, Partial<Crash>]>([
    ["UNKNOWN_NAME: boot `main` has no landmark `ends`", { window: ["up", "ends"] }],
    ["DEAD: `up` does not come behind `end`: the window is empty", { window: ["end", "up"] }],
    ["UNKNOWN_NAME: the proof has no disk `other`", { disk: "other" }],
    ["DEAD: states are booted, and nothing is expected of them", { recovers: [], same: [] }],
    [
      "CONTRADICTION: every recovery ends at a landmark, so that behind the last of them nothing is allowed",
      { recovers: [{ ...recovery, before: "end" }] },
    ],
    [
      "UNKNOWN_NAME: boot `main` has no landmark `ends`",
      { recovers: [recovery, { ...recovery, name: "b", before: "ends" }] },
    ],
    ["DUPLICATE: the recovery `again` is declared twice", { recovers: [recovery, recovery] }],
    [
      "UNKNOWN_NAME: neither the boot nor a recovery of it is named `other`",
      {
        same: [
          [
            { boot: "main", landmark: "put", capture: "digest" },
            { boot: "other", landmark: "got", capture: "digest" },
          ],
        ],
      },
    ],
  ])("are refused: %s", (problem, change) => {
    expect(problems(change)).toContain(problem);
  });

  test("must be looked at by somebody", () => {
    const { check: _, ...unchecked } = crash;
    const found = problemsOf({ crash: { ...unchecked, sample: 0 } });
    expect(found).toEqual(["DEAD: no checker is named and no state is booted"]);
  });

  test("are made of a boot that ends by itself, on its only disk", () => {
    expect(problems({}, { ends: { how: "power-cut", at: "end" } })).toEqual([
      "CONTRADICTION: crash states are made of a boot that ends by itself",
    ]);
    const two = problemsOf({ crash }, { disks: { ...disks, more: disks.data } });
    expect(two[0]).toMatch(/^CONTRADICTION: a crash leaves all disks in some state/u);
  });

  test("hold their recoveries to all that is checked of a boot, at their own place", () => {
    const spans = new Map([
      ["boots.0.crash.recovers.1", { file: "p.cue", line: 9, col: 3 }],
      ["boots.0.crash.same.0.0", { file: "p.cue", line: 12, col: 3 }],
      ["boots.0.crash.same.0.1", { file: "p.cue", line: 12, col: 9 }],
      ["boots.0.crash.same.1.0", { file: "p.cue", line: 13, col: 3 }],
      ["boots.0.crash.same.1.1", { file: "p.cue", line: 13, col: 9 }],
    ]);
    const vague = { ...recovery, ends: { how: "landmark", at: "gone" } } as const;
    const wrong = [
      { boot: "main", landmark: "put", capture: "digest" },
      { boot: "again", landmark: "got", capture: "size" },
    ] as const;
    const other = { ...recovery, name: "other" };
    const right = [wrong[0], { boot: "other", landmark: "got", capture: "digest" }] as const;
    const proof = proofOf(
      [bootSpec("main", chain, { crash: { ...crash, recovers: [other, vague], same: [right, wrong] } })],
      { disks, spans },
    );
    const found = checkProof(proof).map(({ message, span }) => `${span?.line}: ${message}`);
    expect(found).toContain("9: boot `again` has no landmark `gone`");
    expect(found.filter((f) => f.startsWith("12"))).toEqual([]);
    expect(found.some((f) => f.startsWith("13: ") && f.includes("size"))).toBe(true);
  });
});
