import type { Found } from "../gce/answers.ts";
import type { Answer } from "../gce/provider.ts";
import { nextStep } from "../gce/retry.ts";
import type { runLabels } from "../names.ts";
import type { ResourceRef } from "../types.ts";
import { insistOn, newRequestId, type RunContext } from "./context.ts";
import { isOurs } from "./make.ts";

type ObjectRef = Extract<ResourceRef, { kind: "object" }>;

/**
 * Uploads the packed disk. A cut connection goes on where the service stands; an object of that name that is not this
 * run's is never written over.
 */
export async function upload(
  context: RunContext,
  ref: ObjectRef,
  file: string,
  labels: ReturnType<typeof runLabels>,
): Promise<Answer<Found>> {
  const { journal, pace, provider, run } = context;
  const noted = journal.write({ type: "intent", intent: "create", ref, requestId: newRequestId() });
  if (!noted.ok)
    return {
      failure: { kind: "aborted", status: 0, reason: "journal", message: noted.error[0]?.message ?? "" },
    };
  const sent = await sendAll(context, ref, file, labels);
  const stored = "value" in sent || sent.failure.kind !== "exists" ? sent : await adopt();
  journal.write({
    type: "outcome",
    intent: "create",
    ref,
    ...("value" in stored
      ? { result: "done" as const, id: stored.value.id }
      : { result: "unknown" as const, detail: stored.failure.message }),
  });
  return stored;

  /** The answer to the last piece may have been lost; then the object is there, and says whose it is. */
  async function adopt(): Promise<Answer<Found>> {
    const there = await insistOn({ pace }, "read", () => provider.objects.get(ref));
    return "value" in there && isOurs(there.value, run) ? there : sent;
  }
}

async function sendAll(
  context: RunContext,
  ref: ObjectRef,
  file: string,
  labels: ReturnType<typeof runLabels>,
): Promise<Answer<Found>> {
  const { pace, provider, say } = context;
  const open = (): Promise<Answer<string>> =>
    insistOn(context, "read", () => provider.objects.begin(ref, labels));
  let session = await open();
  if ("failure" in session) return session;
  let told = -1;
  let reached = 0;
  const progress = (sent: number, of: number): void => {
    reached = Math.max(reached, sent);
    const percent = Math.floor((100 * sent) / of);
    if (percent < told + 25 && percent < 100) return;
    told = percent;
    say(`uploading: ${percent} % of ${of} bytes`);
  };
  let began = pace.now();
  let before = 0;
  let reopened = false;
  for (let attempt = 1; ; attempt++) {
    const sent = await provider.objects.send(session.value, file, progress);
    if ("value" in sent) return sent;
    if (sent.failure.kind === "absent" && !reopened) {
      // The service has forgotten the upload, of which nothing is left then.
      reopened = true;
      session = await open();
      if ("failure" in session) return session;
      continue;
    }
    // The patience is for a service that takes nothing, not for a slow line.
    if (reached > before) [before, attempt, began] = [reached, 1, pace.now()];
    const step = nextStep(sent.failure, "read", attempt, pace.now() - began, pace.random(), pace.retry);
    if (step.do === "stop") return sent;
    await pace.sleep(step.afterMs);
  }
}
