import { unreachable } from "../base/index.ts";
import { allLandmarks } from "./chain.ts";
import { splice } from "./edit.ts";
import type { Judgement, LandmarkSeen } from "./judgement.ts";
import { matchLine } from "./match.ts";
import { mustParsePattern } from "./pattern.ts";
import { judgeStored, type StoredBoot, typeOf } from "./run.ts";
import type { CaptureRef, Landmark, Never, Proof, Verdict } from "./types.ts";

/** A change to a proved run after which it must not be proved. */
export interface Mutant {
  readonly kind: "drop" | "duplicate" | "swap" | "alter" | "forbid" | "replay" | "end";
  /** One clause: what was changed. */
  readonly what: string;
  /** Landmarks whose check the mutant tries, as `boot.landmark`. */
  readonly tries: readonly string[];
  readonly boots: readonly StoredBoot[];
}

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
  /** Captures, as `boot.landmark.capture`, whose value nothing compares or bounds. */
  readonly loose: readonly string[];
}

/**
 * The mutants of a proved run: each landmark dropped, said too often, swapped with the next, each compared capture
 * altered, each forbidden text said, another boot's console replayed, and the end unsaid or mis-said. They are
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
      if (lines.length === 1) {
        yield {
          kind: "drop",
          what: `${named} dropped`,
          tries,
          boots: change(first.offset, behind(first), nothing),
        };
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
  yield* unnamedDevices(proof, boots, judgement);
  yield* replays(proof, boots);
  yield* ends(proof, boots, judgement);
}

/** Judges all mutants of a proved run. */
export function scoreMutants(proof: Proof, boots: readonly StoredBoot[]): MutantScore {
  const survivors: { mutant: Pick<Mutant, "kind" | "what">; verdict: Verdict }[] = [];
  const alive = new Set(proof.boots.flatMap((b) => allLandmarks(b.chain).map((l) => `${b.name}.${l.name}`)));
  let total = 0;
  for (const { kind, what, tries, boots: changed } of mutants(proof, boots)) {
    total++;
    const { verdict } = judgeStored(proof, changed);
    if (verdict === "proved") survivors.push({ mutant: { kind, what }, verdict });
    else for (const landmark of tries) alive.delete(landmark);
  }
  return {
    total,
    killed: total - survivors.length,
    survivors,
    dead: [...alive],
    loose: looseCaptures(proof),
  };
}

/** The console of a boot. Mutants are for consoles that fit into memory many times over. */
function textOf({ inputs }: StoredBoot): Buffer {
  return Buffer.concat([...inputs].flatMap((input) => (input.kind === "bytes" ? [input.bytes] : [])));
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

function looseCaptures(proof: Proof): readonly string[] {
  return proof.boots.flatMap((boot) =>
    allLandmarks(boot.chain).flatMap((landmark) =>
      mustParsePattern(landmark.line)
        .captures.map(({ name }) => ({ boot: boot.name, landmark: landmark.name, capture: name }))
        .filter((ref) => !isCompared(proof, ref))
        .map(show),
    ),
  );
}

function show(ref: CaptureRef): string {
  return `${ref.boot}.${ref.landmark}.${ref.capture}`;
}

/** A guest that does not say that it has found a required device: every line that says so is left out. */
function* unnamedDevices(
  proof: Proof,
  boots: readonly StoredBoot[],
  judgement: Judgement,
): Generator<Mutant> {
  for (const { device, line } of proof.requires.enumerated ?? []) {
    const pattern = mustParsePattern(line);
    for (const [b, spec] of proof.boots.entries()) {
      const [own, banner] = [boots[b], judgement.boots[b]?.banner];
      if (own === undefined || banner === undefined) continue;
      const text = textOf(own);
      const places = linesFrom(text, banner.offset).filter(
        ({ start, end }) => matchLine(pattern, text, start, end) !== undefined,
      );
      const silent = places.reduceRight((boot, { start, next }) => splice(boot, start, next, nothing), own);
      const what = `the guest of boot \`${spec.name}\` never names \`${device}\``;
      if (places.length > 0) {
        yield { kind: "drop", what, tries: [], boots: boots.map((boot, i) => (i === b ? silent : boot)) };
      }
    }
  }
}

interface LinePlace {
  readonly start: number;
  /** Behind its text. */
  readonly end: number;
  /** Where the next line starts. */
  readonly next: number;
}

function linesFrom(text: Buffer, from: number): readonly LinePlace[] {
  const all: LinePlace[] = [];
  for (let start = from; start < text.length;) {
    const next = text.indexOf(0x0a, start) + 1 || text.length;
    const stop = text[next - 1] === 0x0a ? next - 1 : next;
    all.push({ start, end: text[stop - 1] === 0x0d ? stop - 1 : stop, next });
    start = next;
  }
  return all;
}

/** Another boot's console under this boot's name, and this boot's console of another run. */
function* replays(proof: Proof, boots: readonly StoredBoot[]): Generator<Mutant> {
  for (const [i, spec] of proof.boots.entries()) {
    const own = boots[i];
    if (own === undefined) continue;
    for (const [j, other] of proof.boots.entries()) {
      const inputs = boots[j]?.inputs;
      if (i === j || inputs === undefined) continue;
      const what = `the console of boot \`${other.name}\` replayed as boot \`${spec.name}\``;
      const changed = boots.map((boot, k) => (k === i ? { ...own, inputs } : boot));
      yield { kind: "replay", what, tries: [], boots: changed };
    }
    const { expectation } = own;
    if (expectation.freshness !== "echoed") continue;
    const { identity } = expectation;
    const nonce = (identity.nonce.startsWith("0") ? "1" : "0") + identity.nonce.slice(1);
    const stale: StoredBoot = {
      ...own,
      expectation: { freshness: "echoed", identity: { ...identity, nonce } },
    };
    const what = `the console of boot \`${spec.name}\` taken from another run`;
    yield { kind: "replay", what, tries: [], boots: boots.map((boot, k) => (k === i ? stale : boot)) };
  }
}

/** A guest that dies instead of ending as declared. */
function* ends(proof: Proof, boots: readonly StoredBoot[], judgement: Judgement): Generator<Mutant> {
  for (const [b, spec] of proof.boots.entries()) {
    const own = boots[b];
    const banner = judgement.boots[b]?.banner;
    if (own === undefined || banner === undefined) continue;
    const text = textOf(own);
    const change = (from: number, until: number, by: string): readonly StoredBoot[] =>
      boots.map((boot, i) => (i === b ? splice(own, from, until, Buffer.from(by)) : boot));
    const start = banner.offset + banner.length;
    const again = text.subarray(banner.offset, start).toString("latin1");
    const what = (clause: string): string => `boot \`${spec.name}\` ${clause}`;
    yield {
      kind: "end",
      what: what("reset behind its banner"),
      tries: [],
      boots: change(start, start, again),
    };
    if (spec.ends.how !== "halt" || proof.guest !== undefined) continue;
    yield {
      kind: "end",
      what: what("panics behind its banner"),
      tries: [],
      boots: change(start, start, "[kernel] panic: mutant (mutant.rs:1)\r\n"),
    };
    const trailer = text.lastIndexOf(`[kernel] halted status=${spec.ends.status}`);
    if (trailer < 0) continue;
    const end = text.indexOf(0x0a, trailer) + 1 || text.length;
    yield { kind: "end", what: what("without its last line"), tries: [], boots: change(trailer, end, "") };
    const other = `[kernel] halted status=${spec.ends.status + 1}\r\n`;
    yield { kind: "end", what: what("with another status"), tries: [], boots: change(trailer, end, other) };
  }
}
