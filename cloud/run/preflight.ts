import { fieldOf, readQuota, textIn } from "../gce/answers.ts";
import type { Failure } from "../gce/failure.ts";
import { objectName, resourceName } from "../names.ts";
import { regionOf, type ResourceRef, type Scope } from "../types.ts";
import { insistOn, type RunContext } from "./context.ts";

/** One thing that must hold before anything is made. */
export interface Finding {
  readonly what: string;
  readonly ok: boolean;
  readonly detail: string;
}

/** What a run does in the project. A credential that can make and not delete is the worst of all. */
export const projectPermissions = [
  "compute.disks.create",
  "compute.disks.delete",
  "compute.disks.get",
  "compute.disks.list",
  "compute.disks.setLabels",
  "compute.globalOperations.get",
  "compute.images.create",
  "compute.images.delete",
  "compute.images.get",
  "compute.images.list",
  "compute.images.setLabels",
  "compute.images.useReadOnly",
  "compute.instances.create",
  "compute.instances.delete",
  "compute.instances.get",
  "compute.instances.getSerialPortOutput",
  "compute.instances.list",
  "compute.instances.setLabels",
  "compute.instances.start",
  "compute.instances.stop",
  "compute.machineTypes.get",
  "compute.regions.get",
  "compute.subnetworks.get",
  "compute.subnetworks.use",
  "compute.zoneOperations.get",
  "compute.zones.get",
] as const;

export const bucketPermissions = [
  "storage.objects.create",
  "storage.objects.delete",
  "storage.objects.get",
  "storage.objects.list",
] as const;

/** Looks at everything that a run needs, and makes nothing. All findings are told, not the first bad one only. */
export async function preflight(context: RunContext, scope: Scope): Promise<readonly Finding[]> {
  const { provider } = context;
  const zone = scope.zones[0] ?? "";
  const region = regionOf(zone);
  const read = <T>(work: Parameters<typeof insistOn<T>>[2]): ReturnType<typeof insistOn<T>> =>
    insistOn(context, "read", work);
  const findings: Finding[] = [];
  const note = (what: string, fault: string | undefined, detail = ""): void => {
    findings.push({ what, ok: fault === undefined, detail: fault ?? detail });
  };

  const inProject = await read(() => provider.objects.projectPermissions(projectPermissions));
  note("permissions in the project", missing(inProject, projectPermissions));
  const inBucket = await read(() => provider.objects.permissions(bucketPermissions));
  note("permissions on the bucket", missing(inBucket, bucketPermissions));

  const regionAnswer = await read(() => provider.look({ what: "region", region }));
  if ("failure" in regionAnswer) note(`region ${region}`, regionAnswer.failure.message);
  else
    for (const [metric, need] of needs(scope))
      note(`quota ${metric}`, shortage(regionAnswer.value, metric, need));

  for (const z of scope.zones) {
    const answer = await read(() => provider.look({ what: "zone", zone: z }));
    const status = "value" in answer ? textIn(answer.value, "status") : undefined;
    note(
      `zone ${z}`,
      "failure" in answer ? answer.failure.message : status === "UP" ? undefined : `it is ${String(status)}`,
    );
  }
  for (const type of scope.machineTypes) {
    const answer = await read(() => provider.look({ what: "machine-type", zone, type }));
    note(`machine type ${type}`, faultOf(answer));
  }
  const subnetwork = await read(() => provider.look({ what: "subnetwork", region }));
  note(`subnetwork ${scope.subnetwork}`, faultOf(subnetwork));

  for (const ref of runResources(context.run, scope)) {
    const there = await read(() => provider.get(ref));
    if ("value" in there) note(`${ref.kind} ${ref.name}`, "the name is taken");
    else
      note(
        `${ref.kind} ${ref.name}`,
        isAbsent(there.failure) ? undefined : there.failure.message,
        "the name is free",
      );
  }
  return findings;
}

/** All names under which a run makes something. */
export function runResources(run: string, scope: Scope): readonly ResourceRef[] {
  const name = resourceName(run);
  return [
    { kind: "image", name },
    ...scope.zones.map((zone): ResourceRef => ({ kind: "instance", name, zone })),
    { kind: "object", name: objectName(run), bucket: scope.bucket },
  ];
}

function needs(scope: Scope): readonly (readonly [string, number])[] {
  return [
    ["CPUS", 2],
    ["INSTANCES", 1],
    ["DISKS_TOTAL_GB", scope.diskGb],
  ];
}

function shortage(region: unknown, metric: string, need: number): string | undefined {
  const quota = readQuota(region, metric);
  if (quota === undefined) return `the region does not tell it`;
  const free = quota.limit - quota.usage;
  return free >= need ? undefined : `${free} of ${quota.limit} are free, and ${need} are needed`;
}

type Asked<T> = { readonly value: T } | { readonly failure: Failure };

function missing(answer: Asked<readonly string[]>, asked: readonly string[]): string | undefined {
  if ("failure" in answer) return answer.failure.message;
  const absent = asked.filter((permission) => !answer.value.includes(permission));
  return absent.length === 0 ? undefined : `missing: ${absent.join(", ")}`;
}

function faultOf(answer: Asked<unknown>): string | undefined {
  if ("failure" in answer) return answer.failure.message;
  return fieldOf(answer.value, "deprecated") === undefined ? undefined : "it is deprecated";
}

function isAbsent(failure: Failure): boolean {
  return failure.kind === "absent";
}
