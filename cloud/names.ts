import { randomBytes } from "node:crypto";

/** `<unix seconds>-<4 hex>`: sorts by time, and two at once differ. */
export type RunId = string;

export const runIdPattern = /^\d{9,11}-[0-9a-f]{4}$/u;

export function newRunId(unixMs: number): RunId {
  return `${Math.floor(unixMs / 1000)}-${randomBytes(2).toString("hex")}`;
}

/** All that a run makes carries this name, so that an answer that was lost can be found again. */
export function resourceName(run: RunId): string {
  return `capos-${run}`;
}

/** The object that holds a run's packed disk. GCE wants it to end in `.tar.gz`. */
export function objectName(run: RunId): string {
  return `capos/${run}/disk.tar.gz`;
}

/** The run that a resource or an object says it belongs to, by its name alone. */
export function runOfName(name: string): RunId | undefined {
  return /^(?:capos-|capos\/)(\d{9,11}-[0-9a-f]{4})(?:$|\/)/u.exec(name)?.[1];
}

/** Keys and values are what GCE allows: lower case, digits, `_` and `-`; times are Unix seconds. */
export interface RunLabels extends Readonly<Record<string, string>> {
  readonly "capos-tool": "cloudboot";
  readonly "capos-run": RunId;
  readonly "capos-created": string;
  /** From then on a sweep may delete what carries it. */
  readonly "capos-expires": string;
}

export function runLabels(run: RunId, createdUnix: number, expiresUnix: number): RunLabels {
  return {
    "capos-tool": "cloudboot",
    "capos-run": run,
    "capos-created": String(createdUnix),
    "capos-expires": String(expiresUnix),
  };
}
