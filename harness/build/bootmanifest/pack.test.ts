import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { interfaceIds, packBootModule, readBootModule, systemDigest } from "./index.ts";
import type { BinaryInput, BootManifestInput, BootModule } from "./index.ts";

const input: BootManifestInput = {
  image: "storage-persist",
  init: {
    binary: "init",
    grants: [
      { name: "console", source: { kind: "console" } },
      { name: "disk", source: { kind: "block", value: "data" } },
    ],
  },
  services: [
    {
      name: "store",
      binary: "store",
      args: ["--fresh", ""],
      grants: [{ name: "disk", source: { kind: "init", value: "disk" } }],
      exports: [{ name: "store", interfaceId: interfaceIds.Store }],
      wait: false,
      expect: 0,
    },
    {
      name: "client",
      binary: "store",
      args: [],
      grants: [{ name: "store", source: { kind: "export", value: { service: "store", export: "store" } } }],
      exports: [],
      wait: true,
      expect: -1,
    },
  ],
};

const binaries: readonly BinaryInput[] = [
  { name: "init", bytes: new Uint8Array(5000).fill(1) },
  { name: "store", bytes: new Uint8Array(4096).fill(2) },
  { name: "unused", bytes: new Uint8Array(1).fill(3) },
];

function packed(manifest = input, programs = binaries): BootModule {
  const result = packBootModule(manifest, programs);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

function codes(manifest: BootManifestInput, programs: readonly BinaryInput[]): readonly string[] {
  const result = packBootModule(manifest, programs);
  return result.ok ? [] : result.error.map(({ code, message }) => `${code}: ${message}`);
}

describe("packing", () => {
  test("lays the module out as the ABI says", () => {
    const { chunks, size, manifest, binaries: records } = packed();
    const bytes = Buffer.concat(chunks);
    expect(bytes.length).toBe(size);
    expect(bytes.toString("latin1", 0, 8)).toBe("CAPOSBM1");
    expect(bytes.readUInt32LE(8)).toBe(manifest.length);
    expect(bytes.readUInt32LE(12)).toBe(0);
    expect(bytes.subarray(16, 16 + manifest.length)).toEqual(Buffer.from(manifest));
    expect(records.map(({ name, offset, length }) => ({ name, offset, length }))).toEqual([
      { name: "init", offset: 4096, length: 5000 },
      { name: "store", offset: 12288, length: 4096 },
      { name: "unused", offset: 16384, length: 1 },
    ]);
    for (const { offset, length, sha256 } of records) {
      const content = bytes.subarray(offset, offset + length);
      expect(createHash("sha256").update(content).digest("hex")).toBe(sha256);
    }
  });

  test("gives the same bytes for the same input", () => {
    expect(Buffer.concat(packed().chunks)).toEqual(Buffer.concat(packed().chunks));
  });

  test("numbers the binaries that the manifest names", () => {
    const decoded = readBootModule(Buffer.concat(packed().chunks));
    if (!decoded.ok) throw new Error(JSON.stringify(decoded.error));
    const { manifest } = decoded.value;
    expect(manifest.init.binary).toBe(0);
    expect(manifest.services.map(({ binary }) => binary)).toEqual([1, 1]);
    expect(manifest.services[0]?.exports[0]?.interfaceId).toBe(0x8d26f1b0ea57c493n);
    expect(decoded.value.binaries.map(({ bytes }) => bytes[0])).toEqual([1, 2, 3]);
  });

  test("refuses names that are unknown, double or malformed, all at once", () => {
    const service = input.services[0];
    if (service === undefined) throw new Error("the input has no service");
    expect(codes({ ...input, services: [{ ...service, binary: "sotre" }] }, binaries)).toEqual([
      'CAPOS_BOOT_BINARY_UNKNOWN: service store runs "sotre", which image storage-persist does not hold',
    ]);
    expect(
      codes(input, [...binaries, ...binaries.slice(0, 1), { name: "A b", bytes: new Uint8Array() }]),
    ).toEqual([
      'CAPOS_BOOT_BINARY_NAME: two binaries are named "init"',
      'CAPOS_BOOT_BINARY_NAME: "A b" is not a name for a binary',
    ]);
  });

  test("refuses what is over a limit", () => {
    const many = Array.from({ length: 63 }, (_, index) => ({ name: `b${index}`, bytes: new Uint8Array() }));
    expect(codes(input, [...binaries, ...many])).toEqual([
      "CAPOS_BOOT_LIMIT: image storage-persist has 66 binaries; 64 is the most",
    ]);
    const args = Array.from({ length: 70 }, () => "x".repeat(65_000));
    const services = input.services.map((service) => ({ ...service, args }));
    expect(codes({ ...input, services }, binaries)[0]).toMatch(/^CAPOS_BOOT_LIMIT: the manifest of image/);
    const huge = binaries.map((binary) => ({ ...binary, bytes: new Uint8Array(90 * 1024 * 1024) }));
    expect(codes(input, huge)[0]).toMatch(/^CAPOS_BOOT_LIMIT: the boot module of image/);
  });
});

describe("reading back", () => {
  test("refuses a module with any byte changed", () => {
    const bytes = Buffer.concat(packed().chunks);
    fc.assert(
      fc.property(fc.nat({ max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const damaged = Buffer.from(bytes);
        damaged[at] = (damaged[at] ?? 0) ^ flip;
        const result = readBootModule(damaged);
        // Some bytes of the manifest may hold another value; everything else is checked.
        const free = at >= 16 && at < 16 + packed().manifest.length;
        expect(result.ok && !free).toBe(false);
        if (!result.ok) expect(result.error[0]?.code).toBe("CAPOS_BOOT_MODULE_DAMAGED");
      }),
      { numRuns: 500 },
    );
  });

  test("refuses a module that is cut off or has more behind it", () => {
    const bytes = Buffer.concat(packed().chunks);
    for (const length of [0, 15, 16, 100, 4096, 12288, bytes.length - 1]) {
      expect(readBootModule(bytes.subarray(0, length)).ok).toBe(false);
    }
    expect(readBootModule(Buffer.concat([bytes, Buffer.alloc(1)])).ok).toBe(false);
    expect(readBootModule(bytes).ok).toBe(true);
  });
});

test("the system digest is SHA-256 over build id and manifest", () => {
  const { manifest } = packed();
  const buildId = new Uint8Array(20).fill(0xab);
  const expected = createHash("sha256")
    .update(Buffer.concat([buildId, manifest]))
    .digest("hex");
  expect(systemDigest(buildId, manifest)).toBe(expected);
  expect(() => systemDigest(buildId.subarray(1), manifest)).toThrow(RangeError);
});
