import { objectName, resourceName, type RunId } from "../names.ts";
import { regionOf, type ResourceKind, type Scope } from "../types.ts";

/** One call that a run will make if all goes well. */
export interface PlannedCall {
  readonly phase: "preflight" | "upload" | "image" | "instance" | "serial" | "teardown" | "sweep";
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  /** `wait` and serial reads are repeated until something has happened. */
  readonly repeated: boolean;
}

export interface RunPlan {
  readonly run: RunId;
  readonly calls: readonly PlannedCall[];
  readonly resources: readonly ResourceKind[];
  /** The most that the run can cost. */
  readonly costUsd: number;
}

/** The calls of a run in order, as the requests are recorded: what is not here is not meant to happen. */
export function plannedCalls(run: RunId, scope: Scope, boots: number): readonly PlannedCall[] {
  const name = resourceName(run);
  const zone = scope.zones[0] ?? "";
  const region = regionOf(zone);
  const project = `/compute/v1/projects/${scope.project}`;
  const instances = `${project}/zones/${zone}/instances`;
  const zoneWait = `${project}/zones/${zone}/operations/*/wait`;
  const globalWait = `${project}/global/operations/*/wait`;
  const bucket = `/storage/v1/b/${scope.bucket}`;
  const object = `${bucket}/o/${encodeURIComponent(objectName(run))}`;
  const call =
    (phase: PlannedCall["phase"]) =>
    (method: PlannedCall["method"], path: string, repeated = false): PlannedCall => ({
      phase,
      method,
      path,
      repeated,
    });
  const [check, up, image, instance, serial, down, sweep] = (
    ["preflight", "upload", "image", "instance", "serial", "teardown", "sweep"] as const
  ).map(call);
  if (!check || !up || !image || !instance || !serial || !down || !sweep) throw new Error("seven phases");
  const restarts = Array.from({ length: Math.max(0, boots - 1) }, () => [
    instance("POST", `${instances}/${name}/stop`),
    instance("POST", zoneWait, true),
    instance("POST", `${instances}/${name}/start`),
    // Looked at while it starts, since a port that has begun anew is known best while it is still short.
    serial("GET", `${instances}/${name}/serialPort`, true),
    instance("POST", zoneWait, true),
    serial("GET", `${instances}/${name}/serialPort`, true),
  ]).flat();
  return [
    check("POST", `/v1/projects/${scope.project}:testIamPermissions`),
    check("GET", `${bucket}/iam/testPermissions`),
    check("GET", project),
    check("GET", `${project}/regions/${region}`),
    ...scope.zones.flatMap((each) => [
      check("GET", `${project}/zones/${each}`),
      ...scope.machineTypes.map((type) => check("GET", `${project}/zones/${each}/machineTypes/${type}`)),
    ]),
    check("GET", `${project}/regions/${region}/subnetworks/${scope.subnetwork}`),
    check("GET", `${project}/global/images/${name}`),
    ...scope.zones.flatMap((each) => [
      check("GET", `${project}/zones/${each}/instances/${name}`),
      check("GET", `${project}/zones/${each}/disks/${name}`),
    ]),
    check("GET", object),
    up("POST", `/upload${bucket}/o`),
    up("PUT", `/upload${bucket}/o`, true),
    image("POST", `${project}/global/images`),
    image("POST", globalWait, true),
    image("GET", `${project}/global/images/${name}`, true),
    instance("POST", instances),
    instance("POST", zoneWait, true),
    instance("GET", `${instances}/${name}`, true),
    instance("GET", `${project}/zones/${zone}/disks/${name}`),
    serial("GET", `${instances}/${name}/serialPort`, true),
    ...restarts,
    down("GET", `${instances}/${name}`),
    down("DELETE", `${instances}/${name}`),
    down("POST", zoneWait, true),
    down("GET", `${instances}/${name}`),
    down("GET", `${project}/zones/${zone}/disks/${name}`),
    down("GET", `${project}/global/images/${name}`),
    down("DELETE", `${project}/global/images/${name}`),
    down("POST", globalWait, true),
    down("GET", `${project}/global/images/${name}`),
    down("GET", object),
    down("DELETE", object),
    down("GET", object),
    sweep("GET", `${project}/aggregated/instances`),
    sweep("GET", `${project}/aggregated/disks`),
    sweep("GET", `${project}/global/images`),
    sweep("GET", `${bucket}/o`),
  ];
}
