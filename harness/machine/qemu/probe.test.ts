import { randomUUID } from "node:crypto";
import { readdirSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createSupervisor, survivors } from "../../process/index.ts";
import { type FakePlace, makeFakePlace } from "./testing/place.ts";
import type { Scenario } from "./testing/fake-qemu.ts";
import { probeConsole, probeRom } from "./probe-program.ts";
import { type ProbeSight, judgeProbe, probeAccelerator, probeArgv, runGuest } from "./probe.ts";

let place: FakePlace;
let cacheDir: string;
let device: string;
beforeAll(() => {
  place = makeFakePlace();
});
afterAll(() => place.remove());
beforeEach(() => {
  cacheDir = join(place.folder, randomUUID());
  device = join(place.folder, `kvm-${randomUUID()}`);
  writeFileSync(device, "");
});

const exit = (code: number): ProbeSight & { started: true } => {
  return { started: true, console: "answer", wallMs: 12.4, exit: { type: "exit", code, signal: null } };
};

test.each<readonly [ProbeSight, boolean, string]>([
  [exit(33), true, "a guest under kvm answered in 12 ms"],
  [exit(35), false, "a guest under kvm answered, and the emulator then ended with code 35"],
  [{ ...exit(0), console: "" }, false, "a guest under kvm ended without a word (code 0)"],
  [{ ...exit(33), console: "nonsense" }, false, "a guest under kvm gave a wrong answer (code 33)"],
  [
    { started: true, console: "ans", wallMs: 501 },
    false,
    "a guest under kvm had not finished its task after 501 ms",
  ],
  [{ started: false, why: "no such device" }, false, "the emulator did not start with kvm: no such device"],
])("%j", (sight, usable, reason) => {
  expect(judgeProbe(sight, "answer")).toMatchObject({ usable, reason });
});

test("the quick way to the answer is the long way's", () => {
  // The guest's own loop, for a seed of one.
  let x = 1n;
  for (let i = 0; i < 2_000_000; i++) x = BigInt.asUintN(64, x * 6364136223846793005n + 1442695040888963407n);
  expect(probeConsole("01000000-0000-0000-ffff-ffffffffffff")).toContain(
    ` ${x.toString(16).padStart(16, "0")}\r\n`,
  );
});

test("the built-in guest answers under TCG, each machine its own number", async () => {
  const supervisor = createSupervisor(`test-${randomUUID()}`);
  const rom = join(place.folder, "probe.rom");
  writeFileSync(rom, probeRom());
  for (const uuid of [randomUUID(), randomUUID()]) {
    const sight = await runGuest(supervisor, probeArgv("qemu-system-x86_64", "tcg", rom, uuid));
    expect(sight).toMatchObject({ console: probeConsole(uuid), exit: { code: 33 } });
  }
  await supervisor.close();
});

test.each([
  ["crawls", { steps: [{ burnMs: 600_000 }] }, /had not finished its task after \d+ ms/u],
  ["is mute", { steps: [{ exit: 0 }] }, /ended without a word \(code 0\)/u],
  ["babbles", { steps: [{ flood: 1_000_000 }, { exit: 33 }] }, /wrong answer/u],
  [
    "cannot enter",
    { refuses: { stderr: "kvm: failed to set MSR", code: 1 }, steps: [] },
    /failed to set MSR/u,
  ],
  ["crashes", { steps: [{ kill: "SIGABRT" }] }, /without a word \(signal SIGABRT\)/u],
] satisfies [string, Scenario, RegExp][])("a kvm that %s is not used", async (_, scenario, reason) => {
  const supervisor = createSupervisor(`test-${randomUUID()}`);
  const answer = await probeAccelerator({ cacheDir, device, supervisor, qemu: place.qemu(scenario) });
  expect(answer.usable).toBe(false);
  expect(answer.reason).toMatch(reason);
  expect(survivors({ run: supervisor.run })).toEqual([]);
  await supervisor.close();
});

test("the answer is kept until the emulator changes or a fresh one is asked for", async () => {
  const qemu = place.qemu({ steps: [{ exit: 0 }] });
  const ask = (fresh = false): Promise<unknown> => probeAccelerator({ cacheDir, device, qemu, fresh });
  const answers = (): string[] => readdirSync(cacheDir).filter((name) => name.endsWith(".json"));
  const first = await ask();
  const [kept = ""] = answers();
  // Only an answer that comes from the store can be this one.
  writeFileSync(join(cacheDir, kept), '{"usable":true,"reason":"kept"}');
  expect(await ask()).toEqual({ usable: true, reason: "kept" });
  expect(await ask(true)).toEqual(first);
  writeFileSync(join(cacheDir, kept), "damaged");
  expect(await ask()).toEqual(first);
  utimesSync(qemu, new Date(), new Date(statSync(qemu).mtimeMs + 5_000));
  await ask();
  expect(answers()).toHaveLength(2);
});

test("without a device nothing is started", async () => {
  const qemu = place.qemu({ steps: [] });
  expect(await probeAccelerator({ cacheDir, qemu, device: "/nowhere/kvm" })).toEqual({
    usable: false,
    reason: "/nowhere/kvm does not exist",
  });
  expect(await probeAccelerator({ cacheDir, device, qemu: "no-such-qemu" })).toMatchObject({ usable: false });
});
