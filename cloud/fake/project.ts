import { alreadyExists, invalid, notFound, notReady } from "./errors.ts";
import type { SerialRing } from "./ring.ts";

export type Json = Readonly<Record<string, unknown>>;

/** A resource of the project. `id` is never given twice, so a name that is made again is another thing. */
export interface Thing {
  readonly kind: "image" | "instance" | "disk";
  readonly name: string;
  readonly zone: string | undefined;
  readonly id: string;
  readonly createdMs: number;
  readonly body: Json;
  status: string;
  labels: Readonly<Record<string, string>>;
  /** Of an instance that runs. */
  machine?: VirtualMachine;
  serial?: SerialRing;
  /** Of an image and a disk: the raw disk on this host. */
  file?: string;
}

/** A real machine under an instance. */
export interface VirtualMachine {
  stop(): Promise<void>;
}

export interface StoredObject {
  readonly name: string;
  readonly generation: string;
  readonly createdMs: number;
  readonly file: string;
  readonly size: number;
  readonly md5Hash: string;
  readonly crc32c: string;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface RunningOperation {
  readonly name: string;
  readonly id: string;
  readonly zone: string | undefined;
  readonly requestId: string | undefined;
  /** The request that began it: the same id with another body is refused. */
  readonly request: string;
  readonly targetId: string;
  readonly beganMs: number;
  readonly readyMs: number;
  done: boolean;
  error: { readonly code: string; readonly message: string } | undefined;
  /** What it does when its time has come. */
  readonly complete: () => Promise<void>;
}

export const namePattern = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/u;
const labelKey = /^[a-z][a-z0-9_-]{0,62}$/u;
const labelValue = /^[a-z0-9_-]{0,63}$/u;

/** Everything that is in the project, and everything that ever was. */
export class Project {
  readonly things: Thing[] = [];
  readonly objects = new Map<string, StoredObject>();
  readonly operations: RunningOperation[] = [];
  /** Every resource that was ever made, for the question whether anything is left. */
  readonly history: string[] = [];
  readonly #now: () => number;
  #ids = 4_000_000_000;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  now(): number {
    return this.#now();
  }

  nextId(): string {
    return String(this.#ids++);
  }

  find(kind: Thing["kind"], name: string, zone?: string): Thing {
    const found = this.things.find((t) => t.kind === kind && t.name === name && t.zone === zone);
    if (found === undefined) throw notFound(`${zone ?? "global"}/${kind}s/${name}`);
    return found;
  }

  add(thing: Omit<Thing, "id" | "createdMs">): Thing {
    if (this.things.some((t) => t.kind === thing.kind && t.name === thing.name && t.zone === thing.zone)) {
      throw alreadyExists(thing.name);
    }
    const made: Thing = { ...thing, id: this.nextId(), createdMs: this.#now() };
    this.things.push(made);
    this.history.push(`${made.kind} ${made.name} ${made.id}`);
    return made;
  }

  drop(thing: Thing): void {
    const at = this.things.indexOf(thing);
    if (at >= 0) this.things.splice(at, 1);
  }

  /** What is left of everything, for a test's last look. */
  inventory(): readonly string[] {
    return [
      ...this.things.map((t) => `${t.kind} ${t.zone ?? "global"}/${t.name}`),
      ...[...this.objects.keys()].map((name) => `object ${name}`),
    ];
  }
}

/** The rules of names and labels, as the service documents them. */
export function checkNamed(body: Json): {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
} {
  const { name, labels } = body;
  if (typeof name !== "string" || !namePattern.test(name)) {
    throw invalid(`Invalid value for field 'resource.name': '${String(name)}'`);
  }
  const checked: Record<string, string> = {};
  for (const [key, value] of Object.entries(isJson(labels) ? labels : {})) {
    if (!labelKey.test(key) || typeof value !== "string" || !labelValue.test(value)) {
      throw invalid(`Invalid value for field 'resource.labels': '${key}'`);
    }
    checked[key] = value;
  }
  return { name, labels: checked };
}

/** What an instance may be: the rules whose breach is known from the field. */
export function checkInstance(body: Json, project: Project): { readonly image: Thing; readonly disk: Json } {
  const [disk] = Array.isArray(body["disks"]) ? body["disks"].filter(isJson) : [];
  const params = disk?.["initializeParams"];
  if (disk === undefined || !isJson(params)) throw invalid("Invalid value for field 'resource.disks'");
  if (Number(params["diskSizeGb"]) < 10)
    throw invalid("the requested disk size is smaller than the minimum of 10 GB");
  const source = String(params["sourceImage"]).split("/").at(-1) ?? "";
  const image = project.find("image", source);
  if (image.status !== "READY") throw notReady(source);
  const machineType = String(body["machineType"]);
  const scheduling = body["scheduling"];
  if (/\/e2-/u.test(machineType) && isJson(scheduling) && scheduling["onHostMaintenance"] === "TERMINATE") {
    throw invalid("e2 instances do not support onHostMaintenance=TERMINATE unless they are preemptible");
  }
  return { image, disk };
}

export function isJson(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
