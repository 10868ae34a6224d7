import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { checkProof } from "./check.ts";
import { readCorpus } from "./corpus.ts";
import { scoreMutants } from "./mutants.ts";
import { judgeStored, type StoredBoot } from "./run.ts";
import type { BootInput } from "./types.ts";

const corpus = readCorpus(join(import.meta.dirname, "corpus"));

/** The same boots with every chunk cut into pieces of this many bytes. */
function rechunk(boots: readonly StoredBoot[], size: number): readonly StoredBoot[] {
  const cut = (input: BootInput): readonly BootInput[] => {
    if (input.kind !== "bytes" || input.bytes.length > 100_000) return [input];
    const count = Math.ceil(input.bytes.length / size);
    return Array.from({ length: count }, (_, i) => ({
      ...input,
      bytes: input.bytes.subarray(i * size, (i + 1) * size),
    }));
  };
  return boots.map((boot) => ({ ...boot, inputs: [...boot.inputs].flatMap(cut) }));
}

describe("the corpus", () => {
  it.each(corpus.map((c) => [c.name, c] as const))("%s", (_, { proof, boots, expect: wanted }) => {
    expect(checkProof(proof)).toEqual([]);
    const judgement = judgeStored(proof, boots);
    const { verdict, kind, cause, report, captures } = judgement;
    expect([verdict, kind, cause]).toEqual([
      wanted.verdict,
      wanted.kind,
      expect.stringContaining(wanted.cause ?? ""),
    ]);
    for (const line of wanted.report ?? []) expect(report.join("\n")).toContain(line);
    if (wanted.captures !== undefined) expect(captures).toEqual(wanted.captures);
    const torn = judgement.boots.flatMap((b) => b.landmarks.filter((l) => l.torn).map((l) => l.name));
    expect(torn).toEqual(wanted.torn ?? []);
    for (const size of [1, 7]) expect(judgeStored(proof, rechunk(boots, size))).toEqual(judgement);
  });

  it.each(corpus.filter((c) => c.expect.verdict === "proved").map((c) => [c.name, c] as const))(
    "%s: its mutants are refuted",
    (_, { proof, boots }) => {
      const { survivors, dead } = scoreMutants(proof, boots);
      const isFresh = boots.every((b) => b.expectation.freshness === "echoed");
      expect(isFresh ? survivors : []).toEqual([]);
      expect(dead).toEqual([]);
    },
  );
});
