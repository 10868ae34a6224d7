import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MIB, SECTOR_BYTES } from "./bytes.ts";
import { type FatPlan, planFat } from "./fat.ts";
import type { FatVolumeSpec } from "./fat-encode.ts";
import { fatGeometry } from "./fat-geometry.ts";
import { nameFault, shortNames } from "./fat-names.ts";
import { readFat } from "./fat-read.ts";
import { type FatFile, compareNames } from "./fat-tree.ts";
import { type ByteSource, memorySource } from "./source.ts";
import { codesOf, inDirectory, messagesOf, missingTools, must, noise, tool } from "./testing.ts";
import { writeToFile, writeToMemory } from "./targets.ts";

function volume(bytes: number): FatVolumeSpec {
  return { sectors: bytes / SECTOR_BYTES, hiddenSectors: 4096, serial: 0x1234_5678, label: "CAPOS" };
}

function imageOf(plan: FatPlan, bytes: number): Uint8Array {
  return writeToMemory({ size: bytes, pieces: plan.pieces, undigested: [] }).bytes;
}

const file = (path: string, size: number): FatFile => ({ path, content: noise(size, path.length + size) });

/** What a volume holds, by its own bytes. */
function readBack(source: ByteSource, bytes: number): ReadonlyMap<string, Buffer> {
  const found = must(readFat(source, 0, bytes / SECTOR_BYTES));
  const files = found.nodes.filter((n) => n.kind === "file");
  return new Map(
    files.map((n) => [
      n.path,
      Buffer.concat(
        n.extents.map((e) => source.read(e.offset, e.length)),
        n.size,
      ),
    ]),
  );
}

function expectSame(found: ReadonlyMap<string, Uint8Array>, files: readonly FatFile[]): void {
  expect([...found.keys()].toSorted(compareNames)).toEqual(files.map((f) => f.path).toSorted(compareNames));
  for (const f of files) expect(Buffer.compare(found.get(f.path) ?? Buffer.alloc(0), f.content)).toBe(0);
}

/** Few letters, so that short forms and prefixes collide often; all kinds of dots, spaces and lengths. */
const name = fc
  .oneof(
    fc.stringMatching(/^[abAB]{1,3}(\.[xX]{1,2})?$/u),
    fc.stringMatching(/^[ab~1 +.]{1,14}$/u),
    fc.stringMatching(/^[!-~]{1,40}$/u),
    fc.constantFrom(
      "aaaaaaaa.txt",
      "aaaaaaaaa.txt",
      "AAAAAA~1.TXT",
      "a".repeat(255),
      "kernel.elf",
      ".config",
    ),
  )
  .filter((text) => nameFault(text) === undefined);

const files = fc
  .array(
    fc.record({
      path: fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join("/")),
      size: fc.oneof(fc.constantFrom(0, 1, 511, 512, 513, 4096), fc.nat(20_000)),
    }),
    { maxLength: 60 },
  )
  .map((list) => {
    const kept: FatFile[] = [];
    const trial = (f: FatFile): boolean => planFat(volume(64 * MIB), [...kept, f]).ok;
    for (const { path, size } of list) {
      const f = file(path, size);
      if (trial(f)) kept.push(f);
    }
    return kept;
  });

describe("FAT32 volume", () => {
  test("gives back what was put in, in whatever order it was given", () => {
    const bytes = 64 * MIB;
    fc.assert(
      fc.property(files, (set) => {
        const plan = must(planFat(volume(bytes), set));
        const image = imageOf(plan, bytes);
        expectSame(readBack(memorySource(image), bytes), set);
        for (const f of set) {
          const at = plan.files.get(f.path);
          expect(at === undefined).toBe(f.content.length === 0);
          if (at !== undefined) expect(image[at]).toBe(f.content[0]);
        }
        expect(must(planFat(volume(bytes), set.toReversed())).pieces).toEqual(plan.pieces);
      }),
      { numRuns: 30 },
    );
  });

  test("has directories and files of many clusters", () => {
    const bytes = 64 * MIB;
    const set = [
      ...Array.from({ length: 700 }, (_, i) => file(`many/a rather long name, number ${i}.data`, i % 3)),
      file("big", 3 * MIB + 1),
    ];
    expectSame(readBack(memorySource(imageOf(must(planFat(volume(bytes), set)), bytes)), bytes), set);
  });

  test("refuses names, sets and sizes that do not fit, one problem for each", () => {
    const bad = [
      "",
      "/a",
      "a//b",
      "a/",
      "x".repeat(256),
      "a:b",
      "tab\t",
      "ümlaut",
      "dot.",
      " lead",
      "..",
      "a/./b",
    ];
    const refused = planFat(
      volume(64 * MIB),
      bad.map((path) => file(path, 1)),
    );
    expect(codesOf(refused)).toEqual(bad.map(() => "CAPOS_IMAGE_FILE_NAME"));
    const clash = planFat(
      volume(64 * MIB),
      ["a", "A", "b/c", "B/d", "e", "e/f"].map((path) => file(path, 1)),
    );
    expect(messagesOf(clash)).toEqual([
      '"a" cannot be stored: "A" is there already, and FAT ignores case',
      '"b/c" cannot be stored: "B" is there already and differs in case only',
      '"e/f" cannot be stored: "e" is a file',
    ]);
    expect(codesOf(planFat(volume(64 * MIB), [file("a", 64 * MIB)]))).toEqual(["CAPOS_IMAGE_SIZE"]);
    expect(codesOf(planFat(volume(32 * MIB), []))).toEqual(["CAPOS_IMAGE_SIZE"]);
  });

  test("is exactly full when its last cluster is taken", () => {
    const bytes = 64 * MIB;
    const { clusters = 0 } = fatGeometry(bytes / SECTOR_BYTES) ?? {};
    const set = [file("a", (clusters - 1) * 512)];
    expectSame(readBack(memorySource(imageOf(must(planFat(volume(bytes), set)), bytes)), bytes), set);
    expect(planFat(volume(bytes), [file("a", (clusters - 1) * 512 + 1)]).ok).toBe(false);
  });

  test("no damage makes the reader throw or hang, and damage to its structures is told", () => {
    const bytes = 64 * MIB;
    const plan = must(planFat(volume(bytes), [file("dir/sub/a long file name.bin", 9000), file("b", 600)]));
    const image = imageOf(plan, bytes);
    const structures = plan.pieces.filter((p) => !p.what.startsWith("file "));
    const hit = fc.record({ piece: fc.nat(structures.length - 1), at: fc.nat(), value: fc.nat(255) });
    fc.assert(
      fc.property(fc.array(hit, { minLength: 1, maxLength: 4 }), (hits) => {
        const changed = hits.map(({ piece, at, value }) => {
          const p = structures[piece];
          const offset = (p?.offset ?? 0) + (at % (p?.bytes.length ?? 1));
          const before = image[offset] ?? 0;
          image[offset] = value;
          return { offset, before };
        });
        const result = readFat(memorySource(image), 0, bytes / SECTOR_BYTES);
        for (const { offset, before } of changed.toReversed()) image[offset] = before;
        if (!result.ok) for (const p of result.error) expect(p.message).toMatch(/^byte \d+: /u);
      }),
      { numRuns: 500 },
    );
    expect(readFat(memorySource(image), 0, bytes / SECTOR_BYTES).ok).toBe(true);
  });

  test("names broken chains, shared clusters, lost clusters and differing copies", () => {
    const bytes = 64 * MIB;
    const plan = must(planFat(volume(bytes), [file("a", 2000), file("b", 600)]));
    const faultsAfter = (
      change: (image: Uint8Array, fat: (copy: number, cluster: number) => number) => void,
    ) => {
      const image = imageOf(plan, bytes);
      const tables = plan.pieces.filter((p) => p.what.startsWith("FAT ") && p.what !== "FAT boot sector");
      change(image, (copy, cluster) => (tables[copy]?.offset ?? 0) + cluster * 4);
      return messagesOf(readFat(memorySource(image), 0, bytes / SECTOR_BYTES)).map((m) =>
        m.replace(/^byte \d+: /u, ""),
      );
    };
    const both = (cluster: number, value: number) =>
      faultsAfter((image, fat) => [0, 1].forEach((copy) => image.set([value, 0, 0, 0], fat(copy, cluster))));
    // Cluster 2 is the root, 3 to 6 are `a`, 7 and 8 are `b`.
    expect(both(4, 3)[0]).toBe("file a: cluster 3 of its chain belongs to another chain too");
    expect(both(4, 0)[0]).toBe("file a: its chain breaks off at cluster 4");
    expect(both(7, 5)[0]).toBe("file b: cluster 5 of its chain belongs to another chain too");
    expect(both(200, 201)).toContain("cluster 200 is taken and belongs to no file");
    expect(both(200, 201).at(-1)).toMatch(/^FSInfo counts \d+ free clusters; there are \d+$/u);
    expect(faultsAfter((image, fat) => image.set([9], fat(1, 4)))).toEqual(["FAT 2 differs from FAT 1"]);
    expect(faultsAfter((image) => image.set([1], 6 * 512 + 3))).toEqual([
      "the copy of the boot sector differs from it",
    ]);
  });

  const missing = missingTools("fsck.vfat", "mcopy", "mdir", "mtype");
  describe.skipIf(missing.length > 0)(`and Debian's tools (missing: ${missing.join(", ") || "none"})`, () => {
    test("fsck.vfat finds nothing and mtools reads the same files back", async () => {
      await fc.assert(
        fc.asyncProperty(files, fc.constantFrom(64, 100, 300), async (set, mib) => {
          await inDirectory((directory) => checkWithTools(directory, set, mib * MIB));
        }),
        { numRuns: 12 },
      );
    });

    test("clusters grow with the volume, and it stays FAT32", async () => {
      await inDirectory((directory) => {
        for (const gib of [1, 9, 20, 40]) {
          const path = join(directory, "volume.img");
          const bytes = gib * 1024 * MIB;
          const plan = must(planFat(volume(bytes), [file("dir/file", 5 * MIB)]));
          must(writeToFile({ size: bytes, pieces: plan.pieces, undigested: [] }, path));
          expect(tool(["fsck.vfat", "-n", "-v", path])).toContain("2 FATs, 32 bit entries");
        }
      });
    });
  });
});

async function checkWithTools(directory: string, set: readonly FatFile[], bytes: number): Promise<void> {
  const image = join(directory, "volume.img");
  const plan = must(planFat(volume(bytes), set));
  must(writeToFile({ size: bytes, pieces: plan.pieces, undigested: [] }, image));
  expect(tool(["fsck.vfat", "-n", image])).toMatch(/: \d+ files, \d+\/\d+ clusters/u);
  expect(tool(["mdir", "-i", image, "::"])).toContain("Volume in drive : is CAPOS");
  // mtools takes some characters of a name for a pattern, so files are read through their directories.
  const out = join(directory, "out");
  mkdirSync(out);
  if (set.length > 0) tool(["mcopy", "-n", "-s", "-i", image, "::*", out]);
  for (const f of set) {
    expect(Buffer.compare(readFileSync(join(out, f.path)), f.content)).toBe(0);
  }
  const plain = set.find((f) => /^[a-z.]+$/iu.test(f.path));
  if (plain !== undefined) {
    expect(tool(["mtype", "-i", image, `::${plain.path}`])).toBe(
      Buffer.from(plain.content).toString("latin1"),
    );
  }
}

describe("short names", () => {
  test("are legal, all different, and do not take a name that is itself short", () => {
    fc.assert(
      fc.property(fc.uniqueArray(name, { selector: (n) => n.toUpperCase(), maxLength: 200 }), (names) => {
        const shorts = [...shortNames(names).values()];
        expect(new Set(shorts).size).toBe(names.length);
        for (const short of shorts)
          expect(short).toMatch(/^[A-Z0-9$%'\-_@~`!(){}^#&]{1,8} *[A-Z0-9$%'\-_@~`!(){}^#&]{0,3} *$/u);
        for (const n of names)
          if (/^[A-Z0-9]{1,8}$/u.test(n)) expect(shortNames(names).get(n)).toBe(n.padEnd(11));
      }),
    );
  });

  test("get numeric tails that stay unique past 9 and 99", () => {
    const names = Array.from({ length: 120 }, (_, i) => `long name ${i}.text`);
    const shorts = [...shortNames(names).values()];
    expect(shorts.slice(0, 2)).toEqual(["LONGNA~1TEX", "LONGNA~2TEX"]);
    expect(shorts.at(99)).toBe("LONG~100TEX");
    expect(new Set(shorts).size).toBe(120);
  });
});
