import type { Found } from "../gce/answers.ts";
import type { Failure, FailureKind } from "../gce/failure.ts";
import type { Answer } from "../gce/provider.ts";
import type { RunId } from "../names.ts";
import type { ResourceRef } from "../types.ts";
import { finish, insist, insistOn, newRequestId, type RunContext } from "./context.ts";

/** Whether a resource says by its own labels that this run made it. */
export function isOurs(found: Found, run: RunId): boolean {
  return found.labels["capos-run"] === run && found.labels["capos-tool"] === "cloudboot";
}

/**
 * Makes an image or an instance and waits until it is `ready`. The intent is on the disk before the call is sent;
 * a lost answer is found by the resource's name; what a stranger owns is never adopted. On failure the journal knows
 * whether anything may have been left.
 */
export async function make(
  context: RunContext,
  ref: Exclude<ResourceRef, { kind: "object" }>,
  body: object,
  ready: (status: string) => "yes" | "no" | "never",
): Promise<Answer<Found>> {
  const { journal } = context;
  const requestId = newRequestId();
  const noted = journal.write({ type: "intent", intent: "create", ref, requestId });
  if (!noted.ok) return { failure: hostFailure(noted.error[0]?.message ?? "the journal failed") };
  const made = await create(context, ref, body, requestId);
  const settled = "failure" in made ? made : await becomeReady(context, ref, made.value, ready);
  const outcome = "failure" in settled ? settled.failure : undefined;
  const isNothing = "failure" in made && made.nothing;
  const written = journal.write({
    type: "outcome",
    intent: "create",
    ref,
    ...(outcome === undefined
      ? { result: "done" as const, ...("value" in settled ? { id: settled.value.id } : {}) }
      : {
          result: isNothing ? ("failed" as const) : ("unknown" as const),
          detail: outcome.message,
        }),
  });
  if (!written.ok) return { failure: hostFailure(written.error[0]?.message ?? "the journal failed") };
  return settled;
}

/** What the call itself was refused for: then it has made nothing. An operation that fails may leave something. */
const refusals: readonly FailureKind[] = ["invalid", "denied", "unauthenticated", "refused", "rate"];

/** `nothing`: surely nothing of ours has been made. */
type Created =
  | { readonly value: Found | undefined }
  | { readonly failure: Failure; readonly nothing: boolean };

async function create(
  context: RunContext,
  ref: ResourceRef,
  body: object,
  requestId: string,
): Promise<Created> {
  const { provider, pace } = context;
  const began = pace.now();
  let isUnsure = false;
  for (;;) {
    const answer = await insist(context, "create", () => provider.create(ref, body, requestId));
    if ("value" in answer) {
      const done = await finish(context, answer.value);
      if ("value" in done) return { value: undefined };
      // Our own deletion, or a repeat of the same call, may have come in between: the resource itself decides.
      return done.failure.kind === "conflict" || done.failure.kind === "exists"
        ? adopt(context, ref, done.failure)
        : { ...done, nothing: false };
    }
    if ("failure" in answer) {
      const { failure } = answer;
      if (failure.kind === "exists") return adopt(context, ref, failure);
      return { failure, nothing: !isUnsure && refusals.includes(failure.kind) };
    }
    isUnsure = true;
    // Nobody knows whether the call was taken. Its name tells; if it is not there, the same call is sent again.
    await pace.sleep(answer.afterMs);
    const there = await insistOn(context, "read", () => provider.get(ref));
    if ("value" in there) return isOurs(there.value, context.run) ? there : stranger(ref);
    const isOver = pace.now() - began > pace.retry.budgetMs;
    if (there.failure.kind !== "absent" || isOver) return { failure: answer.look, nothing: false };
  }
}

/** What is there under our name is ours if it says so. */
async function adopt(context: RunContext, ref: ResourceRef, why: Failure): Promise<Created> {
  const there = await insistOn(context, "read", () => context.provider.get(ref));
  if ("failure" in there) return { failure: why, nothing: false };
  return isOurs(there.value, context.run) ? there : stranger(ref);
}

function stranger(ref: ResourceRef): Created {
  const message = `there is a ${ref.kind} ${ref.name} that is not this run's`;
  return { failure: { kind: "exists", status: 409, reason: "stranger", message }, nothing: true };
}

async function becomeReady(
  context: RunContext,
  ref: ResourceRef,
  known: Found | undefined,
  ready: (status: string) => "yes" | "no" | "never",
): Promise<Answer<Found>> {
  const { provider, pace } = context;
  const end = pace.now() + pace.operationMs;
  let found = known;
  let missing = 0;
  for (;;) {
    if (found !== undefined) {
      const state = ready(found.status);
      if (state === "yes") return { value: found };
      if (state === "never") {
        const message = `the ${ref.kind} ${ref.name} is ${found.status}`;
        return { failure: { kind: "unavailable", status: 200, reason: found.status, message } };
      }
    }
    if (pace.now() >= end) {
      const message = `the ${ref.kind} ${ref.name} did not become ready in time`;
      return { failure: { kind: "unavailable", status: 200, reason: "late", message } };
    }
    const answer = await insistOn(context, "read", () => provider.get(ref));
    if ("value" in answer) found = answer.value;
    else if (answer.failure.kind !== "absent") return answer;
    else if (++missing >= pace.looks) {
      const message = `the ${ref.kind} ${ref.name} was made and is not there`;
      return { failure: { kind: "unavailable", status: 404, reason: "vanished", message } };
    }
    if (found === undefined || ready(found.status) === "no") await pace.sleep(pace.lookMs);
  }
}

function hostFailure(message: string): Failure {
  return { kind: "aborted", status: 0, reason: "journal", message };
}
