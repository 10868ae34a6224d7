import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { createSupervisor, survivors } from "../../process/index.ts";
import { bootQemu } from "./boot.ts";
import { probeArgv } from "./probe.ts";
import { roms } from "./testing/guests.ts";

const folder = mkdtempSync(join(tmpdir(), "capos-hold-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Boots a guest that prints 200,000 bytes and ends, while the tool is kept from reading; then reads what there is. */
async function printUnread(holdConsole: boolean): Promise<{ endedUnread: boolean; bytes: number }> {
  const supervisor = createSupervisor(`test-${randomUUID()}`);
  try {
    const rom = join(folder, "prints.rom");
    writeFileSync(rom, roms.prints);
    const [program, ...args] = probeArgv("qemu-system-x86_64", "tcg", rom, randomUUID());
    const request = { disks: [], machine: { cpus: 1 }, ...(holdConsole ? { holdConsole } : {}) };
    const boot = await bootQemu(supervisor, [program, ...args], undefined, undefined, request);
    if (!boot.ok) throw new Error(JSON.stringify(boot.error));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 4_000);
    const endedUnread = survivors({ run: supervisor.run }).length === 0;
    let bytes = 0;
    for await (const input of boot.value.inputs) if (input.kind === "bytes") bytes += input.bytes.length;
    return { endedUnread, bytes };
  } finally {
    await supervisor.close();
  }
}

test("a guest whose console is held is never kept waiting by a tool that does not read; another one is", async () => {
  expect(await printUnread(true)).toEqual({ endedUnread: true, bytes: 200_000 });
  expect(await printUnread(false)).toEqual({ endedUnread: false, bytes: 200_000 });
});
