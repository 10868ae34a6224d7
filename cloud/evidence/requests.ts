import type { ResourceRef, Scope } from "../types.ts";

/** One line of a run's log of requests, as it is read back. */
export interface Recorded {
  readonly seq: number;
  /** ISO 8601, when it had been answered. */
  readonly at: string;
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly body: string | undefined;
  readonly status: number | undefined;
  /** Records of the journal when it left; absent in logs that were written before this was noted. */
  readonly journal: number | undefined;
}

/** The requests in their order, or what is wrong with the log. */
export function readRequests(text: string): readonly Recorded[] | string {
  const lines = text.split("\n");
  if (lines.pop() !== "") return "the requests end in half a line";
  const requests: Recorded[] = [];
  for (const [i, line] of lines.entries()) {
    const one = readRequest(line);
    if (one === undefined) return `request ${i}: the line is no request`;
    if (one.seq !== i) return `request ${i}: the line says that it is number ${one.seq}`;
    if (one.at < (requests.at(-1)?.at ?? "")) return `request ${i}: it was made before the one before it`;
    requests.push(one);
  }
  return requests;
}

function readRequest(line: string): Recorded | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const fields: Readonly<Record<string, unknown>> = Object(value);
  const { seq, at, method, path, body, status, journal } = fields;
  if (typeof seq !== "number" || typeof at !== "string") return undefined;
  if (typeof method !== "string" || typeof path !== "string" || !path.startsWith("/")) return undefined;
  if (body !== undefined && typeof body !== "string") return undefined;
  if (status !== undefined && typeof status !== "number") return undefined;
  if (journal !== undefined && typeof journal !== "number") return undefined;
  return { seq, at, method, path, body, status, journal };
}

/** Whether a request could have changed anything: waiting for an operation and asking for permissions cannot. */
export function isChange({ method, path }: Recorded): boolean {
  if (method === "POST") return !/\/wait(?:\?|$)|:testIamPermissions$/u.test(path);
  return method !== "GET";
}

/** The path of a resource in the provider's interface. */
export function pathOf(ref: ResourceRef, { project }: Scope): string {
  const compute = `/compute/v1/projects/${project}`;
  switch (ref.kind) {
    case "object":
      return `/storage/v1/b/${ref.bucket}/o/${encodeURIComponent(ref.name)}`;
    case "image":
      return `${compute}/global/images/${ref.name}`;
    case "instance":
      return `${compute}/zones/${ref.zone}/instances/${ref.name}`;
    case "disk":
      return `${compute}/zones/${ref.zone}/disks/${ref.name}`;
  }
}

/** The path without its query. */
export function plainPath({ path }: Recorded): string {
  return path.replace(/\?.*/su, "");
}
