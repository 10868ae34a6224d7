import { unreachable } from "../base/index.ts";
import { createBootJudge } from "./boot.ts";
import { allLandmarks } from "./chain.ts";
import {
  type BootJudgement,
  type Cause,
  type CauseKind,
  gravest,
  type Judgement,
  judgeVersion,
  verdictOf,
} from "./judgement.ts";
import { reportMiss } from "./near.ts";
import type { CaptureType } from "./pattern.ts";
import { mustParsePattern } from "./pattern.ts";
import type { Expectation } from "./speech.ts";
import type { BootInput, CaptureRef, Freshness, Proof } from "./types.ts";

/** A boot as evidence holds it. */
export interface StoredBoot {
  readonly inputs: Iterable<BootInput>;
  readonly expectation: Expectation;
}

/** Judges a whole run again from its record: what `evidence verify` and `capos judge` do. */
export function judgeStored(proof: Proof, boots: readonly StoredBoot[]): Judgement {
  return judgeRun(
    proof,
    boots.map((stored, index) => judgeStoredBoot(proof, index, stored)),
  );
}

export function judgeStoredBoot(proof: Proof, index: number, stored: StoredBoot): BootJudgement {
  const judge = createBootJudge(proof, index, stored.expectation);
  for (const input of stored.inputs) judge.feed(input);
  return judge.finish();
}

interface RunCause extends Pick<Cause, "kind" | "sentence"> {
  readonly boot: string;
}

/** Judges a run from its boots, in their order. Boots that are missing behind a failed one need no reason. */
export function judgeRun(proof: Proof, boots: readonly BootJudgement[]): Judgement {
  const causes: RunCause[] = boots.flatMap((b) =>
    b.cause === undefined ? [] : [{ ...b.cause, boot: b.boot }],
  );
  causes.push(...compareCaptures(proof, boots));
  const absent = proof.boots[boots.length];
  if (absent !== undefined && causes.length === 0) {
    causes.push({ kind: "not-run", sentence: "the boot was not run", boot: absent.name });
  }
  const cause = gravest(causes);
  const failed = cause === undefined ? undefined : boots.find((b) => b.boot === cause.boot);
  return {
    judge: judgeVersion,
    proof: proof.name,
    verdict: verdictOf(cause),
    cause: cause === undefined ? "" : `boot \`${cause.boot}\`: ${cause.sentence}`,
    ...(cause === undefined ? {} : { kind: cause.kind, boot: cause.boot }),
    freshness: weakest(boots.map((b) => b.freshness)),
    boots,
    captures: collectCaptures(boots),
    report: cause === undefined || failed === undefined ? [] : reportMiss(proof, boots, failed, cause.kind),
  };
}

function weakest(all: readonly Freshness[]): Freshness {
  const order: readonly Freshness[] = ["none", "by-construction", "echoed"];
  return order.find((f) => all.includes(f)) ?? "none";
}

function collectCaptures(boots: readonly BootJudgement[]): Readonly<Record<string, string>> {
  const captures: Record<string, string> = {};
  for (const { boot, landmarks } of boots) {
    for (const seen of landmarks) {
      for (const [name, value] of Object.entries(seen.captures))
        captures[`${boot}.${seen.name}.${name}`] ??= value;
    }
  }
  return captures;
}

function compareCaptures(proof: Proof, boots: readonly BootJudgement[]): readonly RunCause[] {
  const causes: RunCause[] = [];
  const fail = (kind: CauseKind, boot: string, sentence: string): number =>
    causes.push({ kind, boot, sentence });
  for (const [a, b] of proof.same) {
    const [first] = valuesOf(boots, a);
    if (first === undefined) continue;
    const type = typeOf(proof, a);
    // Where a landmark may stand more than once, every one of its lines is held to it.
    const other = [...valuesOf(boots, a), ...valuesOf(boots, b)].find((v) => !isSame(type, first, v));
    if (other !== undefined) {
      const later = valuesOf(boots, b).includes(other) ? b : a;
      fail("mismatch", later.boot, `\`${showRef(later)}\` is ${other}, but \`${showRef(a)}\` is ${first}`);
    }
  }
  for (const { capture, min, max } of proof.bounds) {
    for (const value of valuesOf(boots, capture)) {
      const ref = showRef(capture);
      const n = Number(value);
      if (min !== undefined && !(n >= min))
        fail("bound", capture.boot, `\`${ref}\` is ${value}, less than ${min}`);
      else if (max !== undefined && !(n <= max))
        fail("bound", capture.boot, `\`${ref}\` is ${value}, more than ${max}`);
    }
  }
  return causes;
}

function valuesOf(boots: readonly BootJudgement[], ref: CaptureRef): readonly string[] {
  const boot = boots.find((b) => b.boot === ref.boot);
  return (boot?.landmarks ?? []).flatMap((seen) => {
    const value = seen.name === ref.landmark ? seen.captures[ref.capture] : undefined;
    return value === undefined ? [] : [value];
  });
}

/** The type of a capture; undefined where the proof has none of that name. */
export function typeOf(proof: Proof, ref: CaptureRef): CaptureType | undefined {
  const boot = proof.boots.find((b) => b.name === ref.boot);
  const landmark = allLandmarks(boot?.chain ?? []).find((l) => l.name === ref.landmark);
  if (landmark === undefined) return undefined;
  return mustParsePattern(landmark.line).captures.find((c) => c.name === ref.capture)?.type;
}

/** Whether two values of a capture of this type are equal. */
export function isSame(type: CaptureType | undefined, a: string, b: string): boolean {
  if (a === b) return true;
  switch (type) {
    case "int":
      return BigInt(a) === BigInt(b);
    case "float":
    case "stamp":
      return Number(a) === Number(b);
    case "hex":
    case "hex32":
    case "hex64":
      return a.toLowerCase() === b.toLowerCase();
    case "word":
    case "text":
    case undefined:
      return false;
    default:
      return unreachable(type);
  }
}

export function showRef(ref: CaptureRef): string {
  return `${ref.boot}.${ref.landmark}.${ref.capture}`;
}
