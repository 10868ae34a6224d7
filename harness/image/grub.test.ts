import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fail, ok, problem } from "../base/index.ts";
import { imageCodes } from "./codes.ts";
import { type RunTool, grubInvocations, makeGrubParts } from "./grub.ts";
import { diskConfig, earlyConfig, isStamp, stampFile } from "./grub-config.ts";
import { hasMultiboot2Header, patchBootSector, patchCore } from "./grub-patch.ts";
import { codesOf, fakeGrub, fakeKernel, inDirectory, missingTools, must, noise, tool } from "./testing.ts";

const runTool: RunTool = async (argv) => ok(tool(argv));

describe("GRUB's scripts", () => {
  test("are these", () => {
    expect(earlyConfig()).toMatchInlineSnapshot(`
      "serial --unit=0 --speed=115200
      terminal_input serial
      terminal_output serial
      search --no-floppy --file --set=root --hint=$root /capos/image.id
      configfile /grub.cfg
      "
    `);
    expect(diskConfig()).toMatchInlineSnapshot(`
      "set gfxpayload=text
      source /capos/stamp.cfg
      multiboot2 /capos/kernel.elf $capos_stamp
      module2 /capos/boot.bin boot
      boot
      echo "capos: GRUB could not start the kernel"
      halt
      "
    `);
  });

  test("only a stamp gets into one", () => {
    expect(isStamp(`nonce=${"0".repeat(32)} boot=0`)).toBe(true);
    expect(isStamp(`nonce=${"f".repeat(32)} boot=12`)).toBe(true);
    const bad = ["", "nonce=1 boot=1", `nonce=${"0".repeat(32)} boot=01`, `nonce=${"0".repeat(32)} boot=1\n`];
    for (const text of bad) expect(isStamp(text)).toBe(false);
    fc.assert(fc.property(fc.string(), (text) => !isStamp(text)));
    expect(stampFile(undefined).length).toBe(512);
  });
});

describe("GRUB's parts", () => {
  const missing = missingTools("grub-mkimage");
  test.skipIf(missing.length > 0)(
    `come from grub-mkimage, the same each time (missing: ${missing.join(", ") || "none"})`,
    async () => {
      await inDirectory(async (directory) => {
        const one = must(await makeGrubParts(runTool, join(directory, "one")));
        const two = must(await makeGrubParts(runTool, join(directory, "two")));
        expect(Buffer.compare(one.core, two.core) + Buffer.compare(one.efi, two.efi)).toBe(0);
        expect(Buffer.from(one.efi).subarray(0, 2).toString()).toBe("MZ");
        expect(patchBootSector(one.boot, 2048).ok && patchCore(one.core, 2048, 2048).ok).toBe(true);
      });
    },
  );

  test("are looked for where the calls put them", async () => {
    await inDirectory(async (directory) => {
      const { core, efi } = grubInvocations(directory);
      expect(core.argv.slice(0, 9)).toEqual([
        "grub-mkimage",
        "-O",
        "i386-pc",
        "-p",
        "(,gpt2)/",
        "-c",
        join(directory, "early.cfg"),
        "-o",
        core.output,
      ]);
      expect(efi.argv).toContain("x86_64-efi");
      expect(codesOf(await makeGrubParts(async () => ok(undefined), directory))).toEqual([
        "CAPOS_IMAGE_GRUB",
      ]);
      expect(readFileSync(join(directory, "early.cfg"), "utf8")).toBe(earlyConfig());
      const broken = problem(imageCodes, "CAPOS_IMAGE_GRUB", "it failed");
      expect(await makeGrubParts(async () => fail(broken), directory)).toEqual({
        ok: false,
        error: [broken, broken],
      });
    });
  });
});

describe("patches", () => {
  test("the boot sector knows where its core is, and checks the drive number", () => {
    const code = must(patchBootSector(fakeGrub().boot, 0x1_2345_6789));
    expect(code.length).toBe(440);
    expect(Buffer.from(code).readBigUInt64LE(0x5c)).toBe(0x1_2345_6789n);
    expect([...code.subarray(0x66, 0x68)]).toEqual([0x90, 0x90]);
  });

  test("the core knows its other sectors", () => {
    const { core } = fakeGrub();
    const patched = Buffer.from(must(patchCore(core, 2048, 2048)));
    expect(patched.readBigUInt64LE(0x1f4)).toBe(2049n);
    expect(patched.readUInt16LE(0x1fc)).toBe(Math.ceil(core.length / 512) - 1);
    expect(patched.readUInt16LE(0x1fe)).toBe(0x820);
  });
});

describe("the multiboot2 header", () => {
  test("is found where GRUB finds it, and only there", () => {
    const kernel = fakeKernel(40_000);
    expect(hasMultiboot2Header(kernel)).toBe(true);
    expect(hasMultiboot2Header(kernel.with(68, 1))).toBe(false);
    const header = kernel.subarray(64, 80);
    const at = (offset: number): boolean => {
      const bytes = noise(40_000, 7);
      bytes.set(header, offset);
      return hasMultiboot2Header(bytes);
    };
    expect([0, 8, 32_752, 4, 32_760].map(at)).toEqual([true, true, true, false, false]);
    expect(hasMultiboot2Header(new Uint8Array(3))).toBe(false);
  });
});
