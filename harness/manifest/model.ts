import type { Problem, Span } from "../base/index.ts";
import type { ForeignModel } from "./foreign-model.ts";

/** One image of a tree: a system of this tree's kernel, or one whose kernel comes from elsewhere. */
export type ImageModel = SystemModel | ForeignModel;

/** One system image, checked: every name in it resolves. Each node knows where its source stands. */
export interface SystemModel {
  readonly kind: "capos";
  readonly name: string;
  readonly title: string;
  readonly binaries: readonly Binary[];
  readonly init: Init;
  /** In the order in which init starts them. */
  readonly services: readonly Service[];
  /** What is suspicious but not wrong. */
  readonly warnings: readonly Problem[];
  /** Every CUE file that decided this model. */
  readonly sources: readonly { readonly path: string; readonly sha256: string }[];
  readonly span: Span;
}

export interface Binary {
  readonly name: string;
  /** The cargo package that builds it. */
  readonly crate: string;
  readonly span: Span;
}

export interface Init {
  readonly binary: string;
  readonly span: Span;
}

export interface Service {
  readonly name: string;
  readonly binary: string;
  readonly args: readonly string[];
  /** Everything that the service holds when it starts, apart from its exports. */
  readonly grants: readonly Grant[];
  readonly exports: readonly Export[];
  /** Whether init waits for it to end before it starts the next service. */
  readonly wait: boolean;
  /** The exit status that init takes as success when it waits. */
  readonly expect: number;
  readonly span: Span;
  readonly spans: { readonly name: Span; readonly binary: Span };
}

/** One capability given to one service. */
export interface Grant {
  readonly name: string;
  readonly source: GrantSource;
  /** The name of the interface, which follows from the source. */
  readonly interface: string;
  readonly span: Span;
  readonly spans: { readonly name: Span; readonly source: Span };
}

/** Where a capability comes from: the kernel, or what another service exports. */
export type GrantSource =
  /** A Console derived with the service's name as its label. */
  | { readonly kind: "console" }
  | { readonly kind: "export"; readonly service: string; readonly export: string }
  | { readonly kind: "block"; readonly serial: string }
  | { readonly kind: "processSpawner" }
  | { readonly kind: "endpointFactory" }
  | { readonly kind: "bootPackage" }
  | { readonly kind: "notificationFactory" }
  | { readonly kind: "capabilityManager" }
  | { readonly kind: "systemStats" }
  | { readonly kind: "virtualMemory" }
  /** An allocator of its own with so many pages. */
  | { readonly kind: "frameAllocator"; readonly pages: number };

export type GrantKind = GrantSource["kind"];

export const grantKinds = [
  "console",
  "export",
  "block",
  "processSpawner",
  "endpointFactory",
  "bootPackage",
  "notificationFactory",
  "capabilityManager",
  "systemStats",
  "virtualMemory",
  "frameAllocator",
] as const satisfies readonly GrantKind[];

export interface Export {
  readonly name: string;
  readonly interface: string;
  readonly span: Span;
  readonly spans: { readonly interface: Span };
}

/** Interface ids by the names that the schema gives them. */
export type InterfaceTable = Readonly<Record<string, bigint>>;

/** The interface of what the kernel itself gives. */
export const kernelInterfaces: Readonly<Record<Exclude<GrantKind, "export">, string>> = {
  console: "Console",
  block: "BlockDevice",
  processSpawner: "ProcessSpawner",
  endpointFactory: "EndpointFactory",
  bootPackage: "BootPackage",
  notificationFactory: "NotificationFactory",
  capabilityManager: "CapabilityManager",
  systemStats: "SystemStats",
  virtualMemory: "VirtualMemory",
  frameAllocator: "FrameAllocator",
};
