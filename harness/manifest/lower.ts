import type { Grant, GrantSource, InterfaceTable, SystemModel } from "./model.ts";

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

/** Everything that init holds: its own tools, and each block device that a service is granted. */
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
    services: model.services.map(({ name, binary, args, grants, exports, wait, expect }) => ({
      name,
      binary,
      args,
      wait,
      expect,
      grants: grants.map((g: Grant) => ({ name: g.name, source: lowerSource(g.source) })),
      exports: exports.map((e) => ({ name: e.name, interfaceId: interfaceId(interfaces, e.interface) })),
    })),
  };
}

function lowerSource(source: GrantSource): ServiceGrantSource {
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
  }
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
