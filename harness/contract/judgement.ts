import type { Freshness, Moment, Verdict } from "./types.ts";

/**
 * Changes whenever the same inputs could be judged differently; stored with every judgement.
 *
 * 2: a banner that says `system=none` is a banner, so that such a kernel is refuted by its identity; 1 took it for
 * silence. A line of a closed name space is no longer hidden by a tear in its label.
 * 3: nor by a foreign line before it that may be whole: such a stretch is unclear.
 */
export const judgeVersion = "3";

/** Every way in which a boot can miss its claim, with the verdict it stands for. */
export const causeVerdicts = {
  harness: "harness-error",
  host: "host-error",
  cloud: "cloud-error",
  panic: "guest-died",
  "triple-fault": "guest-died",
  reset: "guest-died",
  exit: "guest-died",
  forbidden: "refuted",
  order: "refuted",
  duplicate: "refuted",
  unknown: "refuted",
  missing: "refuted",
  mismatch: "refuted",
  bound: "refuted",
  identity: "refuted",
  unclear: "refuted",
  status: "refuted",
  "exit-code": "refuted",
  device: "refuted",
  ending: "refuted",
  peer: "refuted",
  fault: "refuted",
  crash: "refuted",
  deadline: "no-progress",
  send: "no-progress",
  silence: "no-progress",
  interrupted: "not-run",
  "not-run": "not-run",
} as const satisfies Readonly<Record<string, Verdict>>;

export type CauseKind = keyof typeof causeVerdicts;

/** Why a boot is not proved. */
export interface Cause {
  readonly kind: CauseKind;
  /** One sentence, without the boot's name and without a full stop. */
  readonly sentence: string;
  readonly at: Moment;
  /** Byte of the boot's console where it shows, when it shows there. */
  readonly offset?: number;
  readonly landmark?: string;
}

export function verdictOf(cause: Pick<Cause, "kind"> | undefined): Verdict {
  return cause === undefined ? "proved" : causeVerdicts[cause.kind];
}

const order: readonly Verdict[] = [
  "harness-error",
  "host-error",
  "cloud-error",
  "guest-died",
  "refuted",
  "no-progress",
  "not-run",
];

/** The cause that gives a boot or a run its verdict: the gravest kind, and of those the first. */
export function gravest<T extends { readonly kind: CauseKind }>(causes: readonly T[]): T | undefined {
  let best: T | undefined;
  for (const cause of causes) if (best === undefined || rankOf(cause) < rankOf(best)) best = cause;
  return best;
}

function rankOf(cause: { readonly kind: CauseKind }): number {
  return order.indexOf(causeVerdicts[cause.kind]);
}

/** One line that was a landmark. */
export interface LandmarkSeen {
  readonly name: string;
  readonly captures: Readonly<Record<string, string>>;
  /** Bytes of the console that hold it, its line end included; for a torn one from its first part to its last. */
  readonly offset: number;
  readonly length: number;
  readonly at: Moment;
  /** It was cut by foreign lines and put together again. */
  readonly torn: boolean;
}

/** A console line for a person: what is not printable ASCII is written `\xNN`. */
export interface ConsoleLine {
  readonly offset: number;
  readonly text: string;
}

export interface BootJudgement {
  readonly boot: string;
  /** Place of the boot in the proof, from 0. */
  readonly index: number;
  readonly verdict: Verdict;
  readonly cause?: Cause;
  /** All that was found, the gravest and first included; deaths are still noted behind a refutation. */
  readonly causes: readonly Cause[];
  readonly freshness: Freshness;
  readonly banner?: { readonly offset: number; readonly length: number; readonly at: Moment };
  readonly landmarks: readonly LandmarkSeen[];
  /** Landmarks that were awaited when the boot ended. */
  readonly awaited: readonly string[];
  /** How the guest's part ended; undefined when it did not. */
  readonly ended?: string;
  readonly last: Moment;
  readonly bytes: number;
  /** The beginning and the end of the console; all of it when it is short. */
  readonly excerpt: readonly ConsoleLine[];
}

/** The judgement of a proof's run on one boot path. */
export interface Judgement {
  readonly judge: string;
  readonly proof: string;
  readonly verdict: Verdict;
  /** One sentence, with the boot's name; empty when proved. */
  readonly cause: string;
  readonly kind?: CauseKind;
  /** Name of the boot that failed. */
  readonly boot?: string;
  /** The weakest of its boots'; only `echoed` and `by-construction` may close a task. */
  readonly freshness: Freshness;
  readonly boots: readonly BootJudgement[];
  /** By `boot.landmark.capture`, of each landmark's first line. */
  readonly captures: Readonly<Record<string, string>>;
  /** For a person, on failure: last landmark, the awaited one, the nearest line. */
  readonly report: readonly string[];
}
