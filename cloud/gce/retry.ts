import type { Failure, FailureKind } from "./failure.ts";

/** What a call does to the world: a read and a deletion may be repeated blindly, a creation must be looked up first. */
export type Effect = "read" | "delete" | "create";

export interface RetryPolicy {
  /** Milliseconds that a call and all its repetitions may take together. */
  readonly budgetMs: number;
  readonly firstDelayMs: number;
  readonly longestDelayMs: number;
}

export const defaultPolicy: RetryPolicy = { budgetMs: 120_000, firstDelayMs: 500, longestDelayMs: 20_000 };

export type NextStep =
  | { readonly do: "again"; readonly afterMs: number }
  /** Whether it has happened is not known: look, and repeat it only with the same request id. */
  | { readonly do: "look"; readonly afterMs: number }
  | { readonly do: "stop" };

/**
 * What to do about a failure of the `attempt`th try (from 1), `spentMs` after the first. Pure: `random` is from 0 up to
 * 1. Waiting doubles, with full jitter ("Exponential Backoff And Jitter", AWS Architecture Blog, 2015), and keeps to
 * what the provider asks for.
 */
export function nextStep(
  failure: Failure,
  effect: Effect,
  attempt: number,
  spentMs: number,
  random: number,
  policy: RetryPolicy = defaultPolicy,
): NextStep {
  const kind = stepKinds[failure.kind];
  if (kind === "stop" || (kind === "once" && attempt > 1)) return { do: "stop" };
  const ceiling = Math.min(policy.longestDelayMs, policy.firstDelayMs * 2 ** (attempt - 1));
  // The rate limit is counted by the minute; asking again within it only counts against us.
  const least = failure.retryAfter === undefined ? 0 : failure.retryAfter * 1000;
  const afterMs = Math.round(Math.max(least, ceiling / 2 + (ceiling / 2) * random));
  if (spentMs + afterMs > policy.budgetMs) return { do: "stop" };
  return effect === "create" && kind === "unsure" ? { do: "look", afterMs } : { do: "again", afterMs };
}

/** `unsure`: the call may have been taken. `later`: it was not, and may be at another time; `once`: with a new token. */
const stepKinds: Readonly<Record<FailureKind, "stop" | "later" | "once" | "unsure">> = {
  absent: "stop",
  exists: "stop",
  conflict: "stop",
  denied: "stop",
  unauthenticated: "once",
  quota: "stop",
  rate: "later",
  "stock-out": "stop",
  "not-ready": "later",
  invalid: "stop",
  unavailable: "unsure",
  refused: "stop",
  aborted: "stop",
};
