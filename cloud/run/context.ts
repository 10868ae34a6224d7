import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import type { Operation } from "../gce/answers.ts";
import { type Failure, operationFailure } from "../gce/failure.ts";
import type { Answer, Provider } from "../gce/provider.ts";
import { defaultPolicy, type Effect, nextStep, type RetryPolicy } from "../gce/retry.ts";
import type { Journal } from "../journal/journal.ts";
import type { RunId } from "../names.ts";

/** What every step of a run works with. */
export interface RunContext {
  readonly run: RunId;
  readonly provider: Provider;
  readonly journal: Journal;
  readonly pace: Pace;
  /** One sentence for a person, as things happen. */
  readonly say: (text: string) => void;
  /** Fires when nothing new may be made. Taking down goes on. */
  readonly stopping: AbortSignal;
}

/** Time as the run knows it: monotonic, and waits that a test can shorten. */
export interface Pace {
  /** Milliseconds on a clock that never jumps. */
  now(): number;
  /** Ends early when the signal fires: who wants to stop must not wait for a pause. */
  sleep(ms: number, abort?: AbortSignal): Promise<void>;
  random(): number;
  readonly retry: RetryPolicy;
  /** How long an operation may take before its resource is looked at instead. */
  readonly operationMs: number;
  /** Between two looks at something that is being made or taken down. */
  readonly lookMs: number;
  /** How often something must be found missing, before it counts as absent, when it may just have been made. */
  readonly looks: number;
}

export const systemPace: Pace = {
  now: () => performance.now(),
  sleep: (ms, abort) => setTimeout(ms, undefined, { ...(abort && { signal: abort }) }).catch(() => {}),
  random: Math.random,
  retry: defaultPolicy,
  operationMs: 600_000,
  lookMs: 2_000,
  looks: 3,
};

export function newRequestId(): string {
  return randomUUID();
}

/** Repeats a call by the retry policy. `look` means that a creation may have been taken and must be looked up. */
export async function insist<T>(
  context: Pick<RunContext, "pace">,
  effect: Effect,
  work: () => Promise<Answer<T>>,
): Promise<Answer<T> | { readonly look: Failure; readonly afterMs: number }> {
  const { pace } = context;
  const began = pace.now();
  for (let attempt = 1; ; attempt++) {
    const answer = await work();
    if ("value" in answer) return answer;
    const step = nextStep(answer.failure, effect, attempt, pace.now() - began, pace.random(), pace.retry);
    if (step.do === "stop") return answer;
    if (step.do === "look") return { look: answer.failure, afterMs: step.afterMs };
    await pace.sleep(step.afterMs);
  }
}

/** A read or a deletion, which may be repeated without looking. */
export async function insistOn<T>(
  context: Pick<RunContext, "pace">,
  effect: Exclude<Effect, "create">,
  work: () => Promise<Answer<T>>,
): Promise<Answer<T>> {
  const answer = await insist(context, effect, work);
  return "look" in answer ? { failure: answer.look } : answer;
}

/**
 * Waits until an operation is done. Its own failure is the answer's; an operation that is no longer known, or does
 * not end in time, says nothing: then the resource itself is to be looked at.
 */
export async function finish(context: RunContext, operation: Operation): Promise<Answer<"done" | "unknown">> {
  const { pace, provider } = context;
  const end = pace.now() + pace.operationMs;
  let now = operation;
  while (!now.done) {
    if (pace.now() >= end) return { value: "unknown" };
    const answer = await insistOn(context, "read", () => provider.wait(now));
    if ("failure" in answer) {
      return answer.failure.kind === "absent" || answer.failure.kind === "unavailable"
        ? { value: "unknown" }
        : answer;
    }
    now = answer.value;
    // `wait` may answer at once when the service is busy.
    if (!now.done) await pace.sleep(pace.lookMs);
  }
  return now.error === undefined
    ? { value: "done" }
    : { failure: operationFailure(now.error.code, now.error.message) };
}
