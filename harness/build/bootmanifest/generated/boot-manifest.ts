// Made from kernel/abi/capos.capnp; do not edit.

import { unreachable } from "../../../base/index.ts";
import { StructBuilder } from "../../bindings/canonical.ts";
import { MalformedMessage, readSegment, type StructView } from "../../bindings/message.ts";

/**
 * First part of the boot module. The kernel reads schemaVersion, binaries, init and devices;
 * init reads the services. The system digest is computed over the bytes of this message.
 */
export interface BootManifest {
  /** 1 */
  readonly schemaVersion: number;
  /** name of the image, for people */
  readonly image: string;
  readonly binaries: readonly Binary[];
  readonly init: Init;
  /** in start order */
  readonly services: readonly Service[];
}

export function writeBootManifest(out: StructBuilder, value: BootManifest): void {
  out.u32(0, value.schemaVersion);
  out.text(0, value.image);
  out.structs(1, value.binaries, [2, 2], writeBinary);
  writeInit(out.struct(2, 1, 1), value.init);
  out.structs(3, value.services, [1, 4], writeService);
}

export function readBootManifest(from: StructView): BootManifest {
  return {
    schemaVersion: from.u32(0),
    image: from.text(0),
    binaries: from.structs(1).map(readBinary),
    init: readInit(from.struct(2)),
    services: from.structs(3).map(readService),
  };
}

export interface Binary {
  /** unique; [a-z0-9-]{1,32} */
  readonly name: string;
  /** from the start of the boot module; a multiple of 4096 */
  readonly offset: bigint;
  /** bytes of the ELF */
  readonly length: bigint;
  /** 32 bytes, checked once at boot */
  readonly sha256: Uint8Array;
}

export function writeBinary(out: StructBuilder, value: Binary): void {
  out.text(0, value.name);
  out.u64(0, value.offset);
  out.u64(8, value.length);
  out.data(1, value.sha256);
}

export function readBinary(from: StructView): Binary {
  return {
    name: from.text(0),
    offset: from.u64(0),
    length: from.u64(8),
    sha256: from.data(1),
  };
}

export interface Init {
  /** index into binaries */
  readonly binary: number;
  readonly grants: readonly KernelGrant[];
}

export function writeInit(out: StructBuilder, value: Init): void {
  out.u16(0, value.binary);
  out.structs(0, value.grants, [1, 2], writeKernelGrant);
}

export function readInit(from: StructView): Init {
  return {
    binary: from.u16(0),
    grants: from.structs(0).map(readKernelGrant),
  };
}

export interface Service {
  /** unique; also the Console label; [a-z0-9-]{1,24} */
  readonly name: string;
  readonly binary: number;
  readonly args: readonly string[];
  readonly grants: readonly ServiceGrant[];
  readonly exports: readonly Export[];
  /** init waits for its end before it starts the next service */
  readonly wait: boolean;
  /** the exit status that init takes as success when it waits */
  readonly expect: number;
}

export function writeService(out: StructBuilder, value: Service): void {
  out.text(0, value.name);
  out.u16(0, value.binary);
  out.texts(1, value.args);
  out.structs(2, value.grants, [1, 2], writeServiceGrant);
  out.structs(3, value.exports, [1, 1], writeExport);
  out.bool(16, value.wait);
  out.i32(4, value.expect);
}

export function readService(from: StructView): Service {
  return {
    name: from.text(0),
    binary: from.u16(0),
    args: from.texts(1),
    grants: from.structs(2).map(readServiceGrant),
    exports: from.structs(3).map(readExport),
    wait: from.bool(16),
    expect: from.i32(4),
  };
}

/** A capability that the kernel makes from nothing and gives to init. */
export interface KernelGrant {
  /** unique within init; [a-z0-9-.]{1,32} */
  readonly name: string;
  readonly source: KernelGrantSource;
}

export function writeKernelGrant(out: StructBuilder, value: KernelGrant): void {
  out.text(0, value.name);
  writeKernelGrantSource(out, value.source);
}

export function readKernelGrant(from: StructView): KernelGrant {
  return {
    name: from.text(0),
    source: readKernelGrantSource(from),
  };
}

export interface ServiceGrant {
  readonly name: string;
  readonly source: ServiceGrantSource;
}

export function writeServiceGrant(out: StructBuilder, value: ServiceGrant): void {
  out.text(0, value.name);
  writeServiceGrantSource(out, value.source);
}

export function readServiceGrant(from: StructView): ServiceGrant {
  return {
    name: from.text(0),
    source: readServiceGrantSource(from),
  };
}

/** An endpoint that init makes; the service receives its owner side under the export's name. */
export interface Export {
  readonly name: string;
  readonly interfaceId: bigint;
}

export function writeExport(out: StructBuilder, value: Export): void {
  out.text(0, value.name);
  out.u64(0, value.interfaceId);
}

export function readExport(from: StructView): Export {
  return {
    name: from.text(0),
    interfaceId: from.u64(0),
  };
}

export type KernelGrantSource =
  | { readonly kind: "console" }
  | { readonly kind: "processSpawner" }
  | { readonly kind: "endpointFactory" }
  | { readonly kind: "bootPackage" }
  | { readonly kind: "block"; readonly value: string }
  | { readonly kind: "notificationFactory" }
  | { readonly kind: "capabilityManager" }
  | { readonly kind: "systemStats" }
  | { readonly kind: "frameAllocator"; readonly value: number }
  | { readonly kind: "virtualMemory" };

export function writeKernelGrantSource(out: StructBuilder, value: KernelGrantSource): void {
  switch (value.kind) {
    case "console":
      out.u16(0, 0);
      return;
    case "processSpawner":
      out.u16(0, 1);
      return;
    case "endpointFactory":
      out.u16(0, 2);
      return;
    case "bootPackage":
      out.u16(0, 3);
      return;
    case "block":
      out.u16(0, 4);
      out.text(1, value.value);
      return;
    case "notificationFactory":
      out.u16(0, 5);
      return;
    case "capabilityManager":
      out.u16(0, 6);
      return;
    case "systemStats":
      out.u16(0, 7);
      return;
    case "frameAllocator":
      out.u16(0, 8);
      out.u32(4, value.value);
      return;
    case "virtualMemory":
      out.u16(0, 9);
      return;
    default:
      unreachable(value);
  }
}

export function readKernelGrantSource(from: StructView): KernelGrantSource {
  const which = from.u16(0);
  switch (which) {
    case 0:
      return { kind: "console" };
    case 1:
      return { kind: "processSpawner" };
    case 2:
      return { kind: "endpointFactory" };
    case 3:
      return { kind: "bootPackage" };
    case 4:
      return { kind: "block", value: from.text(1) };
    case 5:
      return { kind: "notificationFactory" };
    case 6:
      return { kind: "capabilityManager" };
    case 7:
      return { kind: "systemStats" };
    case 8:
      return { kind: "frameAllocator", value: from.u32(4) };
    case 9:
      return { kind: "virtualMemory" };
    default:
      throw new MalformedMessage(`KernelGrantSource has the unknown case ${which}`);
  }
}

export type ServiceGrantSource =
  | { readonly kind: "console" }
  | { readonly kind: "init"; readonly value: string }
  | { readonly kind: "export"; readonly value: ExportRef };

export function writeServiceGrantSource(out: StructBuilder, value: ServiceGrantSource): void {
  switch (value.kind) {
    case "console":
      out.u16(0, 0);
      return;
    case "init":
      out.u16(0, 1);
      out.text(1, value.value);
      return;
    case "export":
      out.u16(0, 2);
      writeExportRef(out.struct(1, 0, 2), value.value);
      return;
    default:
      unreachable(value);
  }
}

export function readServiceGrantSource(from: StructView): ServiceGrantSource {
  const which = from.u16(0);
  switch (which) {
    case 0:
      return { kind: "console" };
    case 1:
      return { kind: "init", value: from.text(1) };
    case 2:
      return { kind: "export", value: readExportRef(from.struct(1)) };
    default:
      throw new MalformedMessage(`ServiceGrantSource has the unknown case ${which}`);
  }
}

export interface ExportRef {
  readonly service: string;
  readonly export: string;
}

export function writeExportRef(out: StructBuilder, value: ExportRef): void {
  out.text(0, value.service);
  out.text(1, value.export);
}

export function readExportRef(from: StructView): ExportRef {
  return {
    service: from.text(0),
    export: from.text(1),
  };
}

/** The canonical message of a BootManifest. */
export function encodeBootManifest(value: BootManifest): Uint8Array {
  const out = new StructBuilder(1, 4);
  writeBootManifest(out, value);
  return out.finish();
}

/** Reads such a message; throws `MalformedMessage` when it is none. */
export function decodeBootManifest(message: Uint8Array): BootManifest {
  return readBootManifest(readSegment(message));
}
