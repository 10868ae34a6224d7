import { createRequire } from "node:module";
import { join } from "node:path";
import { fail, ok, problem, type Result } from "../../harness/base/index.ts";
import { cloudCodes } from "../codes.ts";
import { doorOfCall } from "./door.ts";

/**
 * Google's client, as far as it is used: its own types take seconds to check and hundreds of megabytes. What it
 * answers is read by `answers.ts`.
 */
export interface GceClient {
  /** Settles once the client is ready; a client that failed to start must not be used. */
  initialize(): Promise<unknown>;
  readonly [method: string]: (request: object, options: CallOptions) => unknown;
}

export interface CallOptions {
  readonly retry: { readonly retryCodes: readonly number[] };
  /** Milliseconds for this one attempt. */
  readonly timeout: number;
  readonly autoPaginate?: boolean;
}

/** One attempt and no more: repeating is our own policy's business. */
export function once(timeoutMs: number): CallOptions {
  return { retry: { retryCodes: [] }, timeout: timeoutMs };
}

const clientNames = {
  images: "ImagesClient",
  instances: "InstancesClient",
  disks: "DisksClient",
  zone_operations: "ZoneOperationsClient",
  global_operations: "GlobalOperationsClient",
  projects: "ProjectsClient",
  regions: "RegionsClient",
  zones: "ZonesClient",
  machine_types: "MachineTypesClient",
  subnetworks: "SubnetworksClient",
} as const;
export type ClientName = keyof typeof clientNames;

export type Clients = (name: ClientName) => Promise<GceClient>;

/** The clients of each installation. They belong to no run: whoever calls one says by which door. */
const pools = new Map<string, Map<ClientName, Promise<GceClient>>>();

/**
 * Makes clients when they are first used, and once in a process: each costs memory and a twentieth of a second.
 * `root` is the checkout's; the client is installed in its `cloud/client/`.
 */
export function openClients(root: string): Result<Clients> {
  const load = createRequire(join(root, "cloud/client/package.json"));
  try {
    load.resolve("@google-cloud/compute");
  } catch {
    return fail(problem(cloudCodes, "CAPOS_CLOUD_CLIENT", "@google-cloud/compute is not installed"));
  }
  const made = pools.get(root) ?? new Map<ClientName, Promise<GceClient>>();
  pools.set(root, made);
  return ok((name) => {
    const known = made.get(name) ?? make(load, name);
    made.set(name, known);
    return known;
  });
}

async function make(load: NodeJS.Require, name: ClientName): Promise<GceClient> {
  const exported: unknown = load(`@google-cloud/compute/build/src/v1/${name}_client.js`);
  const Client = constructorIn(exported, clientNames[name]);
  // A fresh object for each: the constructor writes to it.
  const client = new Client({ auth: doorOfCall });
  // Without this a failure to start kills the process past every `catch` (google-cloud-node issue 9085).
  await client.initialize();
  return client;
}

type Constructor = new (options: object) => GceClient;

function constructorIn(exported: unknown, name: string): Constructor {
  const found = typeof exported === "object" && exported !== null ? Object.entries(exported) : [];
  const Client: unknown = found.find(([key]) => key === name)?.[1];
  if (!isConstructor(Client)) throw new Error(`Google's client has no ${name}`);
  return Client;
}

function isConstructor(value: unknown): value is Constructor {
  return typeof value === "function";
}
