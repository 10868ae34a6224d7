import { randomUUID } from "node:crypto";
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, expect, test } from "vitest";
import { sha256 } from "../../base/index.ts";
import type { BootInput, BootPath } from "../../contract/index.ts";
import { type Supervisor, createSupervisor, survivors } from "../../process/index.ts";
import type { BootRequest } from "../types.ts";
import { type QemuBoot, bootQemu } from "./boot.ts";
import { type QemuMachine, openQemu } from "./index.ts";
import { probeArgv } from "./probe.ts";
import { roms, writingDisk } from "./testing/guests.ts";

const folder = mkdtempSync(join(tmpdir(), "capos-real-"));
// Where the emulator puts its temporary files, so that it can be seen that it leaves none.
const emulatorTemp = join(folder, "temp");
mkdirSync(emulatorTemp);
process.env["TMPDIR"] = emulatorTemp;
afterAll(() => rmSync(folder, { recursive: true }));

let supervisor: Supervisor;
beforeEach(() => {
  supervisor = createSupervisor(`test-${randomUUID()}`);
});
afterEach(async () => {
  expect(await supervisor.close()).toEqual([]);
  expect(survivors({ run: supervisor.run })).toEqual([]);
  expect(readdirSync(emulatorTemp)).toEqual([]);
});

async function bootRom(name: keyof typeof roms): Promise<QemuBoot> {
  // Of its own: one that is written anew while another emulator reads it is half a ROM.
  const rom = join(folder, `${randomUUID()}.rom`);
  writeFileSync(rom, roms[name]);
  const argv = probeArgv("qemu-system-x86_64", "tcg", rom, randomUUID());
  const started = await bootQemu(supervisor, [argv[0], ...argv.slice(1), "-d", "cpu_reset"]);
  if (!started.ok) throw new Error(JSON.stringify(started.error));
  return started.value;
}

async function readAll(
  boot: QemuBoot,
  on?: (text: string, at: BootInput["at"]) => void,
): Promise<[string, string[]]> {
  let text = "";
  const controls: string[] = [];
  for await (const input of boot.inputs) {
    if (input.kind === "bytes") text += Buffer.from(input.bytes).toString("latin1");
    if (input.kind === "control") controls.push(Object.values(input.event).join(" "));
    on?.(text, input.at);
  }
  return [text, controls];
}

test("a triple fault is seen, and the emulator's own words are not drowned in its log", async () => {
  const boot = await bootRom("tripleFaults");
  expect(await readAll(boot)).toEqual(["", ["devices isa-debug-exit", "triple-fault", "exit 0 "]]);
  expect((await boot.ended).stderr).toBe("");
});

test("a reset is seen as one", async () => {
  expect((await readAll(await bootRom("resets")))[1]).toEqual(["devices isa-debug-exit", "reset", "exit 0 "]);
});

test("every byte of a guest that prints to the last moment arrives", async () => {
  const [text, controls] = await readAll(await bootRom("prints"));
  expect(text.length).toBe(200_000);
  expect(controls.at(-1)).toBe("exit 33 ");
});

test("a guest that stands still gets no processor time, one that spins gets what the host has", async () => {
  const idle = await bootRom("hangs");
  await readAll(idle, (_, at) => {
    if (at.wallMs > 400) idle.end("quit", "planned");
  });
  const stood = await idle.ended;
  expect(stood.cpuMs).toBeLessThan(stood.wallMs / 4);
  const busy = await bootRom("spins");
  await readAll(busy, (_, at) => {
    if (at.cpuMs > 150) busy.end("quit", "planned");
  });
  const { wallMs, cpuMs } = await busy.ended;
  expect(cpuMs).toBeGreaterThan(150);
  expect(cpuMs).toBeLessThan(wallMs * 1.1 + 20);
});

test("two machines at once see nothing of each other", async () => {
  const boots = await Promise.all([bootRom("prints"), bootRom("prints"), bootRom("tripleFaults")]);
  const ends = await Promise.all(boots.map((boot) => readAll(boot)));
  expect(ends.map(([text, controls]) => [text.length, controls.at(-1)])).toEqual([
    [200_000, "exit 33 "],
    [200_000, "exit 33 "],
    [0, "exit 0 "],
  ]);
});

function machine(): QemuMachine {
  const opened = openQemu({ supervisor, accelerator: { accelerator: "tcg", reason: "test" } });
  if (!opened.ok) throw new Error(JSON.stringify(opened.error));
  return opened.value;
}

function diskBoot(path: Exclude<BootPath, "direct">, image: string): BootRequest {
  const data = join(folder, "data.raw");
  writeFileSync(data, "");
  truncateSync(data, 16 << 20);
  return {
    name: "boot",
    machine: { type: "q35", cpu: "max", memoryBytes: 128 << 20, cpus: 1, accel: "tcg", boot: [path] },
    system: { path, image },
    disks: [{ serial: "data", file: data, bus: "virtio-blk" }],
    identity: { nonce: "00112233445566778899aabbccddeeff", boot: 1 },
  };
}

async function startPlan(request: BootRequest): Promise<QemuBoot> {
  const qemu = machine();
  const plan = qemu.plan(request);
  if (!plan.ok) throw new Error(JSON.stringify(plan.error));
  const boot = await qemu.start(plan.value);
  if (!boot.ok) throw new Error(JSON.stringify(boot.error));
  return boot.value;
}

test("BIOS boots the system disk, which the guest may write and which stays as it is", async () => {
  const image = join(folder, "system, with a comma.raw");
  writeFileSync(image, writingDisk());
  const before = sha256(readFileSync(image));
  const [text, controls] = await readAll(await startPlan(diskBoot("bios", image)));
  expect(text).toContain("wrote\r\n");
  expect(controls).toEqual(["devices isa-debug-exit,nvme,virtio-blk", "exit 33 "]);
  expect(sha256(readFileSync(image))).toBe(before);
});

test("UEFI firmware comes up with fresh variables and finds nothing to boot on a blank disk", async () => {
  const image = join(folder, "blank.raw");
  writeFileSync(image, new Uint8Array(1 << 20));
  const boot = await startPlan(diskBoot("uefi", image));
  const [text, controls] = await readAll(boot, (seen) => {
    if (seen.includes("BdsDxe: failed to load")) boot.end("quit", "planned");
  });
  expect(text).toContain("BdsDxe: failed to load");
  expect(controls.slice(1)).toEqual(["ended-by-tool planned", "exit 0 "]);
});

test("a machine that is destroyed ends its boots", async () => {
  const qemu = machine();
  const image = join(folder, "never.raw");
  writeFileSync(image, new Uint8Array(1 << 20));
  const plan = qemu.plan(diskBoot("bios", image));
  if (!plan.ok) throw new Error("no plan");
  const boot = await qemu.start(plan.value);
  if (!boot.ok) throw new Error(JSON.stringify(boot.error));
  await qemu.destroy();
  const [, controls] = await readAll(boot.value);
  expect(controls.slice(1)).toEqual(["ended-by-tool interrupted", "exit  SIGKILL"]);
});

test("a disk that is not there is an error of the host, told by the emulator", async () => {
  const qemu = machine();
  const plan = qemu.plan(diskBoot("bios", "/nowhere/disk.raw"));
  if (!plan.ok) throw new Error("no plan");
  expect(await qemu.start(plan.value)).toMatchObject({
    ok: false,
    error: [{ code: "CAPOS_QEMU_START", detail: expect.stringContaining("/nowhere/disk.raw") }],
  });
});

test("the facts name emulator, accelerator, host and firmware, and are kept", async () => {
  const cacheDir = join(folder, "cache");
  const opened = openQemu({ supervisor, cacheDir, accelerator: { accelerator: "tcg", reason: "test" } });
  if (!opened.ok) throw new Error("no qemu");
  const first = await opened.value.facts();
  expect(first).toMatchObject({
    ok: true,
    value: {
      emulator: {
        path: expect.stringMatching(/^\/.*qemu-system-x86_64$/u),
        version: expect.stringMatching(/^\d+\.\d+\.\d+/u),
      },
      accelerator: { accelerator: "tcg", reason: "test" },
      host: { cores: expect.any(Number) },
      firmware: expect.arrayContaining([
        { path: expect.stringContaining("OVMF"), sha256: expect.stringMatching(/^[0-9a-f]{64}$/u) },
      ]),
    },
  });
  const [store = ""] = readdirSync(cacheDir);
  writeFileSync(join(cacheDir, store), '{"version":"kept","firmware":[]}');
  expect(await opened.value.facts()).toMatchObject({ value: { emulator: { version: "kept" } } });
  writeFileSync(join(cacheDir, store), "damaged");
  expect(await opened.value.facts()).toEqual(first);
});
