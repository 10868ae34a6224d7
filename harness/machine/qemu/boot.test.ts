import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { BootInput } from "../../contract/index.ts";
import { type Supervisor, createSupervisor, survivors } from "../../process/index.ts";
import { type QemuBoot, bootQemu } from "./boot.ts";
import { type FakePlace, makeFakePlace } from "./testing/place.ts";
import type { Scenario } from "./testing/fake-qemu.ts";

let place: FakePlace;
let supervisor: Supervisor;
beforeAll(() => {
  place = makeFakePlace();
});
afterAll(() => place.remove());
beforeEach(() => {
  supervisor = createSupervisor(`test-${randomUUID()}`);
});
afterEach(async () => {
  await supervisor.close();
  expect(survivors({ run: supervisor.run })).toEqual([]);
});

async function boot(scenario: Scenario): Promise<QemuBoot> {
  const started = await bootQemu(supervisor, [place.qemu(scenario)]);
  if (!started.ok) throw new Error(JSON.stringify(started.error));
  return started.value;
}

/**
 * The inputs as short words, adjacent bytes joined and ticks left out. The devices stand first: they are the answer to
 * a question that was put before the guest ran, on a channel of its own, and a busy host may read the console before.
 */
function told(all: readonly BootInput[]): string[] {
  const isAnswer = (input: BootInput): boolean => input.kind === "control" && input.event.type === "devices";
  const inputs = [...all.filter(isAnswer), ...all.filter((input) => !isAnswer(input))];
  const words: string[] = [];
  let text = "";
  const flush = (): void => {
    if (text !== "") words.push(text);
    text = "";
  };
  for (const input of inputs) {
    if (input.kind === "bytes") text += Buffer.from(input.bytes).toString("latin1");
    if (input.kind !== "control") continue;
    flush();
    const { type, ...rest } = input.event;
    words.push(`${type} ${JSON.stringify(rest)}`);
  }
  flush();
  return words;
}

async function readAll(running: QemuBoot, on?: (input: BootInput) => void): Promise<BootInput[]> {
  const inputs: BootInput[] = [];
  for await (const input of running.inputs) {
    inputs.push(input);
    on?.(input);
  }
  return inputs;
}

const devices = 'devices {"present":["isa-debug-exit","virtio-blk"]}';

test("a boot is told in order, from its devices to its exit", async () => {
  const running = await boot({
    steps: [{ serial: "hello\r\n" }, { waitMs: 20 }, { serial: "bye\r\n" }, { exit: 33 }],
  });
  expect(running.version).toBe("9.1.0 (fake)");
  const inputs = await readAll(running);
  expect(told(inputs)).toEqual([devices, "hello\r\nbye\r\n", 'exit {"code":33,"signal":null}']);
  const walls = inputs.map((input) => input.at.wallMs);
  expect(walls).toEqual(walls.toSorted((a, b) => a - b));
  expect(await running.ended).toMatchObject({ stderr: "" });
});

test("no byte is lost when the emulator exits with the console still on its way", async () => {
  const bytes = 3_000_000;
  const running = await boot({
    steps: [
      { flood: bytes },
      { event: "SHUTDOWN", data: { guest: true, reason: "guest-shutdown" } },
      { exit: 0 },
    ],
  });
  // A reader that is slower than the guest: it is held back, and nothing piles up here.
  let read = 0;
  const controls: string[] = [];
  for await (const input of running.inputs) {
    if (input.kind === "bytes") {
      expect(controls).not.toContain("shutdown");
      read += input.bytes.length;
      await sleep(1);
    }
    if (input.kind === "control") controls.push(input.event.type);
  }
  expect(read).toBe(bytes);
  expect(controls).toEqual(["devices", "shutdown", "exit"]);
});

test.each([
  ["guest-shutdown", { guest: true, reason: "guest-shutdown" }, 'shutdown {"guest":true}'],
  ["guest-reset", { guest: true, reason: "guest-reset" }, "reset {}"],
  ["host-signal", { guest: false, reason: "host-signal" }, 'shutdown {"guest":false}'],
])("%s is told after the console and before the exit", async (_, data, word) => {
  const running = await boot({ steps: [{ event: "SHUTDOWN", data }, { serial: "late" }, { exit: 0 }] });
  expect(told(await readAll(running))).toEqual([devices, "late", word, 'exit {"code":0,"signal":null}']);
});

test("a triple fault is told as such and not as the reset that follows from it", async () => {
  const dump =
    "CPU Reset (CPU 0)\nEAX=00000000 EBX=00000000\nCS =f000 ffff0000 0000ffff 00009b00\nTriple fault";
  const running = await boot({
    steps: [
      { serial: "oh" },
      { stderr: `${dump}\nqemu: a message of its own` },
      { event: "SHUTDOWN", data: { guest: true, reason: "guest-reset" } },
      { exit: 0 },
    ],
  });
  expect(told(await readAll(running))).toEqual([
    devices,
    "oh",
    "triple-fault {}",
    'exit {"code":0,"signal":null}',
  ]);
  expect((await running.ended).stderr).toBe("qemu: a message of its own");
});

test("an announced end is passed on even if the emulator then stays", async () => {
  const running = await boot({
    steps: [{ event: "SHUTDOWN", data: { guest: true, reason: "guest-reset" } }],
  });
  const seen: string[] = [];
  for await (const input of running.inputs) {
    if (input.kind === "control") seen.push(input.event.type);
    if (seen.includes("reset")) break;
  }
  running.end("cut", "decided");
  await running.ended;
});

test("an announced end waits for a console that is still being read", async () => {
  const flood = 4_000_000;
  const running = await boot({
    steps: [
      { event: "SHUTDOWN", data: { guest: true, reason: "guest-shutdown" } },
      { flood },
      { waitMs: 60_000 },
    ],
  });
  let read = 0;
  for await (const input of running.inputs) {
    if (input.kind === "bytes") read += input.bytes.length;
    // The first look takes longer than the announcement would wait for a silent console.
    if (input.kind === "bytes" && read === input.bytes.length) await sleep(1_200);
    if (input.kind === "control" && input.event.type === "shutdown") break;
  }
  expect(read).toBe(flood);
  running.end("cut", "decided");
  await running.ended;
});

test("while nothing happens, time passes in ticks, and an idle guest uses no processor", async () => {
  const running = await boot({ steps: [] });
  const ticks: BootInput[] = [];
  for await (const input of running.inputs) {
    if (input.kind === "tick") ticks.push(input);
    if (ticks.length === 6) break;
  }
  running.end("cut", "decided");
  await running.ended;
  const [first, last] = [ticks[0]?.at, ticks.at(-1)?.at];
  if (first === undefined || last === undefined) throw new Error("no ticks");
  expect(last.wallMs - first.wallMs).toBeGreaterThan(200);
  expect(last.cpuMs - first.cpuMs).toBeLessThan((last.wallMs - first.wallMs) / 3);
});

test("the processor time of a busy guest is counted", async () => {
  const running = await boot({ steps: [{ burnMs: 300 }, { serial: "done" }] });
  await readAll(running, (input) => {
    if (input.kind === "bytes") running.end("quit", "planned");
  });
  expect((await running.ended).cpuMs).toBeGreaterThan(150);
});

test.each([
  ["obeys", {}, "quit", { code: 0, signal: null }],
  ["obeys, power cut", {}, "cut", { code: null, signal: "SIGKILL" }],
  ["ignores quit", { ignoresQuit: true }, "quit", { code: null, signal: "SIGTERM" }],
  [
    "ignores quit and TERM",
    { ignoresQuit: true, ignoresTerm: true },
    "quit",
    { code: null, signal: "SIGKILL" },
  ],
] as const)("the tool ends an emulator that %s", async (_, nature, how, exit) => {
  const running = await boot({ ...nature, steps: [{ serial: "here" }] });
  const inputs: BootInput[] = [];
  for await (const input of running.inputs) {
    inputs.push(input);
    if (input.kind !== "bytes") continue;
    running.end(how, "planned", "enough seen");
  }
  expect(told(inputs)).toEqual([
    devices,
    "here",
    'ended-by-tool {"why":"planned","detail":"enough seen"}',
    `exit ${JSON.stringify(exit)}`,
  ]);
});

test("a quit can be turned into a cut", async () => {
  const running = await boot({ ignoresQuit: true, steps: [] });
  running.end("quit", "interrupted");
  running.end("cut", "interrupted");
  // The first of the signals that follow an ignored quit would have ended it.
  expect(told(await readAll(running)).at(-1)).toBe('exit {"code":null,"signal":"SIGKILL"}');
});

test("a boot that is over can be ended again without effect", async () => {
  const running = await boot({ steps: [{ serial: "x" }, { exit: 33 }] });
  await readAll(running);
  await running.ended;
  const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
  const before = timers();
  running.end("quit", "decided");
  expect(timers(), "a timer would keep the tool from ending").toBe(before);
});

test("a reader that leaves does not keep a babbling emulator alive", async () => {
  const running = await boot({ steps: [{ flood: 5_000_000 }, { exit: 0 }] });
  for await (const input of running.inputs) if (input.kind === "bytes") break;
  await running.ended;
});

test("a death from outside comes with its signal", async () => {
  const running = await boot({ steps: [{ serial: "x" }, { kill: "SIGKILL" }] });
  expect(told(await readAll(running)).at(-1)).toBe('exit {"code":null,"signal":"SIGKILL"}');
});

test("a failing host disk ends the boot and is not the guest's fault", async () => {
  const data = {
    device: "",
    "node-name": "disk-data",
    operation: "write",
    action: "stop",
    reason: "No space left on device",
  };
  const running = await boot({ steps: [{ event: "BLOCK_IO_ERROR", data }] });
  const detail = "write on disk disk-data failed: No space left on device";
  expect(told(await readAll(running))).toContain(`ended-by-tool ${JSON.stringify({ why: "host", detail })}`);
  expect((await running.ended).problem).toMatchObject({ code: "CAPOS_MACHINE_HOST", message: detail });
});

test("a disk that is taken away as the machine ends is no failure; one that fails then is", async () => {
  const end = { event: "SHUTDOWN", data: { guest: false, reason: "host-qmp-system-reset" } };
  const lost = { device: "", operation: "read", action: "stop", reason: "No medium found" };
  const ended = await boot({ steps: [end, { event: "BLOCK_IO_ERROR", data: lost }, { exit: 0 }] });
  expect(told(await readAll(ended))).not.toContainEqual(expect.stringContaining("ended-by-tool"));
  expect((await ended.ended).problem).toBeUndefined();
  const full = { ...lost, operation: "write", reason: "No space left on device" };
  const failed = await boot({ steps: [end, { event: "BLOCK_IO_ERROR", data: full }, { exit: 0 }] });
  await readAll(failed);
  expect((await failed.ended).problem).toMatchObject({ code: "CAPOS_MACHINE_HOST" });
  const early = await boot({ steps: [{ event: "BLOCK_IO_ERROR", data: lost }] });
  await readAll(early);
  expect((await early.ended).problem).toMatchObject({ code: "CAPOS_MACHINE_HOST" });
});

test("noise on the control channel is passed over", async () => {
  const running = await boot({
    steps: [{ control: 'null\n{}\n[1]\n{"event":7}\n\x00\xff\n{"id":99,"return":1}\n' }, { exit: 5 }],
  });
  expect(told(await readAll(running))).toEqual([devices, 'exit {"code":5,"signal":null}']);
});

test("an emulator that refuses to start is an error of the host, with its own words", async () => {
  const qemu = place.qemu({ refuses: { stderr: "qemu: -cpu max: no such model", code: 1 }, steps: [] });
  expect(await bootQemu(supervisor, [qemu])).toMatchObject({
    ok: false,
    error: [{ code: "CAPOS_QEMU_START", exit: "host", detail: "qemu: -cpu max: no such model" }],
  });
});

test("an emulator that never answers is given up", async () => {
  const qemu = place.qemu({ neverGreets: true, ignoresTerm: true, steps: [] });
  expect(await bootQemu(supervisor, [qemu], 300)).toMatchObject({
    ok: false,
    error: [{ code: "CAPOS_QEMU_START", message: expect.stringContaining("did not answer within 0.3 s") }],
  });
});

test("an emulator that is not there is a missing tool", async () => {
  expect(await bootQemu(supervisor, ["no-such-qemu"])).toMatchObject({
    ok: false,
    error: [{ code: "CAPOS_TOOL_MISSING", exit: "tool" }],
  });
});
