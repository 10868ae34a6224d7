import { describe, expect, test } from "vitest";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import {
  type Baseline,
  baselineFile,
  compare,
  isRefused,
  readBaseline,
  showChange,
  writeBaseline,
} from "./baseline.ts";
import { boundLines, measureProof, withBounds } from "./bounds.ts";
import { type Figures, readFigures } from "./figures.ts";
import { cutPackets, framed } from "./gdb-remote.ts";
import { makeTable, showTable } from "./table.ts";

const figures = (found: Readonly<Record<string, number>>): Figures => new Map(Object.entries(found));

describe("what a measuring guest says", () => {
  const said = (...lines: readonly string[]): string => lines.map((line) => `${line}\r\n`).join("");
  const [unit, done] = ["[measure] unit=instructions yardstick=40007", "[measure] done"];

  test("figures are its lines, whatever else is on the console", () => {
    const console = said("\u001bc", "[init] nop=1", unit, "[measure] nop=285", "[measure] b=3 c=4", done);
    expect(readFigures(console)).toEqual({ ok: true, value: figures({ nop: 285 }) });
  });

  test("time, a failure and an early end are no figures", () => {
    const error = (...lines: readonly string[]): unknown => readFigures(said(...lines));
    expect(error("[measure] unit=time yardstick=9", done)).toEqual({
      ok: false,
      error: "it counts time and not instructions",
    });
    expect(error(unit, "[measure] failed: CAP_ERR_BAD_CAP")).toEqual({
      ok: false,
      error: "failed: CAP_ERR_BAD_CAP",
    });
    expect(error(unit, "[measure] nop=1")).toEqual({ ok: false, error: "it has not come to its end" });
    expect(error("capos kernel starting")).toEqual({ ok: false, error: "it has not said what it counts" });
  });
});

describe("the table", () => {
  const ours = figures({ nop: 285, "endpoint-1-word": 1400, novel: 7 });
  const linux = figures({ "null-syscall": 334, nop: 892, "pipe-1-word": 10_425, other: 9 });

  test("each figure of both stands in it once, beside its nearest", () => {
    const rows = makeTable(ours, linux);
    expect(rows.flatMap((row) => (row.ours === undefined ? [] : [row.name])).toSorted()).toEqual(
      [...ours.keys()].toSorted(),
    );
    expect(rows.flatMap((row) => row.linux?.name ?? []).toSorted()).toEqual([...linux.keys()].toSorted());
    expect(rows.map(({ name, met, linux: beside }) => [name, met, beside?.name])).toEqual([
      ["", undefined, "null-syscall"],
      ["nop", false, "nop"],
      ["endpoint-1-word", true, "pipe-1-word"],
      ["novel", undefined, undefined],
      ["", undefined, "other"],
    ]);
  });

  test("is shown in columns", () => {
    expect(showTable(makeTable(ours, linux))).toBe(
      [
        "operation         ours  budget           Linux  as            Linux/ours  published",
        "                                           334  null-syscall",
        "nop                285     250  MISSED     892  nop                 3.13",
        "endpoint-1-word  1,400   1,500  ok      10,425  pipe-1-word         7.45  seL4 1,421 cycles [1], 455 to 1,462 instructions [3]",
        "novel                7",
        "                                             9  other",
      ].join("\n"),
    );
  });
});

describe("the baseline", () => {
  const baseline: Baseline = {
    tolerance: 0.02,
    instructions: figures({ a: 1000, b: 1000, c: 1000, d: 1000, e: 50 }),
  };

  test("what has grown or gone is refused; what is new or less is only told", () => {
    const changes = compare(baseline, figures({ a: 1020, b: 1021, c: 980, d: 979, f: 1 }));
    expect(changes.map((one) => [one.name, one.kind, isRefused(one)])).toEqual([
      ["b", "more", true],
      ["d", "less", false],
      ["e", "gone", true],
      ["f", "new", false],
    ]);
    expect(changes.map(showChange)).toEqual([
      "b: 1021 instructions, +2.1 % against 1000 of the baseline",
      "d: 979 instructions, -2.1 % against 1000 of the baseline",
      "e: not measured; the baseline says 50 instructions",
      "f: 1 instructions, and the baseline does not have it",
    ]);
  });

  test("what was written is read again", () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/u);
    fc.assert(
      fc.property(
        fc.dictionary(name, fc.nat()),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (found, part) => {
          const one = { tolerance: part === 0 ? 0 : part, instructions: figures(found) };
          expect(readBaseline(writeBaseline(one))).toEqual({ ok: true, value: one });
        },
      ),
    );
  });

  test.each([
    ["", "it is no JSON"],
    ["[]", "it is no baseline of version 1"],
    ['{"v":1,"tolerance":2,"instructions":{}}', "`tolerance` is not a number from 0 to 1"],
    ['{"v":1,"tolerance":0}', "`instructions` is missing"],
    ['{"v":1,"tolerance":0,"instructions":{"a":-1}}', "`a` is not a count of instructions"],
  ])("%s is refused", (text, error) => {
    expect(readBaseline(text)).toEqual({ ok: false, error });
  });
});

describe("the debugger's protocol", () => {
  test("a packet has the sum of its bytes", () => {
    expect(framed("OK")).toBe("$OK#9a");
  });

  test("packets are found wherever the stream is cut", () => {
    const payload = fc.stringMatching(/^[0-9a-zA-Z:;]{0,12}$/u);
    fc.assert(
      fc.property(fc.array(payload), fc.nat(), (payloads, cut) => {
        const stream = payloads.map((one) => `+${framed(one)}`).join("");
        const at = cut % (stream.length + 1);
        const first = cutPackets(stream.slice(0, at));
        const second = cutPackets(first.rest + stream.slice(at));
        expect([...first.packets, ...second.packets]).toEqual(payloads);
      }),
    );
  });
});

describe("the bounds of the proof", () => {
  const root = join(import.meta.dirname, "../../../..");
  const proof = readFileSync(join(root, measureProof), "utf8");

  test("are those of the stored baseline, for each figure that it has", () => {
    const baseline = readBaseline(readFileSync(join(root, baselineFile), "utf8"));
    if (!baseline.ok) throw new Error(baseline.error);
    expect(withBounds(proof, baseline.value)).toEqual({ ok: true, value: proof });
    const measured = [...proof.matchAll(/\{name: "([a-z0-9-]+)", line: "[^"]*=<cost:int>"\}/gu)];
    expect(measured.map(([, name]) => name)).toEqual([...baseline.value.instructions.keys()]);
  });

  test("give way to those of another, and nothing else does", () => {
    const other: Baseline = { tolerance: 0.02, instructions: figures({ nop: 200, novel: 99 }) };
    const lines = [
      '\t\t{capture: "measure.nop.cost", max: 204},',
      '\t\t{capture: "measure.novel.cost", max: 100},',
    ];
    expect(boundLines(other)).toEqual(lines);
    expect(withBounds("a\n\tbounds: [\n\t\told\n\t]\n\t]\n", other)).toEqual({
      ok: true,
      value: `a\n\tbounds: [\n${lines.join("\n")}\n\t]\n\t]\n`,
    });
    expect(withBounds("a\n\tbounds: []\n", other).ok).toBe(false);
  });
});
