import { expect, test } from "vitest";
import type { BootInput } from "../../contract/index.ts";
import type { BootPlan, BootRequest } from "../types.ts";
import { openRecord } from "./index.ts";

const inputs: readonly BootInput[] = [
  { kind: "bytes", at: { wallMs: 1, cpuMs: 1 }, bytes: Buffer.from("a\n") },
  { kind: "bytes", at: { wallMs: 2, cpuMs: 2 }, bytes: Buffer.from("b\n") },
  { kind: "control", at: { wallMs: 3, cpuMs: 2 }, event: { type: "exit", code: 33, signal: null } },
];
const machine = openRecord(new Map([["store", inputs]]));

function request(name: string): BootRequest {
  const spec = { type: "q35", cpu: "max", memoryBytes: 1 << 20, cpus: 1, accel: "tcg", boot: [] } as const;
  return { name, machine: spec, system: { path: "direct", kernel: "/k" }, disks: [] };
}

async function planned(): Promise<BootPlan> {
  const plan = machine.plan(request("store"));
  if (!plan.ok) throw new Error("no plan");
  return plan.value;
}

test("a stored boot comes out as it went in, and closes nothing", async () => {
  const boot = await machine.start(await planned());
  if (!boot.ok) throw new Error("no boot");
  const read: BootInput[] = [];
  for await (const input of boot.value.inputs) read.push(input);
  expect(read).toEqual(inputs);
  expect(await boot.value.ended).toEqual({ wallMs: 3, cpuMs: 2, stderr: "" });
  expect(machine.freshness).toBe("none");
});

test("it can be read twice, and stops when it is told to", async () => {
  const boot = await machine.start(await planned());
  if (!boot.ok) throw new Error("no boot");
  const read: BootInput[] = [];
  for await (const input of boot.value.inputs) {
    read.push(input);
    boot.value.end("quit", "decided");
  }
  expect(read).toEqual(inputs.slice(0, 1));
});

test("a boot that was never recorded is refused by name", () => {
  expect(machine.plan(request("read-back"))).toMatchObject({
    ok: false,
    error: [{ code: "CAPOS_RECORD_BOOT", message: expect.stringMatching(/read-back.*store/u) }],
  });
});
