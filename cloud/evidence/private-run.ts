import { readLines } from "../journal/lines.ts";
import { keyOf } from "../journal/records.ts";
import { replay } from "../journal/state.ts";
import { objectName, resourceName, runIdPattern, runLabels, runOfName } from "../names.ts";
import { type Grant, hostOfPath, refusal } from "../policy/policy.ts";

/** What a run leaves beside its consoles. */
export interface CloudRecords {
  readonly journal: string;
  readonly requests: string;
  readonly teardown: string;
}

/**
 * What is wrong with the records of a private run, offline: each request is held against the allowlist once more, all
 * that was made is shown to be gone by looks behind the last deletion, and nothing of another run is among it. Empty
 * when all is in order.
 */
export function privateRunFaults(run: string, records: CloudRecords): readonly string[] {
  const read = readLines(records.journal);
  if ("fault" in read) return [`journal, line ${read.line}: ${read.fault}`];
  if (Buffer.byteLength(records.journal) !== read.bytes) return ["the journal ends in half a line"];
  const { begin, resources } = replay(read.records);
  if (begin === undefined) return ["the journal has no beginning"];
  if (begin.run !== run || !runIdPattern.test(run)) return [`the journal is of the run ${begin.run}`];
  const requests = readRequests(records.requests);
  if (typeof requests === "string") return [requests];

  const { scope, createdUnix, expiresUnix } = begin;
  const labels = runLabels(run, createdUnix, expiresUnix);
  const name = resourceName(run);
  const grant: Grant = { kind: "run", scope: { ...scope, name, object: objectName(run), labels } };
  const faults: string[] = [];
  for (const { seq, method, path, body, status } of requests) {
    const host = hostOfPath(path);
    const url = host === undefined ? undefined : new URL(`https://${host}${path}`);
    const why = url === undefined ? "it is of no service" : refusal({ method, url, body }, grant);
    if (why !== undefined) faults.push(`request ${seq}: ${why}`);
    else if (status === undefined) faults.push(`request ${seq}: it was refused, and the list allows it`);
  }
  for (const { ref, is } of resources)
    if (is !== "absent") faults.push(`${keyOf(ref)} was not seen to be gone`);
  return [
    ...faults,
    ...unlisted(requests, scope.project, scope.bucket),
    ...teardownFaults(run, records.teardown),
  ];
}

interface Recorded {
  readonly seq: number;
  readonly at: string;
  readonly method: string;
  readonly path: string;
  readonly body: string | undefined;
  readonly status: number | undefined;
}

/** The requests in their order, or what is wrong with them. */
function readRequests(text: string): readonly Recorded[] | string {
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
  const { seq, at, method, path, body, status } = fields;
  if (typeof seq !== "number" || typeof at !== "string") return undefined;
  if (typeof method !== "string" || typeof path !== "string" || !path.startsWith("/")) return undefined;
  if (body !== undefined && typeof body !== "string") return undefined;
  if (status !== undefined && typeof status !== "number") return undefined;
  return { seq, at, method, path, body, status };
}

/** Every kind must have been listed, with success, behind the last request that could have changed anything. */
function unlisted(requests: readonly Recorded[], project: string, bucket: string): readonly string[] {
  const last = requests.findLastIndex((r) => r.method === "DELETE" || r.method === "PUT" || isChange(r));
  const compute = `/compute/v1/projects/${project}`;
  const lists = [
    `${compute}/aggregated/instances?`,
    `${compute}/aggregated/disks?`,
    `${compute}/global/images?`,
    `/storage/v1/b/${bucket}/o?`,
  ];
  const behind = requests.slice(last + 1).filter((r) => r.method === "GET" && r.status === 200);
  return lists.flatMap((list) =>
    behind.some((r) => r.path.startsWith(list)) ? [] : [`nothing was listed by ${list} in the end`],
  );
}

/** Waiting for an operation and asking for permissions change nothing. */
function isChange({ method, path }: Recorded): boolean {
  return method === "POST" && !/\/wait(?:\?|$)|:testIamPermissions$/u.test(path);
}

function teardownFaults(run: string, text: string): readonly string[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return ["the teardown's record is no JSON"];
  }
  const told: Readonly<Record<string, unknown>> = Object(value);
  const isEmpty = (list: unknown): boolean => Array.isArray(list) && list.length === 0;
  if (told["run"] !== run) return [`the teardown is of the run ${String(told["run"])}`];
  const removals: readonly unknown[] = Array.isArray(told["removals"]) ? told["removals"] : [];
  const foreign = removals.flatMap((removal) => {
    const { ref, result }: { ref?: unknown; result?: unknown } = Object(removal);
    const { name }: { name?: unknown } = Object(ref);
    return result === "stranger" || runOfName(String(name)) === run ? [] : [String(name)];
  });
  if (foreign.length > 0) return [`the teardown tells of ${foreign.join(", ")}, which is not of this run`];
  const shown = told["empty"] === true && isEmpty(told["listed"]) && isEmpty(told["unlisted"]);
  return shown ? [] : ["the teardown does not show that nothing is left"];
}
