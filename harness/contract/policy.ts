/**
 * Whether a failure of a proof counts. A policy never changes a verdict: what is refuted stays refuted, is shown and
 * counted, and only does not fail the run. Each has an end, so that none is forgotten.
 */
import { type Problem, problem, type Span } from "../base/index.ts";
import { contractCodes } from "./codes.ts";
import type { Proof } from "./types.ts";

/** A proof known to fail at times: its failures do not fail a run, and it closes nothing. */
export interface Quarantine {
  readonly reason: string;
  readonly ticket: string;
  readonly owner: string;
  /** Last day, as `YYYY-MM-DD` in UTC. */
  readonly until: string;
}

/** Why a failure of a proof does not count today. */
export interface Tolerance {
  readonly kind: "quarantined" | "warn-only";
  /** One clause for a person. */
  readonly why: string;
}

/** A quarantine longer than this is a decision to do without the proof, which should then be taken as one. */
export const quarantineDays = 90;

const dayMs = 86_400_000;

/** The UTC day of a moment in milliseconds since 1970. */
export function dayOf(now: number): string {
  return new Date(now).toISOString().slice(0, 10);
}

/** Whether the text is a day of the calendar, such as `2026-02-28`. */
export function isDay(text: string): boolean {
  const at = /^\d{4}-\d{2}-\d{2}$/u.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  return !Number.isNaN(at) && dayOf(at) === text;
}

/** What a failure of the proof is excused by on a day; undefined when it counts. */
export function toleranceOf(
  proof: Pick<Proof, "quarantine" | "warnUntil">,
  day: string,
): Tolerance | undefined {
  const { quarantine, warnUntil } = proof;
  if (quarantine !== undefined && day <= quarantine.until) {
    const { reason, ticket, owner, until } = quarantine;
    return { kind: "quarantined", why: `quarantined until ${until}: ${reason} (${ticket}, ${owner})` };
  }
  if (warnUntil !== undefined && day <= warnUntil)
    return { kind: "warn-only", why: `new: it only warns until ${warnUntil}` };
  return undefined;
}

/** Policies of a proof that have ended, or that would never end, on a day. */
export function checkPolicy(proof: Proof, day: string): readonly Problem[] {
  const { name, quarantine, warnUntil } = proof;
  const found: Problem[] = [];
  const tell = (
    code: "CAPOS_PROOF_EXPIRED" | "CAPOS_PROOF_TOO_LONG",
    path: string,
    message: string,
  ): void => {
    const span = spanOf(proof, path);
    found.push(problem(contractCodes, code, message, span === undefined ? {} : { span }));
  };
  if (quarantine !== undefined) {
    const { until, ticket, owner } = quarantine;
    if (until < day) {
      const message = `the quarantine of ${name} ended on ${until} (${ticket}, ${owner}), and its failures count again`;
      tell("CAPOS_PROOF_EXPIRED", "quarantine.until", message);
    }
    if (tooFar(until, day)) tell("CAPOS_PROOF_TOO_LONG", "quarantine.until", tooLong(name, until));
  }
  if (warnUntil !== undefined) {
    if (warnUntil < day) {
      const message = `${name} only warned until ${warnUntil}, and its failures count now`;
      tell("CAPOS_PROOF_EXPIRED", "warnUntil", message);
    }
    if (tooFar(warnUntil, day)) tell("CAPOS_PROOF_TOO_LONG", "warnUntil", tooLong(name, warnUntil));
  }
  return found;
}

function tooFar(until: string, day: string): boolean {
  return Date.parse(until) - Date.parse(day) > quarantineDays * dayMs;
}

function tooLong(name: string, until: string): string {
  return `failures of ${name} would not count until ${until}, and ${quarantineDays} days are the most`;
}

function spanOf(proof: Proof, path: string): Span | undefined {
  return proof.spans.get(path) ?? proof.spans.get(path.split(".")[0] ?? "") ?? proof.spans.get("");
}
