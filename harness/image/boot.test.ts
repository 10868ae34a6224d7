/**
 * Real boots: a disk made by this room, started by Debian's QEMU under both firmwares from three kinds of
 * disk. The kernel is a fixture that prints what GRUB gave it.
 */
import { execFile } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ok } from "../base/index.ts";
import { MIB } from "./bytes.ts";
import { makeGrubParts } from "./grub.ts";
import { type HybridDiskSpec, hybridDisk } from "./hybrid.ts";
import { inDirectory, missingTools, must, noise, tool } from "./testing.ts";
import { writeToFile } from "./targets.ts";

const OVMF = "/usr/share/OVMF";
const missing = missingTools("qemu-system-x86_64", "grub-mkimage", "gcc");
const stamp = "nonce=0123456789abcdef0123456789abcdef boot=7";

const buses = {
  nvme: ["-device", "nvme,drive=system,serial=system,bootindex=0"],
  "virtio-scsi": ["-device", "virtio-scsi-pci", "-device", "scsi-hd,drive=system,bootindex=0"],
  ide: ["-device", "ide-hd,drive=system,bootindex=0"],
} as const;
const firmwares = ["bios", "uefi"] as const;
const matrix = firmwares.flatMap((firmware) =>
  (["nvme", "virtio-scsi", "ide"] as const).map((bus) => ({ firmware, bus })),
);

interface Boot {
  readonly status: number | null;
  readonly serial: string;
}

/** Boots `image` in a directory of its own, with a fresh variable store: a used one remembers another bus. */
async function boot(
  directory: string,
  firmware: (typeof firmwares)[number],
  bus: keyof typeof buses,
  image: string,
  more: readonly string[] = [],
): Promise<Boot> {
  mkdirSync(directory, { recursive: true });
  const serial = join(directory, "serial");
  const argv = [
    "-machine",
    "q35",
    "-cpu",
    "max",
    "-m",
    "256M",
    "-accel",
    "tcg",
    "-nodefaults",
    "-no-user-config",
  ];
  argv.push("-display", "none", "-no-reboot", "-serial", `file:${serial}`);
  argv.push("-device", "isa-debug-exit,iobase=0xf4,iosize=4");
  if (firmware === "uefi") {
    const variables = join(directory, "vars.fd");
    copyFileSync(join(OVMF, "OVMF_VARS_4M.fd"), variables);
    argv.push("-drive", `if=pflash,format=raw,unit=0,readonly=on,file=${join(OVMF, "OVMF_CODE_4M.fd")}`);
    argv.push("-drive", `if=pflash,format=raw,unit=1,file=${variables}`);
  }
  argv.push(...more, "-drive", `if=none,id=system,format=raw,file=${image},snapshot=on`, ...buses[bus]);
  const status = await new Promise<number | null>((resolve) => {
    const child = execFile("qemu-system-x86_64", argv, { timeout: 240_000, killSignal: "SIGKILL" }, () => {
      resolve(child.exitCode);
    });
  });
  return { status, serial: readFileSync(serial, "latin1") };
}

describe.skipIf(missing.length > 0)(`the disk boots (missing: ${missing.join(", ") || "none"})`, () => {
  let finished = (): void => {};
  let directory = "";
  let spec: HybridDiskSpec;

  beforeAll(async () => {
    // The directory lives until the last test is done.
    directory = await new Promise((resolve) => {
      void inDirectory(async (made) => {
        resolve(made);
        await new Promise<void>((end) => (finished = end));
      });
    });
    const kernel = join(directory, "kernel.elf");
    const fixture = join(import.meta.dirname, "fixtures", "multiboot2.S");
    const link = ["-m32", "-nostdlib", "-static", "-no-pie", "-Wl,-Ttext=0x200000,--build-id=none"];
    tool(["gcc", ...link, "-o", kernel, fixture]);
    const grub = must(await makeGrubParts(async (argv) => ok(tool(argv)), join(directory, "grub")));
    const bootModule = noise(MIB, 11);
    bootModule.set(Buffer.from("CAPOSBM1"));
    spec = { name: "boot-test", kernel: readFileSync(kernel), bootModule, grub, stamp };
  });
  afterAll(() => finished());

  function disk(name: string, more: Partial<HybridDiskSpec> = {}): string {
    const path = join(directory, `${name}.img`);
    must(writeToFile(must(hybridDisk({ ...spec, ...more })), path));
    return path;
  }

  test.concurrent.each(matrix)("under $firmware from $bus", async ({ firmware, bus }) => {
    const image = disk(`${firmware}-${bus}`, { sizeBytes: 1024 * MIB });
    const { status, serial } = await boot(join(directory, `${firmware}-${bus}`), firmware, bus, image);
    expect(serial).toContain(`multiboot2 [${stamp}] module CAPOSBM1\r\n`);
    expect(status).toBe(33);
  });

  test("and no other image does that GRUB would find first", async () => {
    // Under UEFI the SATA disk is GRUB's first one, although the machine starts from NVMe.
    const image = disk("right");
    const other = disk("wrong", { name: "other", bootModule: noise(5000, 12) });
    const drive = `if=none,id=other,format=raw,file=${other},snapshot=on`;
    const inFront = ["-drive", drive, "-device", "ide-hd,drive=other,bootindex=1"];
    const { status, serial } = await boot(join(directory, "two"), "uefi", "nvme", image, inFront);
    expect(serial).toContain("module CAPOSBM1");
    expect(status).toBe(33);
  });

  test("and turns the machine off when GRUB cannot start the kernel", async () => {
    // A valid header is all that the tool looks for; GRUB wants an ELF file behind it.
    const kernel = noise(4096, 13);
    kernel.set(spec.kernel.subarray(0x1000, 0x1020), 0);
    const image = disk("broken", { kernel });
    const { status, serial } = await boot(join(directory, "broken"), "bios", "ide", image);
    expect(serial).toContain("capos: GRUB could not start the kernel");
    expect(status).toBe(0);
  });

  test("from a disk of 3 TiB, more than an MBR can tell", async () => {
    const image = disk("huge", { sizeBytes: 3 * 1024 * 1024 * MIB });
    const { status } = await boot(join(directory, "huge"), "bios", "virtio-scsi", image);
    expect(status).toBe(33);
  });
});
