import { createRequire } from "node:module";
import { join } from "node:path";
import { fail, ok, problem, type Result } from "../../harness/base/index.ts";
import { cloudCodes } from "../codes.ts";
import type { Door } from "./door.ts";

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

export interface ClientOptions {
  /** The checkout's root; the client is installed in its `cloud/client/`. */
  readonly root: string;
  readonly door: Door;
  /** Origin of a provider on this host, such as `http://127.0.0.1:4000`. */
  readonly endpoint?: string;
}

export type Clients = (name: ClientName) => Promise<GceClient>;

/** Makes clients when they are first used: each costs memory and a twentieth of a second. */
export function openClients(options: ClientOptions): Result<Clients> {
  const load = createRequire(join(options.root, "cloud/client/package.json"));
  try {
    load.resolve("@google-cloud/compute");
  } catch {
    return fail(problem(cloudCodes, "CAPOS_CLOUD_CLIENT", "@google-cloud/compute is not installed"));
  }
  const made = new Map<ClientName, Promise<GceClient>>();
  return ok((name) => {
    const known = made.get(name) ?? make(load, name, options);
    made.set(name, known);
    return known;
  });
}

async function make(load: NodeJS.Require, name: ClientName, options: ClientOptions): Promise<GceClient> {
  const exported: unknown = load(`@google-cloud/compute/build/src/v1/${name}_client.js`);
  const Client = constructorIn(exported, clientNames[name]);
  // A fresh object for each: the constructor writes to it.
  const client = new Client({ ...endpointOf(options.endpoint), auth: options.door });
  // Without this a failure to start kills the process past every `catch` (google-cloud-node issue 9085).
  await client.initialize();
  return client;
}

function endpointOf(endpoint: string | undefined): object {
  if (endpoint === undefined) return {};
  const url = new URL(endpoint);
  return { apiEndpoint: url.hostname, port: Number(url.port), protocol: url.protocol.replace(":", "") };
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
