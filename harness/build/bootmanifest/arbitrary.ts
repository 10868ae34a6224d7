/** Random boot manifests for the tests of this folder. */
import * as fc from "fast-check";
import type {
  BootManifest,
  KernelGrantSource,
  Service,
  ServiceGrantSource,
} from "./generated/boot-manifest.ts";

const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const u16 = fc.integer({ min: 0, max: 0xffff });
/** Printable ASCII and a few longer sequences; NUL is no part of a text. */
const text = fc.string({ maxLength: 20, unit: fc.constantFrom(...'abcdefgh-.0189 "\\é€😀') });

const kernelSource = fc.oneof(
  fc.constantFrom<KernelGrantSource>(
    { kind: "console" },
    { kind: "processSpawner" },
    { kind: "endpointFactory" },
    { kind: "bootPackage" },
    { kind: "notificationFactory" },
    { kind: "capabilityManager" },
    { kind: "systemStats" },
    { kind: "virtualMemory" },
  ),
  fc.record({ kind: fc.constant("block" as const), value: text }),
  fc.record({
    kind: fc.constant("frameAllocator" as const),
    value: fc.integer({ min: 0, max: 0xffff_ffff }),
  }),
);

const serviceSource: fc.Arbitrary<ServiceGrantSource> = fc.oneof(
  fc.constant({ kind: "console" } as const),
  fc.record({ kind: fc.constant("init" as const), value: text }),
  fc.record({ kind: fc.constant("export" as const), value: fc.record({ service: text, export: text }) }),
);

const service: fc.Arbitrary<Service> = fc.record({
  name: text,
  binary: u16,
  args: fc.array(text, { maxLength: 4 }),
  grants: fc.array(fc.record({ name: text, source: serviceSource }), { maxLength: 4 }),
  exports: fc.array(fc.record({ name: text, interfaceId: u64 }), { maxLength: 3 }),
  wait: fc.boolean(),
  expect: fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff }),
});

export const bootManifest: fc.Arbitrary<BootManifest> = fc.record({
  schemaVersion: fc.integer({ min: 0, max: 0xffff_ffff }),
  image: text,
  binaries: fc.array(
    fc.record({ name: text, offset: u64, length: u64, sha256: fc.uint8Array({ maxLength: 40 }) }),
    { maxLength: 4 },
  ),
  init: fc.record({
    binary: u16,
    grants: fc.array(fc.record({ name: text, source: kernelSource }), { maxLength: 4 }),
  }),
  services: fc.array(service, { maxLength: 4 }),
});
