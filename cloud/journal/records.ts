import type { RunId } from "../names.ts";
import { type ResourceKind, resourceKinds, type ResourceRef, type Scope } from "../types.ts";

/** What a call to the provider means for a resource. */
export const intents = ["create", "delete", "stop", "start"] as const;
export type Intent = (typeof intents)[number];

/**
 * One line of a run's journal. An `intent` is on the disk before its call is sent, so whatever was made is known; an
 * `outcome` follows when the answer has come. An intent without an outcome may or may not have happened.
 */
export type JournalRecord =
  | {
      readonly type: "begin";
      readonly run: RunId;
      readonly proof: string;
      readonly scope: Scope;
      /** Origin of a provider on this host; absent for Google's. */
      readonly endpoint?: string;
      readonly createdUnix: number;
      readonly expiresUnix: number;
    }
  | {
      readonly type: "intent";
      readonly intent: Intent;
      readonly ref: ResourceRef;
      /** The provider takes a second call with it for the first one. */
      readonly requestId: string;
    }
  | {
      readonly type: "outcome";
      readonly intent: Intent;
      readonly ref: ResourceRef;
      /**
       * `done`: it has happened. `failed`: it has not, and nothing was made. `unknown`: nobody can say, and the
       * resource is to be looked up.
       */
      readonly result: "done" | "failed" | "unknown";
      /** The provider's number of this very resource: another of the same name is somebody else's. */
      readonly id?: string;
      readonly detail?: string;
    }
  /** A fresh look has found that the resource is not there. */
  | { readonly type: "absent"; readonly ref: ResourceRef }
  /** The run is over, and nothing of it is left. */
  | { readonly type: "end"; readonly verdict: string };

/** Tells resources apart by everything that makes a name one. */
export function keyOf(ref: ResourceRef): string {
  switch (ref.kind) {
    case "object":
      return `object ${ref.bucket}/${ref.name}`;
    case "image":
      return `image ${ref.name}`;
    case "instance":
    case "disk":
      return `${ref.kind} ${ref.zone}/${ref.name}`;
  }
}

/** Reads one record; undefined when it is none. */
export function decodeRecord(value: unknown): JournalRecord | undefined {
  if (!isRecord(value)) return undefined;
  switch (value["type"]) {
    case "begin":
      return decodeBegin(value);
    case "intent": {
      const [ref, intent, requestId] = [
        decodeRef(value["ref"]),
        decodeIntent(value["intent"]),
        value["requestId"],
      ];
      if (ref === undefined || intent === undefined || typeof requestId !== "string") return undefined;
      return { type: "intent", intent, ref, requestId };
    }
    case "outcome":
      return decodeOutcome(value);
    case "absent": {
      const ref = decodeRef(value["ref"]);
      return ref === undefined ? undefined : { type: "absent", ref };
    }
    case "end":
      return typeof value["verdict"] === "string" ? { type: "end", verdict: value["verdict"] } : undefined;
    default:
      return undefined;
  }
}

type Fields = Readonly<Record<string, unknown>>;

function decodeBegin(value: Fields): JournalRecord | undefined {
  const { run, proof, endpoint, createdUnix, expiresUnix } = value;
  const scope = decodeScope(value["scope"]);
  if (typeof run !== "string" || typeof proof !== "string" || scope === undefined) return undefined;
  if (typeof createdUnix !== "number" || typeof expiresUnix !== "number") return undefined;
  if (endpoint !== undefined && typeof endpoint !== "string") return undefined;
  const local = endpoint === undefined ? {} : { endpoint };
  return { type: "begin", run, proof, scope, ...local, createdUnix, expiresUnix };
}

function decodeOutcome(value: Fields): JournalRecord | undefined {
  const [ref, intent] = [decodeRef(value["ref"]), decodeIntent(value["intent"])];
  const { result, id, detail } = value;
  if (ref === undefined || intent === undefined) return undefined;
  if (result !== "done" && result !== "failed" && result !== "unknown") return undefined;
  if (id !== undefined && typeof id !== "string") return undefined;
  if (detail !== undefined && typeof detail !== "string") return undefined;
  return {
    type: "outcome",
    intent,
    ref,
    result,
    ...(id === undefined ? {} : { id }),
    ...(detail === undefined ? {} : { detail }),
  };
}

function decodeScope(value: unknown): Scope | undefined {
  if (!isRecord(value)) return undefined;
  const { project, zones, bucket, subnetwork, machineTypes, diskGb, maxRunSeconds } = value;
  if (typeof project !== "string" || typeof bucket !== "string" || typeof subnetwork !== "string")
    return undefined;
  if (!isStrings(zones) || !isStrings(machineTypes)) return undefined;
  if (typeof diskGb !== "number" || typeof maxRunSeconds !== "number") return undefined;
  return { project, zones, bucket, subnetwork, machineTypes, diskGb, maxRunSeconds };
}

function decodeRef(value: unknown): ResourceRef | undefined {
  if (!isRecord(value) || typeof value["name"] !== "string") return undefined;
  const { name, bucket, zone } = value;
  const kind = resourceKinds.find((k: ResourceKind) => k === value["kind"]);
  switch (kind) {
    case "object":
      return typeof bucket === "string" ? { kind, name, bucket } : undefined;
    case "image":
      return { kind, name };
    case "instance":
    case "disk":
      return typeof zone === "string" ? { kind, name, zone } : undefined;
    case undefined:
      return undefined;
  }
}

function decodeIntent(value: unknown): Intent | undefined {
  return intents.find((i) => i === value);
}

function isStrings(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

function isRecord(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
