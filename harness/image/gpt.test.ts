import { describe, expect, test } from "vitest";
import * as fc from "fast-check";
import { MIB, SECTOR_BYTES } from "./bytes.ts";
import { GPT_BACKUP_SECTORS, type PartitionTable, encodeGpt, partitionTypes } from "./gpt.ts";
import { readGpt } from "./gpt-read.ts";
import { contentDigest, guidBytes, guidText, nameBasedId, nameBasedSerial } from "./ids.ts";
import { memorySource } from "./source.ts";
import { inDirectory, messagesOf, missingTools, must, tool } from "./testing.ts";
import { writeToFile, writeToMemory } from "./targets.ts";

const seed = { image: "a", content: contentDigest(["x"]) };

function table(sectors: number): PartitionTable {
  return {
    diskId: nameBasedId(seed, "disk"),
    sectors,
    partitions: [
      { name: "one", type: partitionTypes.biosBoot, id: nameBasedId(seed, "1"), firstLba: 40, lastLba: 99 },
      {
        name: "two",
        type: partitionTypes.efiSystem,
        id: nameBasedId(seed, "2"),
        firstLba: 100,
        lastLba: 300,
      },
    ],
  };
}

function planOf(t: PartitionTable) {
  const gpt = encodeGpt(t, new Uint8Array(440).fill(0x90));
  const at = (lba: number, bytes: Uint8Array) => ({ what: `LBA ${lba}`, offset: lba * SECTOR_BYTES, bytes });
  const pieces = [
    at(0, gpt.protectiveMbr),
    at(1, gpt.header),
    at(2, gpt.entries),
    at(t.sectors - GPT_BACKUP_SECTORS, gpt.entries),
    at(t.sectors - 1, gpt.backupHeader),
  ];
  return { size: t.sectors * SECTOR_BYTES, pieces, undigested: [] };
}

describe("partition table", () => {
  test("reads back as it was written", () => {
    const t = table(4096);
    expect(must(readGpt(memorySource(writeToMemory(planOf(t)).bytes)))).toEqual(t);
  });

  test("every changed byte of it is found", () => {
    const t = table(400);
    const image = writeToMemory(planOf(t)).bytes;
    const inTable = fc.oneof(
      fc.integer({ min: 446, max: 34 * 512 - 1 }),
      fc.integer({ min: 367 * 512, max: 400 * 512 - 1 }),
    );
    fc.assert(
      fc.property(inTable, fc.integer({ min: 1, max: 255 }), (offset, flip) => {
        // The rest of a header's sector and the unused entries of the MBR are reserved; CHS means nothing.
        const inSector = offset % 512;
        const lba = Math.floor(offset / 512);
        fc.pre(!((lba === 1 || lba === 399) && inSector >= 92));
        fc.pre(
          !(lba === 0 && inSector < 510 && ![450, 454, 455, 456, 457, 458, 459, 460, 461].includes(inSector)),
        );
        const damaged = image.slice();
        damaged[offset] = (damaged[offset] ?? 0) ^ flip;
        expect(readGpt(memorySource(damaged)).ok).toBe(false);
      }),
    );
  });

  test("names what is wrong and where", () => {
    const t = table(400);
    const image = writeToMemory(planOf(t)).bytes;
    image[2 * 512 + 40] = 1;
    image[399 * 512 + 60] = 7;
    expect(messagesOf(readGpt(memorySource(image)))).toEqual(["LBA 399: the GPT header's checksum is wrong"]);
    const [one, two] = t.partitions;
    if (one === undefined || two === undefined) throw new Error("two partitions");
    const crossed = {
      ...t,
      partitions: [
        { ...one, lastLba: 120 },
        { ...two, lastLba: 390 },
      ],
    };
    expect(messagesOf(readGpt(memorySource(writeToMemory(planOf(crossed)).bytes)))).toEqual([
      'LBA 100: partition "two" overlaps what stands before it',
      'LBA 390: partition "two" does not end inside the disk',
    ]);
    const grown = new Uint8Array(500 * 512);
    grown.set(writeToMemory(planOf(t)).bytes);
    expect(messagesOf(readGpt(memorySource(grown)))).toEqual([
      "LBA 0: the protective partition does not cover the disk",
      "LBA 499: there is no GPT header",
    ]);
    expect(messagesOf(readGpt(memorySource(new Uint8Array(700))))).toContain(
      "LBA 1: the image is too small to hold a partition table",
    );
  });

  const missing = missingTools("sfdisk", "sgdisk");
  test.skipIf(missing.length > 0)(
    `sfdisk and sgdisk accept it (${missing.join(", ") || "both here"})`,
    async () => {
      await inDirectory((directory) => {
        // The last one is beyond 2 TiB, where the protective MBR can no longer tell the size.
        for (const sectors of [2048, 4096, (1024 * MIB) / 512, 3 * 2 ** 31]) {
          const path = `${directory}/disk.img`;
          must(writeToFile(planOf(table(sectors)), path));
          expect(tool(["sfdisk", "--verify", path])).toContain("No errors detected");
          expect(tool(["sgdisk", "-v", path])).toContain("No problems found");
          expect(tool(["sgdisk", "-i", "2", path])).toContain(nameBasedId(seed, "2").toUpperCase());
        }
      });
    },
  );
});

describe("ids", () => {
  test("depend on image, role and content, and on nothing else", () => {
    const other = { ...seed, content: contentDigest(["y"]) };
    const ids = [
      nameBasedId(seed, "disk"),
      nameBasedId(seed, "esp"),
      nameBasedId({ ...seed, image: "b" }, "disk"),
      nameBasedId(other, "disk"),
    ];
    expect(new Set(ids).size).toBe(4);
    expect(nameBasedId(seed, "disk")).toBe(ids[0]);
    for (const id of ids)
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/u);
    expect(nameBasedSerial(seed, "esp")).not.toBe(nameBasedSerial(other, "esp"));
  });

  test("are stored with swapped fields and come back", () => {
    const esp = Buffer.from("28732ac11ff8d211ba4b00a0c93ec93b", "hex");
    expect(Buffer.from(guidBytes(partitionTypes.efiSystem))).toEqual(esp);
    expect(guidText(esp)).toBe(partitionTypes.efiSystem);
  });
});
