import * as fc from "fast-check";
import { expect, test } from "vitest";
import { moduleName, modulesNeededBy } from "./modinfo.ts";
import { kernelModule } from "./testing.ts";

test("what a module needs stands in its .modinfo", () => {
  expect(modulesNeededBy(kernelModule())).toEqual([]);
  expect(modulesNeededBy(kernelModule("virtio"))).toEqual(["virtio"]);
  expect(modulesNeededBy(kernelModule("virtio_ring", "virtio"))).toEqual(["virtio_ring", "virtio"]);
});

test("file names and module names are one", () => {
  expect(moduleName("virtio-rng.ko")).toBe("virtio_rng");
  expect(moduleName("virtio_rng")).toBe("virtio_rng");
});

test("no bytes make the reader throw, and a damaged module needs what it still says or nothing", () => {
  const whole = kernelModule("virtio");
  fc.assert(
    fc.property(
      fc.nat(whole.length - 1),
      fc.integer({ min: 0, max: 255 }),
      fc.nat(whole.length),
      (at, byte, cut) => {
        const damaged = whole.slice(0, cut);
        if (at < cut) damaged[at] = byte;
        expect(Array.isArray(modulesNeededBy(damaged))).toBe(true);
      },
    ),
    { numRuns: 2000 },
  );
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void modulesNeededBy(bytes)));
});
