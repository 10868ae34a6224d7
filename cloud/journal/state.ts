import type { ResourceRef } from "../types.ts";
import { type JournalRecord, keyOf } from "./records.ts";

/** What a journal says of one resource. */
export interface ResourceState {
  readonly ref: ResourceRef;
  /**
   * `present`: it was made and not known to be gone. `maybe`: a call was about to be sent, or its answer never came.
   * `absent`: it was never made, or a fresh look has shown that it is gone.
   */
  readonly is: "present" | "maybe" | "absent";
  /** The provider's number of it, when an answer told it. */
  readonly id?: string;
  /** Of the create call, for repeating it as the same call. */
  readonly requestId?: string;
}

export interface JournalState {
  readonly begin: Extract<JournalRecord, { type: "begin" }> | undefined;
  readonly resources: readonly ResourceState[];
  readonly ended: boolean;
  /** How many records there are. */
  readonly count: number;
}

/** What is known after these records; any prefix of a journal is a journal. */
export function replay(records: readonly JournalRecord[]): JournalState {
  const resources = new Map<string, ResourceState>();
  let begin: JournalState["begin"];
  let ended = false;
  for (const record of records) {
    switch (record.type) {
      case "begin":
        begin = record;
        break;
      case "intent":
      case "outcome":
      case "absent":
        resources.set(keyOf(record.ref), step(resources.get(keyOf(record.ref)), record));
        break;
      case "end":
        ended = true;
        break;
    }
  }
  return { begin, resources: [...resources.values()], ended, count: records.length };
}

function step(
  was: ResourceState | undefined,
  record: Extract<JournalRecord, { type: "intent" | "outcome" | "absent" }>,
): ResourceState {
  const known = was ?? { ref: record.ref, is: "absent" as const };
  if (record.type === "absent") return { ref: record.ref, is: "absent" };
  if (record.type === "intent") {
    if (record.intent === "create") return { ...known, is: "maybe", requestId: record.requestId };
    // What is being deleted may be gone or not: only a fresh look says so.
    return record.intent === "delete" ? { ...known, is: "maybe" } : known;
  }
  if (record.intent !== "create") return known;
  const id = record.id === undefined ? {} : { id: record.id };
  switch (record.result) {
    case "done":
      return { ...known, ...id, is: "present" };
    case "failed":
      return { ...known, is: "absent" };
    case "unknown":
      return { ...known, ...id, is: "maybe" };
  }
}
