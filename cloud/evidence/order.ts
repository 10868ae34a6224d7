import { type Intent, type JournalRecord, keyOf } from "../journal/records.ts";
import type { ResourceRef, Scope } from "../types.ts";
import { isChange, pathOf, plainPath, type Recorded } from "./requests.ts";

interface Noted {
  /** Its number in the journal. */
  readonly at: number;
  readonly intent: Intent;
  readonly ref: ResourceRef;
  readonly requestId: string;
}

/**
 * Holds the log of requests against the journal: whatever changed something was noted before it was sent, in the same
 * order, and what the journal says to have come about was asked for.
 */
export function orderFaults(
  records: readonly JournalRecord[],
  requests: readonly Recorded[],
  scope: Scope,
): readonly string[] {
  const intents = records.flatMap((record, at): readonly Noted[] =>
    record.type === "intent" ? [{ ...record, at }] : [],
  );
  const faults: string[] = [];
  const sent = new Set<number>();
  let last = -1;
  for (const request of requests.filter(isChange)) {
    const { seq, journal } = request;
    const fitting = intents.filter((intent) => means(intent, request, scope));
    // A thing may be taken down twice: the request belongs to the newest intent that was there when it left.
    const noted = fitting.findLast(({ at }) => journal === undefined || at < journal) ?? fitting[0];
    if (noted === undefined) faults.push(`request ${seq}: the journal has no intent of it`);
    else if (journal !== undefined && noted.at >= journal) {
      faults.push(`request ${seq}: it left before its intent was in the journal`);
    } else if (noted.at < last) faults.push(`request ${seq}: the journal has it in another order`);
    last = Math.max(last, noted?.at ?? last);
    if (noted !== undefined) sent.add(noted.at);
  }
  for (const [at, record] of records.entries()) {
    // A disk comes with its instance, by no call of its own.
    if (record.type !== "outcome" || record.result !== "done" || record.ref.kind === "disk") continue;
    const isSent = intents.some(
      (i) => i.at < at && sent.has(i.at) && i.intent === record.intent && keyOf(i.ref) === keyOf(record.ref),
    );
    if (!isSent) faults.push(`journal, line ${at + 1}: nothing was sent for ${keyOf(record.ref)}`);
  }
  return faults;
}

/** Whether a request does what an intent says. */
function means({ intent, ref, requestId }: Noted, request: Recorded, scope: Scope): boolean {
  const path = plainPath(request);
  const told = new URLSearchParams(request.path.slice(path.length)).get("requestId");
  if (told !== null && told !== requestId) return false;
  const own = pathOf(ref, scope);
  switch (intent) {
    case "delete":
      return request.method === "DELETE" && path === own;
    case "stop":
    case "start":
      return request.method === "POST" && path === `${own}/${intent}`;
    case "create":
      return ref.kind === "object"
        ? path === `/upload/storage/v1/b/${ref.bucket}/o`
        : request.method === "POST" && path === own.slice(0, own.lastIndexOf("/"));
  }
}

/** Each thing that was ever asked for must be looked for, and not found, behind the last change of all. */
export function goneFaults(
  refs: readonly ResourceRef[],
  requests: readonly Recorded[],
  scope: Scope,
): readonly string[] {
  return refs.flatMap((ref) => {
    const path = pathOf(ref, scope);
    const looks = requests.filter((r) => plainPath(r) === path);
    const last = looks.findLast((r) => r.method === "GET");
    const isGone = last?.status === 404 && looks.every((r) => r.method === "GET" || r.seq < last.seq);
    return isGone ? [] : [`${keyOf(ref)} was not looked for, and found missing, in the end`];
  });
}
