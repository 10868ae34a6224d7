import { unreachable } from "../base/index.ts";
import { allLandmarks } from "./chain.ts";
import { splice, textOf } from "./edit.ts";
import type { Judgement, LandmarkSeen } from "./judgement.ts";
import { type Mutant, mutantsBesideLandmarks } from "./mutants-beside.ts";
import { mustParsePattern } from "./pattern.ts";
import { judgeStored, type StoredBoot, typeOf } from "./run.ts";
import type { CaptureRef, Landmark, Never, Proof, Verdict } from "./types.ts";

export type { Mutant };

/** How well a proof notices that it is lied to. */
export interface MutantScore {
  readonly total: number;
  readonly killed: number;
  /** Changes that went unnoticed. */
  readonly survivors: readonly {
    readonly mutant: Pick<Mutant, "kind" | "what">;
    readonly verdict: Verdict;
  }[];
  /** Landmarks, as `boot.landmark`, that no mutant could fail. */
  readonly dead: readonly string[];
  /** Landmarks of which no mutant was made, because foreign lines had cut into them in this run. */
  readonly untried: readonly string[];
  /** Captures, as `boot.landmark.capture`, whose value nothing compares or bounds. */
  readonly loose: readonly string[];
}

/**
 * The mutants of a proved run: each landmark dropped, said too often, swapped with the next, each compared capture
 * altered, each forbidden text said, another boot's console replayed, the end unsaid or mis-said, devices, typing and
 * peers left out of the record. They are
 * made one after the other as they are asked for, each a copy of its boot's inputs. Throws when the run is not proved.
 */
export function* mutants(proof: Proof, boots: readonly StoredBoot[]): Generator<Mutant> {
  const judgement = judgeStored(proof, boots);
  if (judgement.verdict !== "proved")
    throw new Error(`mutants of a run that is ${judgement.verdict}: ${judgement.cause}`);
  const texts = boots.map((boot) => textOf(boot));
  for (const [b, spec] of proof.boots.entries()) {
    const [text, seen] = [texts[b], judgement.boots[b]?.landmarks ?? []];
    if (text === undefined) continue;
    const change = (from: number, until: number, by: Uint8Array): readonly StoredBoot[] =>
      boots.map((boot, i) => (i === b ? splice(boot, from, until, by) : boot));
    // A torn line is not of one piece, and a mutant of its parts would try the tears instead of the proof.
    const whole = seen.filter((s) => !s.torn);
    for (const landmark of allLandmarks(spec.chain)) {
      const lines = whole.filter((s) => s.name === landmark.name);
      const [first] = lines;
      if (first === undefined) continue;
      const tries = [`${spec.name}.${landmark.name}`];
      const line = lineOf(text, first);
      const named = `\`${landmark.name}\` of boot \`${spec.name}\``;
      // All of its lines, or none: as long as one stands, it has come.
      if (lines.length === seen.filter((s) => s.name === landmark.name).length) {
        const without = (boot: StoredBoot): StoredBoot =>
          lines.reduceRight((rest, s) => splice(rest, s.offset, behind(s), nothing), boot);
        const changed = boots.map((boot, i) => (i === b ? without(boot) : boot));
        yield { kind: "drop", what: `${named} dropped`, tries, boots: changed };
      }
      if (!endsAt(spec.ends, landmark) && landmark.atMost <= copyCap) {
        const extra = Buffer.concat(Array.from({ length: landmark.atMost + 1 - lines.length }, () => line));
        yield {
          kind: "duplicate",
          what: `${named} said too often`,
          tries,
          boots: change(behind(first), behind(first), extra),
        };
      }
      for (const alteration of alterations(proof, spec.name, landmark, first, line)) {
        yield {
          kind: "alter",
          what: alteration.what,
          tries,
          boots: change(first.offset, behind(first), alteration.line),
        };
      }
    }
    for (const [x, y] of neighbours(proof, b, whole)) {
      const between = text.subarray(behind(x), y.offset);
      const swapped = Buffer.concat([lineOf(text, y), between, lineOf(text, x)]);
      const tries = [`${spec.name}.${x.name}`, `${spec.name}.${y.name}`];
      const what = `\`${x.name}\` and \`${y.name}\` of boot \`${spec.name}\` swapped`;
      yield { kind: "swap", what, tries, boots: change(x.offset, behind(y), swapped) };
    }
    for (const never of [...proof.never, ...spec.never]) {
      const at = windowOf(never, judgement, b, whole);
      const said = Buffer.from(`[mutant] ${never.text}\r\n`);
      const what = `the forbidden text \`${never.text}\` said in boot \`${spec.name}\``;
      if (at !== undefined) yield { kind: "forbid", what, tries: [], boots: change(at, at, said) };
    }
  }
  yield* mutantsBesideLandmarks(proof, boots, judgement);
}

/** Judges all mutants of a proved run. */
export function scoreMutants(proof: Proof, boots: readonly StoredBoot[]): MutantScore {
  const survivors: { mutant: Pick<Mutant, "kind" | "what">; verdict: Verdict }[] = [];
  const all = proof.boots.flatMap((b) => allLandmarks(b.chain).map((l) => `${b.name}.${l.name}`));
  const [alive, untried] = [new Set(all), new Set(all)];
  let total = 0;
  for (const { kind, what, tries, boots: changed } of mutants(proof, boots)) {
    total++;
    for (const landmark of tries) untried.delete(landmark);
    const { verdict } = judgeStored(proof, changed);
    if (verdict === "proved") survivors.push({ mutant: { kind, what }, verdict });
    else for (const landmark of tries) alive.delete(landmark);
  }
  return {
    total,
    killed: total - survivors.length,
    survivors,
    dead: [...alive].filter((l) => !untried.has(l)),
    untried: [...untried],
    loose: looseCaptures(proof),
  };
}

function lineOf(text: Buffer, seen: LandmarkSeen): Buffer {
  const line = text.subarray(seen.offset, behind(seen));
  return line.at(-1) === 0x0a ? line : Buffer.concat([line, Buffer.from("\r\n")]);
}

function behind(seen: LandmarkSeen): number {
  return seen.offset + seen.length;
}

/** A landmark that may come more often than this is not said too often: the mutant would be nothing but that. */
const copyCap = 1000;

const nothing = new Uint8Array(0);

function endsAt(end: Proof["boots"][number]["ends"], landmark: Landmark): boolean {
  return (end.how === "landmark" || end.how === "power-cut") && end.at === landmark.name;
}

/**
 * Landmarks that follow each other and are not of one group. The repetition of one that may come again has no
 * place to lose: only where it first comes is held to the chain.
 */
function neighbours(
  proof: Proof,
  b: number,
  seen: readonly LandmarkSeen[],
): readonly (readonly [LandmarkSeen, LandmarkSeen])[] {
  const chain = proof.boots[b]?.chain ?? [];
  const itemOf = (s: LandmarkSeen): number =>
    chain.findIndex((item) => allLandmarks([item]).some((l) => l.name === s.name));
  return seen.slice(1).flatMap((y, i) => {
    const x = seen[i];
    const isFirst = seen.find((s) => s.name === x?.name) === x;
    return x !== undefined && isFirst && itemOf(x) < itemOf(y) ? [[x, y] as const] : [];
  });
}

/** A place where a forbidden text is forbidden. */
function windowOf(
  never: Never,
  judgement: Judgement,
  b: number,
  seen: readonly LandmarkSeen[],
): number | undefined {
  if (never.from !== undefined) {
    const from = seen.find((s) => s.name === never.from);
    return from === undefined ? undefined : behind(from);
  }
  const banner = judgement.boots[b]?.banner;
  return banner === undefined ? undefined : banner.offset + banner.length;
}

function* alterations(
  proof: Proof,
  boot: string,
  landmark: Landmark,
  seen: LandmarkSeen,
  line: Buffer,
): Generator<{ readonly what: string; readonly line: Buffer }> {
  for (const { name } of mustParsePattern(landmark.line).captures) {
    const ref = { boot, landmark: landmark.name, capture: name };
    if (!isCompared(proof, ref)) continue;
    const value = seen.captures[name] ?? "";
    const altered = alter(proof, ref, value);
    if (altered === undefined) continue;
    const text = rebuild(landmark, { ...seen.captures, [name]: altered });
    const end = line.subarray(line.lastIndexOf(line.at(-2) === 0x0d ? 0x0d : 0x0a));
    yield {
      what: `\`${show(ref)}\` altered from ${value} to ${altered}`,
      line: Buffer.concat([Buffer.from(text), end]),
    };
  }
}

function rebuild(landmark: Landmark, captures: Readonly<Record<string, string>>): string {
  return mustParsePattern(landmark.line)
    .tokens.map((t) => (t.kind === "literal" ? Buffer.from(t.bytes).toString() : (captures[t.name] ?? "")))
    .join("");
}

/** Another value of the same type that must not be accepted. */
function alter(proof: Proof, ref: CaptureRef, value: string): string | undefined {
  const type = typeOf(proof, ref);
  switch (type) {
    case undefined:
      return undefined;
    case "int":
    case "float": {
      const bound = proof.bounds.find((b) => show(b.capture) === show(ref));
      const outside =
        bound?.max === undefined ? (bound?.min === undefined ? undefined : bound.min - 1) : bound.max + 1;
      return String(Math.trunc(outside ?? Number(value) + 1));
    }
    case "hex":
    case "hex32":
    case "hex64":
      return (value.startsWith("0") ? "1" : "0") + value.slice(1);
    case "stamp":
      return `${value}1`;
    case "word":
    case "text":
      return `${value}x`;
    default:
      return unreachable(type);
  }
}

function isCompared(proof: Proof, ref: CaptureRef): boolean {
  const name = show(ref);
  return (
    proof.same.some((pair) => pair.some((r) => show(r) === name)) ||
    proof.bounds.some((b) => show(b.capture) === name)
  );
}

/** Compared with other targets, which no mutant of one target can try. */
function isHeldElsewhere({ everywhere = [] }: Proof, ref: CaptureRef): boolean {
  return everywhere.some((other) => show(other) === show(ref));
}

function looseCaptures(proof: Proof): readonly string[] {
  return proof.boots.flatMap((boot) =>
    allLandmarks(boot.chain).flatMap((landmark) =>
      mustParsePattern(landmark.line)
        .captures.map(({ name }) => ({ boot: boot.name, landmark: landmark.name, capture: name }))
        .filter((ref) => !isCompared(proof, ref) && !isHeldElsewhere(proof, ref))
        .map(show),
    ),
  );
}

function show(ref: CaptureRef): string {
  return `${ref.boot}.${ref.landmark}.${ref.capture}`;
}
