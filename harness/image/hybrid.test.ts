import { statSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MIB } from "./bytes.ts";
import { firstDifference } from "./compare.ts";
import { undigestedRanges } from "./contents.ts";
import { extractFile, readContents, readDisk } from "./disk-read.ts";
import { diskPaths, stampFile } from "./grub-config.ts";
import { hybridDisk } from "./hybrid.ts";
import { measureImage, memorySource, withImageFile } from "./source.ts";
import {
  codesOf,
  fakeGrub,
  fakeSpec,
  inDirectory,
  messagesOf,
  missingTools,
  must,
  noise,
  tool,
} from "./testing.ts";
import { measurePlan, writeToFile, writeToMemory } from "./targets.ts";

const stamp = "nonce=0123456789abcdef0123456789abcdef boot=7";

describe("hybrid disk", () => {
  test("says the table of contents that its bytes say, and the digest that they have", () => {
    const disk = must(hybridDisk(fakeSpec({ stamp })));
    const written = writeToMemory(disk);
    const source = memorySource(written.bytes);
    const contents = must(readContents(source));
    expect(contents).toEqual(disk.contents);
    expect(measureImage(source, undigestedRanges(contents)).digest).toBe(written.digest);
    expect(measurePlan(disk).digest).toBe(written.digest);
    expect(contents.partitions.map((p) => [p.name, p.firstLba])).toEqual([
      ["bios-boot", 2048],
      ["esp", 4096],
    ]);
    expect(contents.files.map((f) => f.path)).toEqual(Object.values(diskPaths).toSorted());
  });

  test("holds the files that went in", () => {
    const spec = fakeSpec();
    const source = memorySource(writeToMemory(must(hybridDisk(spec))).bytes);
    const disk = must(readDisk(source));
    const read = (path: string): Buffer => Buffer.from(must(extractFile(source, disk, path)));
    expect(read(diskPaths.kernel).equals(spec.kernel)).toBe(true);
    expect(read(diskPaths.bootModule).equals(spec.bootModule)).toBe(true);
    expect(read(diskPaths.efi).equals(spec.grub.efi)).toBe(true);
    expect(read(diskPaths.marker).toString()).toBe(`test-image\n${disk.table.diskId}\n`);
    expect(codesOf(extractFile(source, disk, "nothing"))).toEqual(["CAPOS_IMAGE_FILE_NAME"]);
  });

  test("leaves its inputs alone, also when they are Buffers, whose slices share bytes", () => {
    const grub = fakeGrub();
    const buffers = {
      boot: Buffer.from(grub.boot),
      core: Buffer.from(grub.core),
      efi: Buffer.from(grub.efi),
    };
    writeToMemory(must(hybridDisk(fakeSpec({ grub: buffers, stamp }))));
    expect(buffers.boot.equals(grub.boot)).toBe(true);
    expect(buffers.core.equals(grub.core)).toBe(true);
  });

  test("is as large as asked, with the backup table at the true end, or as small as it can be", () => {
    expect(must(hybridDisk(fakeSpec())).size).toBe(67 * MIB);
    for (const size of [67 * MIB + 512, 1024 * MIB, 5 * 1024 * MIB + 512]) {
      const disk = must(hybridDisk(fakeSpec({ sizeBytes: size })));
      const last = disk.pieces.at(-1);
      expect(last?.what).toBe("backup GPT header");
      expect((last?.offset ?? 0) + 512).toBe(size);
    }
    expect(codesOf(hybridDisk(fakeSpec({ sizeBytes: 67 * MIB - 512 })))).toEqual(["CAPOS_IMAGE_SIZE"]);
    expect(codesOf(hybridDisk(fakeSpec({ sizeBytes: 1024 * MIB + 1 })))).toEqual(["CAPOS_IMAGE_SIZE"]);
    const large = must(hybridDisk(fakeSpec({ bootModule: noise(256 * MIB, 5) })));
    expect(large.size).toBeGreaterThan(259 * MIB);
    expect(large.size).toBeLessThanOrEqual(264 * MIB);
  });

  test("refuses what could not boot, all faults at once", () => {
    const refused = hybridDisk(fakeSpec({ name: "a b", kernel: noise(1000, 1), stamp: "nonce=1; halt" }));
    expect(codesOf(refused)).toEqual(["CAPOS_IMAGE_NAME", "CAPOS_IMAGE_KERNEL", "CAPOS_IMAGE_STAMP"]);
    const grub = fakeGrub();
    const faults = [
      { ...grub, boot: noise(512, 3) },
      { ...grub, boot: grub.boot.subarray(0, 100) },
      { ...grub, core: noise(100_000, 3) },
      { ...grub, core: new Uint8Array(2 * MIB) },
    ];
    for (const fault of faults)
      expect(codesOf(hybridDisk(fakeSpec({ grub: fault })))).toEqual(["CAPOS_IMAGE_GRUB"]);
  });

  test("a stamp changes its own sector and no identity", () => {
    const plain = must(hybridDisk(fakeSpec()));
    const stamped = must(hybridDisk(fakeSpec({ stamp })));
    const [a, b] = [writeToMemory(plain), writeToMemory(stamped)];
    expect(a.digest).toBe(b.digest);
    expect(stamped.contents.diskId).toBe(plain.contents.diskId);
    const [range] = stamped.undigested;
    if (range === undefined) throw new Error("the stamp has a place");
    const changed = a.bytes.map((byte, i) => byte ^ (b.bytes[i] ?? 0));
    changed.fill(0, range.offset, range.offset + range.length);
    expect(changed.every((byte) => byte === 0)).toBe(true);
    const sector = Buffer.from(b.bytes.subarray(range.offset, range.offset + range.length));
    expect(sector.toString()).toBe(`set capos_stamp="${stamp}"\n`.padEnd(512, "\n"));
    expect(sector.equals(stampFile(stamp))).toBe(true);
  });

  test("any other change of an input changes the digest and the ids", () => {
    const base = must(hybridDisk(fakeSpec()));
    const spec = fakeSpec();
    const changed = (bytes: Uint8Array): Uint8Array => bytes.with(200, (bytes[200] ?? 0) ^ 1);
    const others = [
      { name: "other" },
      { kernel: changed(spec.kernel) },
      { bootModule: changed(spec.bootModule) },
      { grub: { ...spec.grub, efi: changed(spec.grub.efi) } },
      { grub: { ...spec.grub, core: changed(spec.grub.core) } },
      { grub: { ...spec.grub, boot: changed(spec.grub.boot) } },
    ].map((more) => must(hybridDisk(fakeSpec(more))));
    const all = [base, ...others];
    expect(new Set(all.map((d) => measurePlan(d).digest)).size).toBe(all.length);
    expect(
      new Set(all.flatMap((d) => [d.contents.diskId, ...d.contents.partitions.map((p) => p.id)])).size,
    ).toBe(3 * all.length);
  });

  test("is stored sparse, and appears complete or not at all", async () => {
    await inDirectory((directory) => {
      const path = join(directory, "sub", "disk.img");
      const disk = must(hybridDisk(fakeSpec({ sizeBytes: 3 * 1024 * MIB })));
      const written = must(writeToFile(disk, path));
      const stat = statSync(path);
      expect(stat.size).toBe(3 * 1024 * MIB);
      expect(stat.blocks * 512).toBeLessThan(3 * MIB);
      const stored = written.extents.reduce((sum, e) => sum + e.length, 0);
      expect(stored).toBeLessThan(2 * MIB);
      expect(must(withImageFile(path, readContents))).toEqual(disk.contents);
      expect(codesOf(writeToFile(disk, join(path, "below-a-file")))).toEqual(["CAPOS_IMAGE_WRITE"]);
      expect(tool(["ls", directory]).trim()).toBe("sub");
      expect(tool(["ls", join(directory, "sub")]).trim()).toBe("disk.img");
      expect(codesOf(withImageFile(join(directory, "none"), readContents))).toEqual(["CAPOS_IMAGE_READ"]);
    });
  });
});

describe("comparing two images", () => {
  const disk = must(hybridDisk(fakeSpec()));
  const image = writeToMemory(disk).bytes;
  const source = memorySource(image);
  const at = (offset: number): string | undefined => {
    const other = image.slice();
    other[offset] = (other[offset] ?? 0) ^ 1;
    const difference = firstDifference(source, memorySource(other));
    expect(difference?.offset).toBe(offset);
    return difference?.structure;
  };
  const offsetOf = (path: string): number =>
    (must(readContents(source)).files.find((f) => f.path === path)?.lba ?? 0) * 512;

  test("names the structure that holds the first difference", () => {
    const esp = 4096 * 512;
    const fat2 = disk.pieces.find((p) => p.what === "FAT 2")?.offset ?? 0;
    expect(firstDifference(source, source)).toBeUndefined();
    expect(at(3)).toBe("protective MBR");
    expect(at(512 + 60)).toBe("GPT header");
    expect(at(1024 + 130)).toBe("GPT entry 2");
    expect(at(50 * 512)).toBe("unused sector 50 outside all partitions");
    expect(at(2048 * 512 + 9)).toBe("partition bios-boot, byte 9");
    expect(at(esp + 67)).toBe("FAT boot sector");
    expect(at(esp + 512 + 488)).toBe("FSInfo");
    expect(at(esp + 6 * 512)).toBe("copy of the FAT boot sector");
    expect(at(esp + 7 * 512)).toBe("copy of FSInfo");
    expect(at(esp + 9 * 512)).toBe("reserved sector 9 of the FAT volume");
    expect(at(esp + 32 * 512 + 4)).toBe("FAT 1, entry of cluster 1 (a mark)");
    expect(at(esp + 32 * 512 + 4 * 2)).toBe("FAT 1, entry of cluster 2 (directory /)");
    expect(at(fat2 + 4 * 6)).toMatch(/^FAT 2, entry of cluster 6 \(file EFI\/BOOT\/BOOTX64.EFI\)$/u);
    expect(at(offsetOf(diskPaths.kernel) + 700)).toBe("file capos/kernel.elf, byte 700");
    expect(at(offsetOf(diskPaths.grubConfig) + 400)).toBe("file grub.cfg, the rest of its last cluster");
    expect(at(offsetOf("EFI/BOOT/BOOTX64.EFI") - 4 * 512 + 33)).toBe("directory /, entry 2");
    expect(at(60 * MIB)).toBe("free cluster of the FAT volume");
    expect(at(image.length - 33 * 512 + 5)).toBe("backup GPT entry 1");
    expect(at(image.length - 512)).toBe("backup GPT header");
  });

  test("tells when one is shorter or neither can be read", () => {
    expect(firstDifference(source, memorySource(image.subarray(0, -512)))?.structure).toBe(
      "the end of the shorter image",
    );
    const junk = noise(1000, 1);
    expect(firstDifference(memorySource(junk), memorySource(junk.with(600, 1)))?.structure).toBe(
      "LBA 1 of a disk that cannot be read",
    );
  });

  test("no image makes the reader throw", () => {
    const work = image.slice();
    fc.assert(
      fc.property(fc.nat(3 * MIB), fc.uint8Array({ minLength: 1, maxLength: 64 }), (offset, bytes) => {
        const before = work.slice(offset, offset + bytes.length);
        work.set(bytes, offset);
        readContents(memorySource(work));
        work.set(before, offset);
      }),
      { numRuns: 200 },
    );
    expect(messagesOf(readContents(memorySource(noise(MIB, 9)))).at(-1)).toBe(
      "LBA 2047: there is no GPT header",
    );
  });
});

const missing = missingTools("sfdisk", "sgdisk", "fsck.vfat", "mcopy", "dd");
describe.skipIf(missing.length > 0)(
  `Debian's tools accept the disk (missing: ${missing.join(", ") || "none"})`,
  () => {
    test("partition table, file system and files", async () => {
      await inDirectory((directory) => {
        const path = join(directory, "disk.img");
        const spec = fakeSpec({ sizeBytes: 1024 * MIB });
        const disk = must(hybridDisk(spec));
        must(writeToFile(disk, path));
        expect(tool(["sfdisk", "--verify", path])).toContain("No errors detected");
        expect(tool(["sgdisk", "-v", path])).toContain("No problems found");
        const dump = tool(["sfdisk", "--dump", path]).toLowerCase();
        for (const { id, type } of disk.contents.partitions) {
          expect(dump).toContain(`type=${type}, uuid=${id}`);
        }
        const esp = join(directory, "esp.img");
        tool(["dd", `if=${path}`, `of=${esp}`, "bs=1M", "skip=2", "count=64", "conv=sparse", "status=none"]);
        expect(tool(["fsck.vfat", "-n", esp])).toContain("10 files");
        const kernel = tool(["mtype", "-i", `${path}@@2M`, `::${diskPaths.kernel}`]);
        expect(Buffer.from(kernel, "latin1").equals(spec.kernel)).toBe(true);
      });
    });
  },
);
