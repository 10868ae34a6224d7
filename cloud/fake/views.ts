import { invalid } from "./errors.ts";
import type { Json, RunningOperation, Thing } from "./project.ts";

/** A resource as the service answers it. */
export function view(thing: Thing): Json {
  return {
    kind: `compute#${thing.kind}`,
    id: thing.id,
    name: thing.name,
    status: thing.status,
    labels: thing.labels,
    creationTimestamp: new Date(thing.createdMs).toISOString(),
    ...(thing.zone === undefined
      ? {}
      : { zone: `https://www.googleapis.com/compute/v1/zones/${thing.zone}` }),
  };
}

export function operationView(operation: RunningOperation): Json {
  const { id, name, zone, requestId, targetId, done, error, beganMs, readyMs } = operation;
  const part = (Date.now() - beganMs) / Math.max(1, readyMs - beganMs);
  return {
    kind: "compute#operation",
    id,
    name,
    targetId,
    status: done ? "DONE" : "RUNNING",
    progress: done ? 100 : Math.min(99, Math.floor(100 * part)),
    ...(zone === undefined ? {} : { zone: `https://www.googleapis.com/compute/v1/zones/${zone}` }),
    ...(requestId === undefined ? {} : { clientOperationId: requestId }),
    ...(error === undefined ? {} : { error: { errors: [error] }, httpErrorStatusCode: 400 }),
  };
}

/** The filters that are used: `labels.KEY=VALUE`, `labels.KEY:*` and `name eq "REGEX"`. */
export function matches(thing: Thing, filter: string): boolean {
  if (filter === "") return true;
  const label = /^labels\.([a-z-]+)(=|:)(\S+)$/u.exec(filter);
  if (label !== null) {
    const [, key = "", relation, value] = label;
    const has = thing.labels[key];
    return relation === ":" ? has !== undefined : has === value;
  }
  const name = /^name eq "([-.*a-z0-9]*)"$/u.exec(filter);
  if (name === null) throw invalid(`Invalid list filter expression: ${filter}`);
  return new RegExp(`^(?:${name[1] ?? ""})$`, "u").test(thing.name);
}
