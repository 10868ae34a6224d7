/**
 * A stand-in for the emulator, run as a process of its own by tests: it takes the same command line, finds the same
 * two channels, speaks enough of the control protocol to be powered on, and then plays a script.
 */
import { writeSync } from "node:fs";
import { Socket } from "node:net";

export interface Scenario {
  /** Ends before it has said anything, as an emulator does that cannot take an option. */
  readonly refuses?: { readonly stderr: string; readonly code: number };
  readonly neverGreets?: boolean;
  readonly ignoresQuit?: boolean;
  readonly ignoresTerm?: boolean;
  /** Played when the machine is powered on. The emulator stays when it comes to an end without an `exit`. */
  readonly steps: readonly Step[];
}

export type Step =
  | { readonly serial: string }
  /** So many bytes of `x`, as fast as they go. */
  | { readonly flood: number }
  | { readonly stderr: string }
  | { readonly event: string; readonly data: Readonly<Record<string, unknown>> }
  /** Written to the control channel as it is. */
  | { readonly control: string }
  | { readonly waitMs: number }
  /** Computes for so much processor time. */
  | { readonly burnMs: number }
  | { readonly exit: number }
  | { readonly kill: NodeJS.Signals };

const scenario: Scenario = JSON.parse(process.argv[2] ?? "{}");
const serial = new Socket({ fd: 3 });
const control = new Socket({ fd: 4 });
for (const socket of [serial, control]) socket.on("error", () => {});

function write(socket: Socket, text: string): Promise<void> {
  return new Promise((resolve) => socket.write(text, () => resolve()));
}

async function play(step: Step): Promise<void> {
  if ("serial" in step) return write(serial, step.serial);
  if ("flood" in step) return write(serial, "x".repeat(step.flood));
  if ("stderr" in step) return void writeSync(2, `${step.stderr}\n`);
  if ("event" in step) return write(control, `${JSON.stringify(step)}\n`);
  if ("control" in step) return write(control, step.control);
  if ("waitMs" in step) return new Promise((resolve) => setTimeout(resolve, step.waitMs));
  if ("exit" in step) process.exit(step.exit);
  if ("kill" in step) return void process.kill(process.pid, step.kill);
  const burnt = (): number => Object.values(process.cpuUsage()).reduce((sum, us) => sum + us / 1000, 0);
  for (const end = burnt() + step.burnMs; burnt() < end;);
}

const answers: Readonly<Record<string, unknown>> = {
  "query-cpus-fast": [{ "thread-id": process.pid, "cpu-index": 0 }],
  "qom-list": [
    { name: "type", type: "string" },
    { name: "disk-data-device", type: "child<virtio-blk-pci>" },
    { name: "debug-exit", type: "child<isa-debug-exit>" },
  ],
};

async function obey(command: string, id: number): Promise<void> {
  await write(control, `${JSON.stringify({ return: answers[command] ?? {}, id })}\n`);
  if (command === "quit" && scenario.ignoresQuit !== true) process.exit(0);
  if (command !== "cont") return;
  for (const step of scenario.steps) await play(step);
}

const { refuses } = scenario;
if (refuses !== undefined) {
  writeSync(2, `${refuses.stderr}\n`);
  process.exit(refuses.code);
}
if (scenario.ignoresTerm === true) process.on("SIGTERM", () => {});
setInterval(() => {}, 1_000);
if (scenario.neverGreets !== true) {
  const version = { qemu: { major: 9, minor: 1, micro: 0 }, package: "fake" };
  void write(control, `${JSON.stringify({ QMP: { version, capabilities: [] } })}\n`);
  let text = "";
  let queue = Promise.resolve();
  control.on("data", (bytes) => {
    const lines = (text + bytes.toString()).split("\n");
    text = lines.pop() ?? "";
    for (const line of lines) {
      const { execute, id }: { execute: string; id: number } = JSON.parse(line);
      // While the script runs, commands are still taken: it does not hold the queue.
      if (execute === "cont") void queue.then(() => obey(execute, id));
      else queue = queue.then(() => obey(execute, id));
    }
  });
}
