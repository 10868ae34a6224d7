import { readLines } from "../journal/lines.ts";
import { keyOf } from "../journal/records.ts";
import { replay } from "../journal/state.ts";
import { objectName, resourceName, runIdPattern, runLabels, runOfName } from "../names.ts";
import type { RunScope } from "../policy/bodies.ts";
import { hostOfPath, refusal, type WireRequest } from "../policy/policy.ts";
import { goneFaults, orderFaults } from "./order.ts";
import { isChange, plainPath, type Recorded, readRequests } from "./requests.ts";

/** What a run leaves beside its consoles. */
export interface CloudRecords {
  readonly journal: string;
  readonly requests: string;
  readonly teardown: string;
}

/** What a kind of run is held to. */
export interface Rules {
  /** Why a request was none of a run's, or undefined. */
  refusal(request: WireRequest, scope: RunScope): string | undefined;
  /** Whether a path is of something that no journal knows of yet. */
  isBeside(path: string): boolean;
}

export const privateRules: Rules = {
  refusal: (request, scope) => refusal(request, { kind: "run", scope }),
  isBeside: () => false,
};

/**
 * What is wrong with the records of a run, offline: each request is held against the allowlist once more, each change
 * against the journal, all that was made is shown to be gone by looks and lists behind the last change, and nothing of
 * another run is among it. Empty when all is in order.
 */
export function privateRunFaults(
  run: string,
  records: CloudRecords,
  rules: Rules = privateRules,
): readonly string[] {
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
  const runScope = { ...scope, name: resourceName(run), object: objectName(run), labels };
  const left = resources.filter(({ is }) => is !== "absent");
  return [
    ...requests.flatMap((request) => requestFaults(request, runScope, rules)),
    ...orderFaults(
      read.records,
      requests.filter((r) => !rules.isBeside(plainPath(r))),
      scope,
    ),
    ...left.map(({ ref }) => `${keyOf(ref)} was not seen to be gone`),
    ...goneFaults(
      resources.map(({ ref }) => ref),
      requests,
      scope,
    ),
    ...unlisted(requests, scope.project, scope.bucket),
    ...teardownFaults(run, records.teardown),
  ];
}

function requestFaults(
  { seq, method, path, body, status }: Recorded,
  scope: RunScope,
  rules: Rules,
): readonly string[] {
  const host = hostOfPath(path);
  if (host === undefined) return [`request ${seq}: it is of no service`];
  const why = rules.refusal({ method, url: new URL(`https://${host}${path}`), body }, scope);
  if (why !== undefined) return [`request ${seq}: ${why}`];
  return status === undefined ? [`request ${seq}: it was refused, and the list allows it`] : [];
}

/** Every kind must have been listed, with success, behind the last request that could have changed anything. */
function unlisted(requests: readonly Recorded[], project: string, bucket: string): readonly string[] {
  const compute = `/compute/v1/projects/${project}`;
  const lists = [
    `${compute}/aggregated/instances?`,
    `${compute}/aggregated/disks?`,
    `${compute}/global/images?`,
    `/storage/v1/b/${bucket}/o?`,
  ];
  return notListed(requests, lists);
}

/** Which of these lists were not read behind the last change. */
export function notListed(requests: readonly Recorded[], lists: readonly string[]): readonly string[] {
  const behind = requests.slice(requests.findLastIndex(isChange) + 1);
  const read = behind.filter((r) => r.method === "GET" && r.status === 200);
  return lists.flatMap((list) =>
    read.some((r) => r.path.startsWith(list)) ? [] : [`nothing was listed by ${list} in the end`],
  );
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
