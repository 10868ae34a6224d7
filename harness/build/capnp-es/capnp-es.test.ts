/**
 * A second opinion on the boot manifest, from an implementation of Cap'n Proto that shares no code with ours. Needs
 * `npm ci` in this folder; without it the tests are skipped.
 *
 * Only one direction is compared. Canonical form cuts the trailing zeros off the elements of a list, and capnp-es
 * 0.0.16 reads a list element without looking at its size: of a grant whose source is case 0 it takes the case from the
 * pointer that follows. So the tool neither writes nor reads its messages with it.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type * as capos from "./generated/capos.ts";
import { readFramed } from "../bindings/message.ts";
import { bootManifest } from "../bootmanifest/arbitrary.ts";
import {
  readBootManifest,
  type BootManifest,
  type KernelGrant,
  type ServiceGrant,
} from "../bootmanifest/generated/boot-manifest.ts";

const folder = dirname(fileURLToPath(import.meta.url));
const root = resolve(folder, "../../..");
const installed = existsSync(join(folder, "node_modules/capnp-es"));
const title = installed ? "capnp-es" : "capnp-es (skipped: run `npm ci` in harness/build/capnp-es)";

type Generated = typeof capos;

describe.skipIf(!installed)(title, () => {
  test("its committed bindings are those of the schema", () => {
    const out = mkdtempSync(join(tmpdir(), "capos-capnp-es-"));
    const target = process.env["CAPOS_UPDATE"] === "1" ? join(folder, "generated") : out;
    try {
      const tool = join(folder, "node_modules/.bin/capnp-es");
      const args = [`-ots:${target}`, "--src-prefix=kernel/abi", "kernel/abi/capos.capnp"];
      execFileSync(tool, args, { cwd: root, stdio: "ignore" });
      const wanted = readFileSync(join(target, "capos.ts"), "utf8");
      expect(readFileSync(join(folder, "generated/capos.ts"), "utf8")).toBe(wanted);
    } finally {
      rmSync(out, { recursive: true });
    }
  });

  test("writes what we read", async () => {
    const { Message } = await import("capnp-es");
    const { BootManifest } = await import("./generated/capos.ts");
    fc.assert(
      fc.property(bootManifest, (manifest) => {
        const message = new Message();
        fill(message.initRoot(BootManifest), manifest);
        expect(readBootManifest(readFramed(new Uint8Array(message.toArrayBuffer())))).toEqual(manifest);
      }),
      { numRuns: 200 },
    );
  });
});

type Es = InstanceType<Generated["BootManifest"]>;

function fill(out: Es, { schemaVersion, image, binaries, init, services }: BootManifest): void {
  out.schemaVersion = schemaVersion;
  out.image = image;
  const outBinaries = out._initBinaries(binaries.length);
  binaries.forEach(({ name, offset, length, sha256 }, index) => {
    const each = outBinaries.get(index);
    each.name = name;
    each.offset = offset;
    each.length = length;
    each._initSha256(sha256.length).copyBuffer(sha256);
  });
  const outInit = out._initInit();
  outInit.binary = init.binary;
  const initGrants = outInit._initGrants(init.grants.length);
  init.grants.forEach((grant, index) => fillKernelGrant(initGrants.get(index), grant));
  const outServices = out._initServices(services.length);
  services.forEach((service, index) => {
    const each = outServices.get(index);
    each.name = service.name;
    each.binary = service.binary;
    const args = each._initArgs(service.args.length);
    service.args.forEach((arg, at) => args.set(at, arg));
    const grants = each._initGrants(service.grants.length);
    service.grants.forEach((grant, at) => fillServiceGrant(grants.get(at), grant));
    const exports = each._initExports(service.exports.length);
    service.exports.forEach(({ name, interfaceId }, at) => {
      exports.get(at).name = name;
      exports.get(at).interfaceId = interfaceId;
    });
    each.wait = service.wait;
    each.expect = service.expect;
  });
}

function fillKernelGrant(out: InstanceType<Generated["KernelGrant"]>, { name, source }: KernelGrant): void {
  out.name = name;
  if (source.kind === "block") out.source.block = source.value;
  else if (source.kind === "frameAllocator") out.source.frameAllocator = source.value;
  else out.source[source.kind] = true;
}

function fillServiceGrant(
  out: InstanceType<Generated["ServiceGrant"]>,
  { name, source }: ServiceGrant,
): void {
  out.name = name;
  if (source.kind === "console") out.source.console = true;
  else if (source.kind === "init") out.source.init = source.value;
  else {
    const reference = out.source._initExport();
    reference.service = source.value.service;
    reference.export = source.value.export;
  }
}
