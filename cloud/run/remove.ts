import type { Found } from "../gce/answers.ts";
import type { Failure } from "../gce/failure.ts";
import type { ResourceState } from "../journal/state.ts";
import type { ResourceRef } from "../types.ts";
import { finish, insistOn, newRequestId, type RunContext } from "./context.ts";
import { isOurs } from "./make.ts";

/** What became of a resource that should go. */
export type Removal =
  | { readonly ref: ResourceRef; readonly result: "absent" }
  /** Under the name stands something that is not ours. It was not touched. */
  | { readonly ref: ResourceRef; readonly result: "stranger"; readonly why: string }
  | { readonly ref: ResourceRef; readonly result: "left"; readonly why: string };

/**
 * Takes a resource down and shows that it is gone: it counts as absent only when a fresh look does not find it.
 * Nothing is deleted by name alone: its number or its labels must say that it is this run's.
 */
export async function remove(context: RunContext, state: ResourceState): Promise<Removal> {
  const { ref } = state;
  const { pace, provider, journal } = context;
  const end = pace.now() + pace.operationMs;
  const requestId = newRequestId();
  // What was asked for a moment ago may not be visible yet.
  const looks = state.is === "maybe" ? pace.looks : 1;
  let missing = 0;
  let asked = false;
  for (;;) {
    const there = await insistOn(context, "read", () => provider.get(ref));
    if ("failure" in there) {
      if (there.failure.kind !== "absent") return left(ref, there.failure);
      if (asked || ++missing >= looks) return gone(context, ref);
      await pace.sleep(pace.lookMs);
      continue;
    }
    missing = 0;
    const foreign = whyForeign(there.value, state, context.run);
    if (foreign !== undefined) return { ref, result: "stranger", why: foreign };
    if (pace.now() >= end)
      return { ref, result: "left", why: `it is still ${there.value.status || "there"}` };
    if (!asked) {
      // A journal that cannot be written is no reason to leave something standing that costs money.
      journal.write({ type: "intent", intent: "delete", ref, requestId });
    }
    const answer = await insistOn(context, "delete", () => provider.remove(ref, requestId));
    if ("failure" in answer) {
      if (answer.failure.kind !== "absent" && answer.failure.kind !== "conflict")
        return left(ref, answer.failure);
    } else if (answer.value !== undefined) {
      const done = await finish(context, answer.value);
      if ("failure" in done && done.failure.kind !== "absent" && done.failure.kind !== "conflict") {
        return left(ref, done.failure);
      }
    }
    asked = true;
    const after = await insistOn(context, "read", () => provider.get(ref));
    if ("failure" in after && after.failure.kind === "absent") return gone(context, ref);
    await pace.sleep(pace.lookMs);
  }
}

function whyForeign(found: Found, state: ResourceState, run: string): string | undefined {
  if (state.id !== undefined && state.id !== found.id) {
    return `it has the number ${found.id}, and this run's had ${state.id}`;
  }
  if (state.id === undefined && !isOurs(found, run)) return "its labels do not name this run";
  return undefined;
}

function gone(context: RunContext, ref: ResourceRef): Removal {
  context.journal.write({ type: "absent", ref });
  context.say(`gone: ${ref.kind} ${ref.name}`);
  return { ref, result: "absent" };
}

function left(ref: ResourceRef, failure: Failure): Removal {
  return { ref, result: "left", why: failure.message };
}
