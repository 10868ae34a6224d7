import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Automaton } from "./automaton.ts";
import { type CorpusCase, readCorpus } from "./corpus.ts";
import { splice } from "./edit.ts";
import { mustParseExpression } from "./expression.ts";
import type { Judgement } from "./judgement.ts";
import { judgeStored, type StoredBoot } from "./run.ts";
import { caposForeign } from "./speech.ts";
import type { BootInput, Proof } from "./types.ts";

/** Random runs for each case. A night may ask for more. */
const runs = Number(process.env["CAPOS_PROPERTY_RUNS"] ?? 60);

/** Consoles of megabytes say nothing that short ones do not, and are judged thousands of times here. */
const corpus = readCorpus(join(import.meta.dirname, "corpus")).filter(
  ({ boots }) => boots.reduce((sum, boot) => sum + lengthOf(boot), 0) < 100_000,
);

function lengthOf(boot: StoredBoot): number {
  return [...boot.inputs].reduce((sum, i) => sum + (i.kind === "bytes" ? i.bytes.length : 0), 0);
}

const stamp = fc
  .tuple(fc.nat(99_999), fc.nat(999_999))
  .map(([s, us]) => `[${String(s).padStart(5)}.${String(us).padStart(6, "0")}] `);
const words = fc.oneof(
  fc.constantFrom("usb 1-1: new device", "", "a", "[init] up", "ok\r", "[    2.000000] twice", "(XEN) x"),
  fc.string({ unit: "grapheme-ascii", maxLength: 20 }),
);

/** Lines of the form that a proof declares as foreign. */
function foreignOf(proof: Proof): fc.Arbitrary<string> | undefined {
  switch (proof.foreign) {
    case caposForeign:
      return fc.tuple(stamp, words).map(([s, w]) => s + w);
    case String.raw`\(XEN\) .*`:
      return words.map((w) => `(XEN) ${w}`);
    default:
      return undefined;
  }
}

/** Foreign lines cut in at these places, each counted in the boot without them. */
function insert(boot: StoredBoot, cuts: readonly (readonly [number, string])[]): StoredBoot {
  const length = lengthOf(boot);
  const sorted = cuts.map(([at, f]) => [at % (length + 1), f] as const).toSorted((a, b) => a[0] - b[0]);
  // From the back, so that each place is still where it was.
  return sorted.reduceRight((b, [at, foreign]) => splice(b, at, at, Buffer.from(`${foreign}\n`)), boot);
}

interface Cut {
  readonly boot: number;
  readonly at: number;
  readonly line: string;
}

function insertAll(boots: readonly StoredBoot[], cuts: readonly Cut[]): readonly StoredBoot[] {
  return boots.map((boot, i) =>
    insert(
      boot,
      cuts.filter((c) => c.boot % boots.length === i).map((c) => [c.at, c.line] as const),
    ),
  );
}

function hasTear(bytes: Uint8Array): boolean {
  return /[^\n]\[ *\d+\.\d{6}\]/u.test(Buffer.from(bytes).toString("latin1"));
}

function cutsOf({ proof, boots }: CorpusCase): fc.Arbitrary<readonly Cut[]> | undefined {
  const line = foreignOf(proof);
  if (line === undefined) return undefined;
  const texts = [...proof.never, ...proof.boots.flatMap((b) => b.never)].map((n) => n.text);
  const automaton = new Automaton(mustParseExpression(proof.foreign));
  const fitting = line.filter((l) => {
    const bytes = Buffer.from(l.replace(/\r$/u, ""));
    return automaton.matches(bytes, 0, bytes.length) && !texts.some((t) => l.includes(t));
  });
  const cut = fc.record({ boot: fc.nat(7), at: fc.nat(), line: fitting });
  // A line is followed through four cuts, and no stored one has been cut more than twice already.
  const isTorn = boots.some((boot) => [...boot.inputs].some((i) => i.kind === "bytes" && hasTear(i.bytes)));
  return fc.array(cut, { minLength: 1, maxLength: isTorn ? 2 : 4 });
}

/** What a boot was judged by, apart from where and when it was read. */
function said({ verdict, captures }: Judgement): unknown {
  return { verdict, captures };
}

const cases = corpus.map((c) => [c.name, c] as const);

describe("foreign lines at any place of a stored console", () => {
  it.each(cases)("%s", (_, one) => {
    const cuts = cutsOf(one);
    if (cuts === undefined) return expect(one.proof.foreign).toBe("");
    const { proof, boots } = one;
    const before = judgeStored(proof, boots);
    fc.assert(
      fc.property(cuts, (places) => {
        const after = judgeStored(proof, insertAll(boots, places));
        const failed = after.boots.find((b) => b.verdict !== "proved");
        if (before.verdict !== "proved") expect(after.verdict).not.toBe("proved");
        else if (after.verdict === "proved") expect(said(after)).toEqual(said(before));
        // Behind a landmark that is unclear the guest may still die of what would have come after its end.
        else expect(failed?.causes[0]).toMatchObject({ kind: "unclear" });
      }),
      { numRuns: runs },
    );
  });
});

describe("chunk borders in a stored console, torn or not", () => {
  it.each(cases)("%s", (_, one) => {
    const { proof, boots } = one;
    const cuts = cutsOf(one) ?? fc.constant([]);
    fc.assert(
      fc.property(cuts, fc.array(fc.nat(), { maxLength: 20 }), fc.boolean(), (places, borders, torn) => {
        const given = torn ? insertAll(boots, places) : boots;
        expect(judgeStored(proof, rechunk(given, borders))).toEqual(judgeStored(proof, given));
      }),
      { numRuns: Math.ceil(runs / 3) },
    );
  });
});

/** The same bytes at the same moments, in other pieces. */
function rechunk(boots: readonly StoredBoot[], borders: readonly number[]): readonly StoredBoot[] {
  const cut = (input: BootInput): readonly BootInput[] => {
    if (input.kind !== "bytes") return [input];
    const { bytes } = input;
    const places = borders.map((b) => b % (bytes.length + 1)).toSorted((a, b) => a - b);
    return [0, ...places].map((from, i) => ({
      ...input,
      bytes: bytes.subarray(from, places[i] ?? bytes.length),
    }));
  };
  return boots.map((boot) => ({ ...boot, inputs: [...boot.inputs].flatMap(cut) }));
}
