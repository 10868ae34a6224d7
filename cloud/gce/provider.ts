import type { ResourceRef, Scope } from "../types.ts";
import {
  fieldOf,
  type Found,
  listIn,
  mostPages,
  nextPage,
  type Operation,
  readFound,
  readOperation,
  readSerial,
  type SerialPiece,
  textIn,
} from "./answers.ts";
import { type ClientName, type Clients, once } from "./client.ts";
import type { Door } from "./door.ts";
import type { Failure } from "./failure.ts";
import { type ObjectStore, openObjectStore } from "./objects.ts";

/** What a call gave, or why it did not. Each method is one attempt. */
export type Answer<T> = { readonly value: T } | { readonly failure: Failure };

/** The provider's calls, as the run uses them. */
export interface Provider {
  /** The failure `absent` says that it is not there. */
  get(ref: ResourceRef): Promise<Answer<Found>>;
  /** Asks for a change. Accepted is not done: wait for the operation. */
  create(ref: ResourceRef, body: object, requestId: string): Promise<Answer<Operation>>;
  remove(ref: ResourceRef, requestId: string): Promise<Answer<Operation | undefined>>;
  power(ref: ResourceRef, to: "start" | "stop", requestId: string): Promise<Answer<Operation>>;
  /** Returns when the operation is done or after a while; look at `done`. */
  wait(operation: Operation): Promise<Answer<Operation>>;
  /** Everything of ours of a kind, in the whole project; a part that could not be listed is a failure. */
  list(kind: "image" | "instance" | "disk", filter: string): Promise<Answer<readonly Found[]>>;
  serial(ref: ResourceRef, start: number): Promise<Answer<SerialPiece>>;
  /** For the preflight. */
  look(what: Preflight): Promise<Answer<unknown>>;
  readonly objects: ObjectStore;
  /** Unix milliseconds by the service's clock; undefined before its first answer. */
  now(): number | undefined;
}

export type Preflight =
  | { readonly what: "project" }
  | { readonly what: "region"; readonly region: string }
  | { readonly what: "zone"; readonly zone: string }
  | { readonly what: "machine-type"; readonly zone: string; readonly type: string }
  | { readonly what: "subnetwork"; readonly region: string };

export interface ProviderOptions {
  readonly scope: Scope;
  readonly door: Door;
  readonly clients: Clients;
  /** Milliseconds that a call may take; `wait` may take two and a half times as long. */
  readonly callMs?: number;
}

export function openProvider(options: ProviderOptions): Provider {
  const { door, clients, scope } = options;
  const { project } = scope;
  const callMs = options.callMs ?? 60_000;
  // The service answers a `wait` after two minutes at the latest.
  const waitMs = 2.5 * callMs;
  // Pages are asked for by ourselves; the client would print a warning about its own way.
  const listOnce = { ...once(callMs), autoPaginate: false };

  const ask = <T>(
    client: ClientName,
    method: string,
    request: object,
    read: (answer: unknown) => T | undefined,
    timeoutMs = callMs,
  ): Promise<Answer<T>> =>
    door.call(async () => {
      const made = await clients(client);
      const answer: unknown = await made[method]?.({ project, ...request }, once(timeoutMs));
      const value = read(Array.isArray(answer) ? answer[0] : answer);
      if (value === undefined) throw new Error(`the answer to ${client}.${method} is not what it should be`);
      return value;
    });
  const operation = (answer: unknown): Operation | undefined =>
    readOperation(fieldOf(answer, "latestResponse"));

  const objects = openObjectStore(options);
  return {
    objects,
    now: () => door.now(),
    get(ref) {
      switch (ref.kind) {
        case "object":
          return objects.get(ref);
        case "image":
          return ask("images", "get", { image: ref.name }, readFound);
        case "instance":
          return ask("instances", "get", { instance: ref.name, zone: ref.zone }, readFound);
        case "disk":
          return ask("disks", "get", { disk: ref.name, zone: ref.zone }, readFound);
      }
    },
    create(ref, body, requestId) {
      switch (ref.kind) {
        case "image":
          return ask("images", "insert", { imageResource: body, requestId }, operation);
        case "instance":
          return ask("instances", "insert", { zone: ref.zone, instanceResource: body, requestId }, operation);
        case "object":
        case "disk":
          throw new Error(`a ${ref.kind} is not made by a call of its own`);
      }
    },
    remove(ref, requestId) {
      switch (ref.kind) {
        case "object":
          return objects.remove(ref);
        case "image":
          return ask("images", "delete", { image: ref.name, requestId }, operation);
        case "instance":
          return ask("instances", "delete", { instance: ref.name, zone: ref.zone, requestId }, operation);
        case "disk":
          return ask("disks", "delete", { disk: ref.name, zone: ref.zone, requestId }, operation);
      }
    },
    power(ref, to, requestId) {
      if (ref.kind !== "instance") throw new Error(`a ${ref.kind} has no power`);
      return ask("instances", to, { instance: ref.name, zone: ref.zone, requestId }, operation);
    },
    wait({ name, zone }) {
      return zone === undefined
        ? ask("global_operations", "wait", { operation: name }, readOperation, waitMs)
        : ask("zone_operations", "wait", { operation: name, zone }, readOperation, waitMs);
    },
    list: (kind, filter) => (kind === "image" ? listImages(filter) : listAll(kind, filter)),
    serial(ref, start) {
      if (ref.kind !== "instance") throw new Error(`a ${ref.kind} has no serial port`);
      const request = { instance: ref.name, zone: ref.zone, port: 1, start: String(start) };
      return ask("instances", "getSerialPortOutput", request, readSerial);
    },
    look(asked) {
      switch (asked.what) {
        case "project":
          return ask("projects", "get", {}, identity);
        case "region":
          return ask("regions", "get", { region: asked.region }, identity);
        case "zone":
          return ask("zones", "get", { zone: asked.zone }, identity);
        case "machine-type":
          return ask("machine_types", "get", { zone: asked.zone, machineType: asked.type }, identity);
        case "subnetwork":
          return ask("subnetworks", "get", { region: asked.region, subnetwork: scope.subnetwork }, identity);
      }
    },
  };

  function listImages(filter: string): Promise<Answer<readonly Found[]>> {
    return door.call(async () => {
      const client = await clients("images");
      const found: Found[] = [];
      let pageToken = "";
      let pages = 0;
      do {
        const request = { project, filter, maxResults: 500, ...(pageToken === "" ? {} : { pageToken }) };
        const answer: unknown = await client["list"]?.(request, listOnce);
        const [page, , raw]: readonly unknown[] = Array.isArray(answer) ? answer : [];
        found.push(...allFound(Array.isArray(page) ? page : []));
        pageToken = nextPage(textIn(raw, "nextPageToken"), ++pages);
      } while (pageToken !== "");
      return found;
    });
  }

  /** One entry a zone. A zone that could not be asked has a warning, and its emptiness shows nothing. */
  function listAll(kind: "instance" | "disk", filter: string): Promise<Answer<readonly Found[]>> {
    return door.call(async () => {
      const client = await clients(kind === "instance" ? "instances" : "disks");
      const pages: unknown = client["aggregatedListAsync"]?.({ project, filter, maxResults: 500 }, listOnce);
      if (!isAsyncIterable(pages)) throw new Error("the list cannot be read");
      const found: Found[] = [];
      let entries = 0;
      for await (const entry of pages) {
        if (++entries > 100 * mostPages) throw new Error("the list does not end");
        const [zone, part]: readonly unknown[] = Array.isArray(entry) ? entry : [];
        const warning = textIn(fieldOf(part, "warning"), "code");
        if (warning !== undefined && warning !== "NO_RESULTS_ON_PAGE") {
          throw new Error(`${String(zone)} could not be listed: ${warning}`);
        }
        found.push(...allFound(listIn(part, kind === "instance" ? "instances" : "disks")));
      }
      return found;
    });
  }
}

function allFound(values: readonly unknown[]): readonly Found[] {
  return values.map((value) => {
    const found = readFound(value);
    if (found === undefined) throw new Error("the list holds something without a name");
    return found;
  });
}

function identity(answer: unknown): unknown {
  return answer ?? undefined;
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}
