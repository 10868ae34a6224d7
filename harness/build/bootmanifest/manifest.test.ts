import { spawnSync } from "node:child_process";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MalformedMessage } from "../bindings/message.ts";
import { bootManifest } from "./arbitrary.ts";
import { decodeBootManifest, encodeBootManifest, type BootManifest } from "./generated/boot-manifest.ts";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../../..");

/** Cap'n Proto's JSON form of a manifest. What is empty is left out, as the encoder makes it a null pointer. */
function jsonOf(manifest: BootManifest): string {
  const plain = (value: unknown): unknown => {
    if (typeof value === "bigint") return value.toString();
    if (value instanceof Uint8Array) return value.length === 0 ? undefined : [...value];
    if (Array.isArray(value)) return value.length === 0 ? undefined : value.map((each) => plain(each) ?? "");
    if (typeof value === "object" && value !== null) {
      if ("kind" in value && typeof value.kind === "string") {
        return { [value.kind]: "value" in value ? (plain(value.value) ?? "") : null };
      }
      return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, plain(each)]));
    }
    return value === "" ? undefined : value;
  };
  return JSON.stringify(plain(manifest));
}

function capnp(args: readonly string[], input: Uint8Array | string): Buffer {
  const { status, stdout, stderr } = spawnSync(
    "capnp",
    ["convert", ...args, "kernel/abi/capos.capnp", "BootManifest"],
    {
      cwd: root,
      input,
    },
  );
  if (status !== 0) throw new Error(stderr.toString());
  return stdout;
}

describe("a boot manifest", () => {
  test("comes back from its message", () => {
    fc.assert(
      fc.property(bootManifest, (manifest) => {
        expect(decodeBootManifest(encodeBootManifest(manifest))).toEqual(manifest);
      }),
    );
  });

  test("is encoded to the bytes of Cap'n Proto's own canonical form", () => {
    fc.assert(
      fc.property(bootManifest, (manifest) => {
        const message = encodeBootManifest(manifest);
        // The message is a fixed point of the reference implementation's canonicalisation...
        expect(capnp(["flat:canonical"], message)).toEqual(Buffer.from(message));
        // ... and says what the manifest says.
        const said: unknown = JSON.parse(capnp(["flat:json"], message).toString());
        expect(said).toEqual(JSON.parse(capnp(["json:json"], jsonOf(manifest)).toString()));
      }),
      { numRuns: 40 },
    );
  });

  test("is never misread: damaged bytes are refused, or say something that can be written", () => {
    const damage = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), {
      minLength: 1,
      maxLength: 8,
    });
    fc.assert(
      fc.property(bootManifest, damage, (manifest, changes) => {
        const message = encodeBootManifest(manifest);
        for (const [at, value] of changes) message[at % message.length] = value;
        try {
          encodeBootManifest(decodeBootManifest(message));
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedMessage);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test("refuses numbers that its fields cannot hold", () => {
    const manifest: BootManifest = {
      schemaVersion: 2 ** 32,
      image: "",
      binaries: [],
      init: { binary: 0, grants: [] },
      services: [],
    };
    expect(() => encodeBootManifest(manifest)).toThrow(RangeError);
    expect(() => encodeBootManifest({ ...manifest, schemaVersion: 1.5 })).toThrow(RangeError);
    expect(encodeBootManifest({ ...manifest, schemaVersion: 0 })).toHaveLength(8 + 24 + 0);
  });
});
