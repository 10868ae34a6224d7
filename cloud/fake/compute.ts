import { join } from "node:path";
import type { Supervisor } from "../../harness/process/index.ts";
import { cloneDisk, unpackDisk } from "./archive.ts";
import { invalid, notFound, notReady, ServiceError } from "./errors.ts";
import { hardwareOf, type MachineRoom } from "./machines.ts";
import {
  checkInstance,
  checkNamed,
  isJson,
  type Json,
  type Project,
  type RunningOperation,
  type Thing,
} from "./project.ts";
import type { Nature } from "./nature.ts";
import { SerialRing } from "./ring.ts";
import { matches, operationView, view } from "./views.ts";

export interface ComputeOptions {
  readonly project: string;
  readonly zones: readonly string[];
  readonly folder: string;
  readonly supervisor: Supervisor;
  readonly room: MachineRoom;
  readonly nature: Nature;
  readonly state: Project;
}

export interface Call {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: Json;
  /** The body as it came, for telling a repeat from another request. */
  readonly text: string;
}

/** The Compute calls that a run uses, as the service documents them. */
export class Compute {
  readonly #options: ComputeOptions;
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(options: ComputeOptions) {
    this.#options = options;
  }

  /** The answer to a call; throws a `ServiceError`. `path` is what follows `/compute/v1/projects/`. */
  async answer(call: Call): Promise<Json> {
    const { project, zones } = this.#options;
    const [named, ...parts] = call.path.split("/").map(decodeURIComponent);
    if (named !== project)
      throw new ServiceError(403, "forbidden", `no access to the project ${String(named)}`);
    if (parts.length === 0 || parts[0] === "") {
      return { kind: "compute#project", name: project, quotas: [quota("IMAGES", 2000)] };
    }
    const [scope, ...rest] = parts;
    switch (scope) {
      case "aggregated":
        return this.#aggregated(rest[0] ?? "", call.query.get("filter") ?? "");
      case "global":
        return this.#within(undefined, rest, call);
      case "regions":
        return this.#region(rest);
      case "zones": {
        const [zone = "", ...inZone] = rest;
        if (!zones.includes(zone)) throw notFound(`zones/${zone}`);
        if (inZone.length === 0) return { kind: "compute#zone", name: zone, status: "UP" };
        if (inZone[0] === "machineTypes") return { kind: "compute#machineType", name: inZone[1] };
        return this.#within(zone, inZone, call);
      }
      default:
        throw notFound(call.path);
    }
  }

  /** Ends what was to happen later, and every machine. */
  async close(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    await Promise.all(this.#options.state.things.map((t) => t.machine?.stop()));
  }

  async #within(
    zone: string | undefined,
    [kinds = "", name, verb]: readonly string[],
    call: Call,
  ): Promise<Json> {
    if (kinds === "operations") return this.#operation(zone, name ?? "", verb === "wait");
    const kind = { images: "image", instances: "instance", disks: "disk" }[kinds];
    if (kind !== "image" && kind !== "instance" && kind !== "disk") throw notFound(kinds);
    const { state } = this.#options;
    if (name === undefined) {
      if (call.method === "POST") return this.#insert(kind, zone, call);
      return this.#list(kind, zone, call.query);
    }
    const thing = state.find(kind, name, zone);
    if (verb === "serialPort") return this.#serial(thing, Number(call.query.get("start") ?? "0"));
    if (verb === "stop" || verb === "start") return this.#power(thing, verb, call);
    return call.method === "DELETE" ? this.#delete(thing, call) : view(thing);
  }

  #region([name = "", kind, subnetwork]: readonly string[]): Json {
    if (kind === "subnetworks") return { kind: "compute#subnetwork", name: subnetwork };
    return {
      kind: "compute#region",
      name,
      status: "UP",
      quotas: [quota("CPUS", 24), quota("INSTANCES", 24), quota("DISKS_TOTAL_GB", 4096)],
    };
  }

  #insert(kind: Thing["kind"], zone: string | undefined, call: Call): Json {
    const known = this.#repeated(call);
    if (known !== undefined) return operationView(known);
    const { name, labels } = checkNamed(call.body);
    return kind === "image"
      ? this.#insertImage(name, labels, call)
      : this.#insertInstance(name, labels, zone ?? "", call);
  }

  #insertImage(name: string, labels: Thing["labels"], call: Call): Json {
    const { state, folder, supervisor, nature } = this.#options;
    const rawDisk = call.body["rawDisk"];
    const source = isJson(rawDisk) ? String(rawDisk["source"]) : "";
    const object = state.objects.get(source.split("/").slice(4).join("/"));
    if (object === undefined) throw invalid(`The referenced object '${source}' does not exist`);
    const image = state.add({
      kind: "image",
      name,
      zone: undefined,
      status: "PENDING",
      labels,
      body: call.body,
    });
    const file = join(folder, `image-${image.id}.raw`);
    return this.#begin(image, "insert", call, async (fail) => {
      const fault = nature.disks ? await unpackDisk(supervisor, object.file, file) : undefined;
      if (fault !== undefined) {
        image.status = "FAILED";
        return fail("INVALID_IMAGE", fault);
      }
      image.file = file;
      image.status = nature.imageStatus;
    });
  }

  #insertInstance(name: string, labels: Thing["labels"], zone: string, call: Call): Json {
    const { state, nature } = this.#options;
    const { image, disk } = checkInstance(call.body, state);
    const instance = state.add({
      kind: "instance",
      name,
      zone,
      status: "PROVISIONING",
      labels,
      body: call.body,
    });
    const params = isJson(disk["initializeParams"]) ? disk["initializeParams"] : {};
    const diskThing = state.add({
      kind: "disk",
      name: String(params["diskName"] ?? name),
      zone,
      status: "CREATING",
      labels: checkNamed({ name, labels: params["labels"] }).labels,
      body: disk,
    });
    return this.#begin(instance, "insert", call, async (fail) => {
      if (nature.exhausted.includes(zone)) {
        state.drop(instance);
        state.drop(diskThing);
        return fail("ZONE_RESOURCE_POOL_EXHAUSTED", `The zone '${zone}' does not have enough resources`);
      }
      // Deleting an instance while it is being made ends the making.
      if (!state.things.includes(instance)) return fail("CONFLICT", "the resource was deleted meanwhile");
      const { folder, supervisor } = this.#options;
      diskThing.file = join(folder, `disk-${diskThing.id}.raw`);
      if (nature.disks)
        await cloneDisk(supervisor, image.file ?? "", diskThing.file, Number(params["diskSizeGb"]));
      diskThing.status = "READY";
      if (!state.things.includes(instance)) return fail("CONFLICT", "the resource was deleted meanwhile");
      await this.#boot(instance, diskThing, image);
    });
  }

  async #boot(instance: Thing, disk: Thing, image: Thing): Promise<void> {
    const { room, nature } = this.#options;
    const ring = instance.serial ?? new SerialRing(nature.serialBytes);
    instance.serial = ring;
    const spec = { disk: disk.file ?? "", ...hardwareOf(disk.body, image.body) };
    instance.machine = await room.boot(spec, ring, () => {
      if (instance.status === "RUNNING") instance.status = "TERMINATED";
    });
    instance.status = "RUNNING";
    this.#limitRunTime(instance);
  }

  /** The service deletes an instance whose time is over. The clock starts when it runs. */
  #limitRunTime(instance: Thing): void {
    const { nature } = this.#options;
    const scheduling = instance.body["scheduling"];
    const limit =
      isJson(scheduling) && isJson(scheduling["maxRunDuration"]) ? scheduling["maxRunDuration"] : {};
    const seconds = Number(limit["seconds"]);
    if (!(seconds > 0)) return;
    const ms = Math.min((seconds * 1000) / nature.timeScale, 2 ** 31 - 1);
    this.#later(ms, () => {
      if (instance.status === "RUNNING") void this.#remove(instance);
    });
  }

  #power(instance: Thing, verb: "start" | "stop", call: Call): Json {
    const known = this.#repeated(call);
    if (known !== undefined) return operationView(known);
    const { state } = this.#options;
    if (verb === "stop") instance.status = "STOPPING";
    return this.#begin(instance, verb, call, async () => {
      if (verb === "stop") {
        await instance.machine?.stop();
        instance.status = "TERMINATED";
        return;
      }
      const disk = state.find("disk", instance.name, instance.zone);
      const params = disk.body["initializeParams"];
      const source = isJson(params) ? String(params["sourceImage"]).split("/").at(-1) : "";
      if (!this.#options.nature.keepsSerial) instance.serial?.clear();
      await this.#boot(instance, disk, state.find("image", source ?? ""));
    });
  }

  #delete(thing: Thing, call: Call): Json {
    const known = this.#repeated(call);
    if (known !== undefined) return operationView(known);
    if (thing.kind === "instance") thing.status = "STOPPING";
    const { lingerMs } = this.#options.nature;
    if (lingerMs === 0) return this.#begin(thing, "delete", call, () => this.#remove(thing));
    return this.#begin(thing, "delete", call, () => {
      this.#later(lingerMs, () => void this.#remove(thing));
      return Promise.resolve();
    });
  }

  async #remove(thing: Thing): Promise<void> {
    const { state } = this.#options;
    await thing.machine?.stop();
    state.drop(thing);
    if (thing.kind !== "instance") return;
    const [disk] = Array.isArray(thing.body["disks"]) ? thing.body["disks"].filter(isJson) : [];
    const attached = state.things.find(
      (t) => t.kind === "disk" && t.name === thing.name && t.zone === thing.zone,
    );
    // It is false unless it was asked for.
    const goes = disk?.["autoDelete"] === true && !this.#options.nature.keepsDisks;
    if (attached !== undefined && goes) state.drop(attached);
  }

  #serial(instance: Thing, start: number): Json {
    switch (instance.status) {
      case "RUNNING":
        break;
      case "STOPPING":
        throw new ServiceError(
          503,
          "backendError",
          "Internal error. Please try again or contact Google Support.",
        );
      default:
        throw notReady(instance.name);
    }
    const {
      contents,
      start: from,
      next,
    } = (instance.serial ?? new SerialRing()).read(start, this.#options.nature.serialPiece);
    return { kind: "compute#serialPortOutput", contents, start: String(from), next: String(next) };
  }

  #list(kind: Thing["kind"], zone: string | undefined, query: URLSearchParams): Json {
    const matching = this.#visible(kind, query.get("filter") ?? "").filter((t) => t.zone === zone);
    const size = Math.min(500, Number(query.get("maxResults") ?? "500"));
    const from = Number(query.get("pageToken") ?? "0");
    const next = from + size < matching.length ? { nextPageToken: String(from + size) } : {};
    return { kind: `compute#${kind}List`, items: matching.slice(from, from + size).map(view), ...next };
  }

  #aggregated(kinds: string, filter: string): Json {
    const kind = { instances: "instance", disks: "disk" }[kinds];
    if (kind !== "instance" && kind !== "disk") throw notFound(kinds);
    const { zones, nature } = this.#options;
    const visible = this.#visible(kind, filter);
    const entries = zones.map((zone): [string, Json] => {
      if (nature.unreachable.includes(zone)) return [`zones/${zone}`, { warning: { code: "UNREACHABLE" } }];
      const here = visible.filter((t) => t.zone === zone);
      return [
        `zones/${zone}`,
        here.length > 0 ? { [kinds]: here.map(view) } : { warning: { code: "NO_RESULTS_ON_PAGE" } },
      ];
    });
    return { kind: "compute#aggregatedList", items: Object.fromEntries(entries) };
  }

  #visible(kind: Thing["kind"], filter: string): readonly Thing[] {
    const { state, nature } = this.#options;
    const old = nature.now() - nature.listLagMs;
    return state.things.filter((t) => t.kind === kind && t.createdMs <= old && matches(t, filter));
  }

  /** The same request id is the same request: it is not carried out twice. */
  #repeated(call: Call): RunningOperation | undefined {
    const id = call.query.get("requestId");
    if (id === null) return undefined;
    const known = this.#options.state.operations.find((o) => o.requestId === id);
    if (known !== undefined && known.request !== `${call.method} ${call.path} ${call.text}`) {
      throw invalid("a request id was used for another request");
    }
    return known;
  }

  #begin(
    thing: Thing,
    verb: string,
    call: Call,
    complete: (fail: (code: string, message: string) => void) => Promise<void>,
  ): Json {
    const { state, nature } = this.#options;
    const id = state.nextId();
    const bad = nature.operationError?.(thing.kind, verb);
    const operation: RunningOperation = {
      name: `operation-${id}`,
      id,
      zone: thing.zone,
      requestId: call.query.get("requestId") ?? undefined,
      request: `${call.method} ${call.path} ${call.text}`,
      targetId: thing.id,
      beganMs: Date.now(),
      readyMs: Date.now() + nature.operationMs,
      done: false,
      error: undefined,
      complete: async () => {
        if (bad !== undefined) {
          const { code } = bad;
          if (code !== "") operation.error = { code, message: `${code} (by order of the test)` };
          if (!bad.leaves) state.drop(thing);
          return;
        }
        await complete((code, message) => (operation.error = { code, message }));
      },
    };
    state.operations.push(operation);
    this.#later(nature.operationMs, () => {
      void operation.complete().finally(() => (operation.done = true));
    });
    return operationView(operation);
  }

  async #operation(zone: string | undefined, name: string, wait: boolean): Promise<Json> {
    const { state, nature } = this.#options;
    const found = state.operations.find((o) => o.name === name && o.zone === zone);
    if (found === undefined) throw notFound(`operations/${name}`);
    const end = Date.now() + (wait ? nature.waitMs : 0);
    while (!found.done && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 5));
    return operationView(found);
  }

  #later(ms: number, action: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      action();
    }, ms);
    this.#timers.add(timer);
  }
}

/** A little of each is always in use. */
function quota(metric: string, limit: number): Json {
  return { metric, limit, usage: 1 };
}
