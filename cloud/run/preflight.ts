import { fieldOf, readQuota, textIn } from "../gce/answers.ts";
import type { Failure } from "../gce/failure.ts";
import { objectName, resourceName } from "../names.ts";
import { regionOf, type ResourceRef, type Scope } from "../types.ts";
import { insistOn, type RunContext } from "./context.ts";

/** One thing that must hold before anything is made. */
export interface Finding {
  readonly what: string;
  /** `not-run`: the run was stopped before anybody had looked. */
  readonly fate: "ok" | "failed" | "not-run";
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
  "compute.projects.get",
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

/** Some things that one look tells of, each with what is wrong with it. */
interface Check {
  readonly what: readonly string[];
  look(): Promise<readonly (string | undefined)[]>;
}

/** Looks at everything that a run needs, and makes nothing. All findings are told, not the first bad one only. */
export async function preflight(context: RunContext, scope: Scope): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  // A person waits for this, and nothing has been made that must not be given up.
  const pace = { ...context.pace, retry: { ...context.pace.retry, budgetMs: patienceMs } };
  let isReached = true;
  const miss = (failure: Failure): void => {
    if (failure.kind === "unavailable" && failure.status === 0) isReached = false;
  };
  for (const { what, look } of checks({ ...context, pace }, scope, miss)) {
    const stopped = context.stopping.aborted
      ? "the run was stopped"
      : isReached
        ? undefined
        : "nobody answers";
    const faults = stopped === undefined ? await look() : undefined;
    for (const [i, name] of what.entries()) {
      const fault = faults?.[i];
      // A look that was cut off has seen nothing, whatever it says.
      const isCut = faults === undefined || (fault !== undefined && context.stopping.aborted);
      if (isCut) findings.push({ what: name, fate: "not-run", detail: stopped ?? "the run was stopped" });
      else if (fault === undefined) findings.push({ what: name, fate: "ok", detail: "" });
      else findings.push({ what: name, fate: "failed", detail: fault });
    }
  }
  return findings;
}

/** Milliseconds in which a service that answers with errors gets over them. */
const patienceMs = 15_000;

function checks(context: RunContext, scope: Scope, miss: (failure: Failure) => void): readonly Check[] {
  const { provider } = context;
  const region = regionOf(scope.zones[0] ?? "");
  const read = async <T>(work: Parameters<typeof insistOn<T>>[2]): ReturnType<typeof insistOn<T>> => {
    const answer = await insistOn(context, "read", work);
    if ("failure" in answer) miss(answer.failure);
    return answer;
  };
  const one = (what: string, look: () => Promise<string | undefined>): Check => ({
    what: [what],
    look: async () => [await look()],
  });
  const quotas = (
    where: string,
    needs: readonly (readonly [string, number])[],
    look: () => Promise<Asked<unknown>>,
  ): Check => ({
    what: needs.map(([metric]) => `quota ${metric} of the ${where}`),
    async look() {
      const answer = await look();
      return needs.map(([metric, need]) =>
        "failure" in answer ? answer.failure.message : shortage(answer.value, metric, need),
      );
    },
  });
  return [
    one("permissions in the project", async () =>
      missing(await read(() => provider.objects.projectPermissions(projectPermissions)), projectPermissions),
    ),
    one("permissions on the bucket", async () =>
      missing(await read(() => provider.objects.permissions(bucketPermissions)), bucketPermissions),
    ),
    quotas("project", [["IMAGES", 1]], () => read(() => provider.look({ what: "project" }))),
    quotas(
      "region",
      [
        ["CPUS", 2],
        ["INSTANCES", 1],
        ["DISKS_TOTAL_GB", scope.diskGb],
      ],
      () => read(() => provider.look({ what: "region", region })),
    ),
    ...scope.zones.flatMap((zone) => [
      one(`zone ${zone}`, async () => {
        const answer = await read(() => provider.look({ what: "zone", zone }));
        if ("failure" in answer) return answer.failure.message;
        const status = textIn(answer.value, "status");
        return status === "UP" ? undefined : `it is ${String(status)}`;
      }),
      ...scope.machineTypes.map((type) =>
        one(`machine type ${type} in ${zone}`, async () =>
          faultOf(await read(() => provider.look({ what: "machine-type", zone, type }))),
        ),
      ),
    ]),
    one(`subnetwork ${scope.subnetwork}`, async () =>
      faultOf(await read(() => provider.look({ what: "subnetwork", region }))),
    ),
    ...runResources(context.run, scope).map((ref) =>
      one(`the name of the ${placeOf(ref)} is free`, async () => {
        const there = await read(() => provider.get(ref));
        if ("value" in there) return "the name is taken";
        return there.failure.kind === "absent" ? undefined : there.failure.message;
      }),
    ),
  ];
}

function placeOf(ref: ResourceRef): string {
  return "zone" in ref ? `${ref.kind} in ${ref.zone}` : ref.kind;
}

/** All names under which a run makes something. */
export function runResources(run: string, scope: Scope): readonly ResourceRef[] {
  const name = resourceName(run);
  return [
    { kind: "image", name },
    ...scope.zones.flatMap((zone): readonly ResourceRef[] => [
      { kind: "instance", name, zone },
      { kind: "disk", name, zone },
    ]),
    { kind: "object", name: objectName(run), bucket: scope.bucket },
  ];
}

function shortage(held: unknown, metric: string, need: number): string | undefined {
  const quota = readQuota(held, metric);
  if (quota === undefined) return "nothing tells of it";
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
