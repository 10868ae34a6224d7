import { execFileSync } from "node:child_process";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MIB } from "../bytes.ts";
import { undigestedRanges } from "../contents.ts";
import { readContents } from "../disk-read.ts";
import { hybridDisk } from "../hybrid.ts";
import { measureImage, memorySource, withImageFile } from "../source.ts";
import { writeToMemory } from "../targets.ts";
import { codesOf, fakeSpec, inDirectory, missingTools, must, noise, tool } from "../testing.ts";
import { growDisk, type SparseDisk } from "./grow.ts";
import { oldGnuArchive } from "./oldgnu.ts";
import { packageName, packDisk, type PackageFormat, type Provider } from "./package.ts";
import { streamVmdk } from "./vmdk.ts";

const GIB = 1024 * MIB;
const disk = writeToMemory(must(hybridDisk(fakeSpec()))).bytes;
const source = memorySource(disk);

describe("a grown disk", () => {
  test("is the same disk with its tables where the new end is", () => {
    const grown = must(growDisk(source, GIB));
    const [was, is] = [must(readContents(source)), must(readContents(grown))];
    expect(is).toEqual({ ...was, size: GIB });
    expect(grown.digest).toBe(measureImage(grown).digest);
  });

  test("of the same size is the same disk", () => {
    expect(must(growDisk(source, disk.length)).digest).toBe(measureImage(source).digest);
  });

  test("cannot be smaller, nor end inside a sector", () => {
    expect(codesOf(growDisk(source, disk.length - 512))).toEqual(["CAPOS_IMAGE_SIZE"]);
    expect(codesOf(growDisk(source, disk.length + 100))).toEqual(["CAPOS_IMAGE_SIZE"]);
  });

  test("is refused when its tables are damaged", () => {
    const damaged = Uint8Array.from(disk);
    damaged[600] = (damaged[600] ?? 0) ^ 1;
    expect(codesOf(growDisk(memorySource(damaged), GIB))).toContain("CAPOS_IMAGE_DAMAGED");
  });
});

const cases: readonly [Provider, PackageFormat][] = [
  ["gcp", "gce-tar"],
  ["aws", "vmdk"],
  ["aws", "raw"],
  ["aws", "vhd"],
  ["azure", "vhd"],
];

describe.skipIf(missingTools("qemu-img", "tar", "sgdisk").length > 0)("a package", () => {
  test.each(cases)("for %s as %s is read back by another tool as the same disk", (provider, format) =>
    inDirectory(async (directory) => {
      const path = join(directory, packageName("test", format));
      const packed = must(await packDisk(source, provider, format, path));
      const raw = join(directory, "read-back.raw");
      if (format === "gce-tar") {
        execFileSync("tar", ["-xzf", path, "-C", directory]);
        execFileSync("mv", [join(directory, "disk.raw"), raw]);
      } else {
        const kind = { vmdk: "vmdk", vhd: "vpc", raw: "raw" }[format];
        execFileSync("qemu-img", ["convert", "-f", kind, "-O", "raw", path, raw]);
      }
      expect(statSync(raw).size).toBe(packed.diskBytes);
      const read = withImageFile(raw, (image) => ({ ok: true, value: measureImage(image).digest }));
      expect(must(read)).toBe(packed.diskDigest);
      expect(tool(["sgdisk", "-v", raw])).toContain("No problems found");
      expect(packed.sha256).toBe(tool(["sha256sum", path]).slice(0, 64));
    }),
  );

  test.each(cases)("for %s as %s is the same, bit for bit, each time", (provider, format) =>
    inDirectory(async (directory) => {
      const [a, b] = [join(directory, "a"), join(directory, "b")];
      const first = must(await packDisk(source, provider, format, a));
      const second = must(await packDisk(source, provider, format, b));
      expect(second).toEqual(first);
    }),
  );

  test("for GCE holds one sparse file of whole GiB in the form that GNU tar calls oldgnu", () =>
    inDirectory(async (directory) => {
      const path = join(directory, "image.tar.gz");
      const packed = must(await packDisk(source, "gcp", "gce-tar", path));
      expect(packed.diskBytes % GIB).toBe(0);
      expect(packed.bytes).toBeLessThan(4 * MIB);
      expect(tool(["tar", "-tvzf", path])).toMatch(
        /^-rw-r--r-- 0\/0 +1073741824 1970-01-01 \d\d:00 disk\.raw\n$/u,
      );
      // A file name and no time are what gzip would add.
      expect([...readFileSync(path).subarray(0, 10)]).toEqual([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);
    }));

  test("can be stamped, which changes one sector", () =>
    inDirectory(async (directory) => {
      const stamp = "nonce=0123456789abcdef0123456789abcdef boot=1";
      const [plain, stamped] = [join(directory, "a.raw"), join(directory, "b.raw")];
      must(await packDisk(source, "aws", "raw", plain));
      must(await packDisk(source, "aws", "raw", stamped, stamp));
      const [a, b] = [readFileSync(plain), readFileSync(stamped)];
      const place = undigestedRanges(must(readContents(source)))[0]!;
      expect(b.toString("latin1", place.offset, place.offset + 200)).toContain(stamp);
      b.copy(a, place.offset, place.offset, place.offset + place.length);
      expect(a.equals(b)).toBe(true);
      expect(codesOf(await packDisk(source, "aws", "raw", stamped, "nonce=1"))).toEqual([
        "CAPOS_IMAGE_STAMP",
      ]);
    }));

  test("in a format that the provider does not import is refused", async () => {
    expect(codesOf(await packDisk(source, "gcp", "vhd", "/nonexistent/x"))).toEqual(["CAPOS_IMAGE_FORMAT"]);
  });

  test("for Azure is a fixed VHD of whole MiB", () =>
    inDirectory(async (directory) => {
      const path = join(directory, "image.vhd");
      const packed = must(await packDisk(source, "azure", "vhd", path));
      expect(packed.diskBytes % MIB).toBe(0);
      expect(packed.bytes).toBe(packed.diskBytes + 512);
      const info: unknown = JSON.parse(tool(["qemu-img", "info", "--output=json", "-f", "vpc", path]));
      expect(info).toMatchObject({ "virtual-size": packed.diskBytes });
    }));
});

/** A disk of scattered blocks, as large as wanted, of which only the blocks exist. */
function scattered(size: number, blocks: readonly number[]): SparseDisk {
  const content = (block: number): Uint8Array => noise(65_536, block + 1);
  return {
    size,
    digest: "00".repeat(32),
    extents: blocks.map((block) => ({ offset: block * 65_536, length: 65_536 })),
    read(offset, length) {
      const bytes = new Uint8Array(length);
      for (let at = 0; at < length; at += 65_536) {
        const block = Math.floor((offset + at) / 65_536);
        if (blocks.includes(block)) bytes.set(content(block).subarray(0, length - at), at);
      }
      return bytes;
    },
  };
}

describe.skipIf(missingTools("qemu-img", "tar").length > 0)("disks of any pattern", () => {
  const patterns = fc.uniqueArray(fc.integer({ min: 0, max: 1023 }), { maxLength: 60 });

  test("survive the archive, with maps of any length and ends in a hole or not", () =>
    inDirectory((directory) => {
      fc.assert(
        fc.property(patterns, (picked) => {
          const sparse = scattered(
            64 * MIB,
            picked.toSorted((a, b) => a - b),
          );
          const file = join(directory, "a.tar");
          writeFileSync(file, Buffer.concat([...oldGnuArchive("disk.raw", sparse)]));
          execFileSync("tar", ["-xf", file, "-C", directory]);
          const back = readFileSync(join(directory, "disk.raw"));
          expect(back.equals(sparse.read(0, sparse.size))).toBe(true);
        }),
        { numRuns: 25 },
      );
    }));

  test("survive the VMDK", () =>
    inDirectory((directory) => {
      fc.assert(
        fc.property(patterns, (picked) => {
          const sparse = scattered(
            64 * MIB,
            picked.toSorted((a, b) => a - b),
          );
          const [file, raw] = [join(directory, "a.vmdk"), join(directory, "a.raw")];
          writeFileSync(file, Buffer.concat([...streamVmdk(sparse)]));
          execFileSync("qemu-img", ["convert", "-f", "vmdk", "-O", "raw", file, raw]);
          expect(readFileSync(raw).equals(sparse.read(0, sparse.size))).toBe(true);
        }),
        { numRuns: 10 },
      );
    }));

  test("may be larger than the 8 GiB that octal digits can say", () =>
    inDirectory((directory) => {
      const file = join(directory, "a.tar");
      const sparse = scattered(12 * GIB, [0, (10 * GIB) / 65_536]);
      writeFileSync(file, Buffer.concat([...oldGnuArchive("disk.raw", sparse)]));
      expect(tool(["tar", "-tvf", file])).toContain(` ${12 * GIB} `);
      execFileSync("tar", ["-xf", file, "-C", directory]);
      const far = withImageFile(join(directory, "disk.raw"), (image) => ({
        ok: true,
        value: Buffer.from(image.read(10 * GIB, 65_536)).equals(sparse.read(10 * GIB, 65_536)),
      }));
      expect(must(far)).toBe(true);
    }));
});
