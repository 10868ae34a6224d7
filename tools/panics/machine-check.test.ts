/** A machine check that the emulator injects: the kernel's last line names it, and its exit is that of a panic. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { afterAll, expect, test } from "vitest";

import { inProject } from "../../harness/cli/testing.ts";

const scratch = mkdtempSync(join(tmpdir(), "capos-machine-check-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Uncorrected, of the first processor, in its second bank: the words of QEMU's monitor. */
const inject = "mce 0 1 0xbe00000000000000 0x4 0 0\n";
const panicked = 37;

test("stops the kernel with a line that names it", async () => {
  const built = inProject("build", "spin");
  const file = (name: string): string =>
    new RegExp(`file +${name} +(\\S+)`, "u").exec(built.stdout + built.stderr)?.[1] ?? "";
  const serial = join(scratch, "serial");
  const machine = ["-machine", "q35", "-cpu", "max", "-m", "128", "-accel", "tcg", "-no-reboot"];
  const ports = ["-display", "none", "-monitor", "stdio", "-serial", `file:${serial}`];
  const program = ["-kernel", file("capos\\.elf"), "-initrd", file("spin\\.bin")];
  const exit = ["-device", "isa-debug-exit,iobase=0xf4,iosize=4"];
  const emulator = spawn("qemu-system-x86_64", [...machine, ...ports, ...program, ...exit], {
    stdio: ["pipe", "ignore", "inherit"],
  });
  try {
    const ended = once(emulator, "exit");
    const console = (): string => (existsSync(serial) ? readFileSync(serial, "latin1") : "");
    while (emulator.exitCode === null && !console().includes("[hang] going quiet")) await sleep(20);
    emulator.stdin.write(inject);
    expect(await ended).toEqual([panicked, null]);
    expect(console().trimEnd().split("\r\n").at(-1)).toMatch(
      /^\[kernel\] panic: machine check in a program: vector 18 error 0x0 at 0x[0-9a-f]+, address 0x0 \(\S+:\d+\)$/u,
    );
  } finally {
    emulator.kill("SIGKILL");
  }
});
