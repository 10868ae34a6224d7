import type { Grant, InterfaceTable, Service, SystemModel } from "./model.ts";

/** The boot manifest of kernel/abi/capos.capnp, with binaries by name instead of by number. */
export interface BootManifestInput {
  readonly image: string;
  readonly init: { readonly binary: string; readonly grants: readonly KernelGrant[] };
  readonly services: readonly {
    readonly name: string;
    readonly binary: string;
    readonly args: readonly string[];
    readonly grants: readonly { readonly name: string; readonly source: ServiceGrantSource }[];
    readonly exports: readonly { readonly name: string; readonly interfaceId: bigint }[];
    readonly wait: boolean;
    readonly expect: number;
  }[];
}

/** A capability that the kernel makes and gives to init, which passes on what the services need of it. */
export interface KernelGrant {
  readonly name: string;
  readonly source: KernelGrantSource;
}

export type KernelGrantSource =
  | { readonly kind: "console" }
  | { readonly kind: "processSpawner" }
  | { readonly kind: "endpointFactory" }
  | { readonly kind: "bootPackage" }
  | { readonly kind: "notificationFactory" }
  | { readonly kind: "capabilityManager" }
  | { readonly kind: "systemStats" }
  | { readonly kind: "virtualMemory" }
  | { readonly kind: "frameAllocator"; readonly value: number }
  | { readonly kind: "block"; readonly value: string };

export type ServiceGrantSource =
  | { readonly kind: "console" }
  | { readonly kind: "init"; readonly value: string }
  | { readonly kind: "export"; readonly value: { readonly service: string; readonly export: string } };

/** The names under which init looks for its own tools. */
const initNames = {
  console: "console",
  processSpawner: "spawner",
  endpointFactory: "endpoints",
  bootPackage: "boot",
};

/** What init holds only where a service is granted it, and under which name. */
const passedOn = {
  notificationFactory: "notifications",
  capabilityManager: "capabilities",
  systemStats: "stats",
  virtualMemory: "memory",
} as const;

const passedOnKinds = [
  "notificationFactory",
  "capabilityManager",
  "systemStats",
  "virtualMemory",
] as const satisfies readonly (keyof typeof passedOn)[];

/**
 * Everything that init holds: its own tools, and what services are granted: each block device, each kind of kernel
 * object, and for each frame allocator one of its own.
 */
export function kernelGrants(model: SystemModel): readonly KernelGrant[] {
  const sources = model.services.flatMap((s) => s.grants.map((g) => g.source));
  const serials = sources.flatMap((s) => (s.kind === "block" ? [s.serial] : []));
  return [
    { name: initNames.console, source: { kind: "console" } },
    { name: initNames.processSpawner, source: { kind: "processSpawner" } },
    { name: initNames.endpointFactory, source: { kind: "endpointFactory" } },
    { name: initNames.bootPackage, source: { kind: "bootPackage" } },
    ...[...new Set(serials)]
      .toSorted()
      .map((serial): KernelGrant => ({ name: blockName(serial), source: { kind: "block", value: serial } })),
    ...passedOnKinds
      .filter((kind) => sources.some((s) => s.kind === kind))
      .map((kind): KernelGrant => ({ name: passedOn[kind], source: { kind } })),
    ...model.services.flatMap((service) =>
      service.grants.flatMap(({ name, source }): readonly KernelGrant[] =>
        source.kind === "frameAllocator"
          ? [
              {
                name: allocatorName(model, service, name),
                source: { kind: source.kind, value: source.pages },
              },
            ]
          : [],
      ),
    ),
  ];
}

/**
 * The boot manifest of a model. A manifest says only which service holds what; that kernel sources reach a
 * service by way of init is decided here. Every interface of a checked model stands in `interfaces`.
 */
export function lower(model: SystemModel, interfaces: InterfaceTable): BootManifestInput {
  return {
    image: model.name,
    init: { binary: model.init.binary, grants: kernelGrants(model) },
    services: model.services.map((service) => ({
      name: service.name,
      binary: service.binary,
      args: service.args,
      wait: service.wait,
      expect: service.expect,
      grants: service.grants.map((g) => ({ name: g.name, source: lowerSource(model, service, g) })),
      exports: service.exports.map((e) => ({
        name: e.name,
        interfaceId: interfaceId(interfaces, e.interface),
      })),
    })),
  };
}

function lowerSource(model: SystemModel, service: Service, { name, source }: Grant): ServiceGrantSource {
  switch (source.kind) {
    case "console":
      return { kind: "console" };
    case "export":
      return { kind: "export", value: { service: source.service, export: source.export } };
    case "block":
      return { kind: "init", value: blockName(source.serial) };
    case "processSpawner":
    case "endpointFactory":
    case "bootPackage":
      return { kind: "init", value: initNames[source.kind] };
    case "notificationFactory":
    case "capabilityManager":
    case "systemStats":
    case "virtualMemory":
      return { kind: "init", value: passedOn[source.kind] };
    case "frameAllocator":
      return { kind: "init", value: allocatorName(model, service, name) };
  }
}

/** By the places of service and grant: short, and no name of another kind begins like it. */
function allocatorName(model: SystemModel, service: Service, grant: string): string {
  const [at, number] = [model.services.indexOf(service), service.grants.findIndex((g) => g.name === grant)];
  return `frames.${at}.${number}`;
}

/** No name of init's own holds a dot, so a serial number cannot take one. */
function blockName(serial: string): string {
  return `block.${serial}`;
}

function interfaceId(interfaces: InterfaceTable, name: string): bigint {
  const id = interfaces[name];
  if (id === undefined) throw new Error(`lower: unchecked interface ${name}`);
  return id;
}
