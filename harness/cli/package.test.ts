/** Packages as providers import them, unpacked by other tools and booted. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ScratchTree, scratchTree } from "./testing.ts";

let tree: ScratchTree;
beforeAll(() => (tree = scratchTree()));
afterAll(() => tree.dispose());

/** Boots a disk under the emulator that reads its format, until the kernel has halted; gives the console. */
async function boot(file: string, format: string): Promise<string> {
  const machine = [
    "-machine",
    "q35",
    "-accel",
    "tcg",
    "-cpu",
    "max",
    "-m",
    "256",
    "-no-reboot",
    "-nodefaults",
  ];
  const disk = ["-drive", `if=none,id=boot,format=${format},file=${file}`, "-snapshot"];
  const bus = ["-device", "virtio-scsi-pci,id=scsi", "-device", "scsi-hd,drive=boot,bus=scsi.0"];
  const screen = ["-display", "none", "-serial", "stdio"];
  const guest = spawn("qemu-system-x86_64", [...machine, ...screen, ...disk, ...bus]);
  let console = "";
  guest.stdout.on("data", (part) => {
    console += String(part);
    if (/\[kernel\] halted .*\n/u.test(console)) guest.kill("SIGKILL");
  });
  const patience = setTimeout(() => guest.kill("SIGKILL"), 240_000);
  await once(guest, "close");
  clearTimeout(patience);
  return console;
}

test.each([
  ["gcp", "gce-tar", "raw"],
  ["aws", "vmdk", "vmdk"],
  ["azure", "vhd", "vpc"],
])("the package for %s (%s) boots", async (provider, format, reads) => {
  const packed = tree.capos("package", "smoke", "--provider", provider, "--out", "dist", "--json");
  expect(packed.status, packed.stderr).toBe(0);
  const told: { readonly file: string; readonly format: string } = JSON.parse(packed.stdout);
  expect(told.format).toBe(format);
  if (format === "gce-tar") execFileSync("tar", ["-xzf", told.file, "-C", tree.root, "disk.raw"]);
  const console = await boot(format === "gce-tar" ? join(tree.root, "disk.raw") : told.file, reads);
  expect(console).toContain("[smoke] hello from ring 3");
  expect(console).toContain("[kernel] halted status=0");
});
