import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { dirname } from "node:path";
import { type Problem, type Result, fail, ok, problem } from "../../base/index.ts";
import type { ActionEvent, ControlEvent, Moment } from "../../contract/index.ts";
import { type Job, type JobEnd, LineCutter, type Supervisor } from "../../process/index.ts";
import type { MachineAction } from "../actions.ts";
import { machineCodes } from "../codes.ts";
import { InputQueue } from "../queue.ts";
import type { BootEnd, BootRequest, EndReason, Network, RunningBoot } from "../types.ts";
import { act } from "./act.ts";
import { type Argv, channelsOf, type Connections, hasNetwork } from "./argv.ts";
import { type Breakable, Breakage } from "./break.ts";
import { GuestTime } from "./guest-time.ts";
import { QemuNetwork } from "./network.ts";
import { Qmp } from "./qmp.ts";
import { isRecord } from "./qmp-decode.ts";
import { ErrorLog, devicesIn, signOf, threadsIn } from "./signs.ts";
import { TraceReader } from "./trace.ts";

export interface QemuBoot extends RunningBoot {
  /** As the emulator states it. */
  readonly version: string;
  /** The control channel, for what a running machine can be asked beyond its end. */
  readonly qmp: Qmp;
  readonly monitor: Qmp;
}

/** Silence of the guest after which the reader is told that time has passed. */
const tickMs = 50;
/** How long an emulator may take from its start to the guest's first instruction, on a loaded host, too. */
const defaultPowerOnMs = 30_000;
/** How often a machine that reads a stored state is asked whether it has. */
const loadPollMs = 3;
/** How long it may take to obey `quit` before it is sent signals. */
const quitMs = 1_000;
/** How long the console must have been silent before an announced end is passed on without the emulator's exit. */
const lingerMs = 500;

/** Starts an emulator whose arguments follow `argv.ts` for this `request`, and powers its machine on. */
export async function bootQemu(
  supervisor: Supervisor,
  argv: Argv,
  powerOnMs = defaultPowerOnMs,
  cwd?: string,
  request: BootDetails = { disks: [], machine: { cpus: 1 } },
): Promise<Result<QemuBoot>> {
  const log = new ErrorLog(() => boot?.tripleFault());
  const trace = request.trace === true ? new TraceReader() : undefined;
  const cutter = new LineCutter((line) => (TraceReader.isTrace(line) ? trace?.line(line) : log.line(line)));
  let boot: Boot | undefined;
  const channels = channelsOf(request);
  const started = await supervisor.start({
    argv,
    ...(cwd === undefined ? {} : { cwd }),
    channels: channels.length,
    ...(request.holdConsole === true ? { deep: consolesIn(channels) } : {}),
    // Connections of the guest are joined to the host's by programs of ours, which must not be slowed down.
    ...(request.network === undefined ? {} : { env: relayEnvironment() }),
    dieWithTool: true,
    onOutput: (_, bytes) => cutter.add(bytes),
  });
  if (!started.ok) return started;
  const job = started.value;
  const channel = (name: string): Socket | undefined => job.channels[channels.indexOf(name)];
  const [serial, control] = [channel("serial"), channel("qmp")];
  if (serial === undefined || control === undefined) throw new Error("two channels were asked for");
  const stderr = (): string => {
    cutter.end();
    return log.text();
  };
  const [wireOut, wireIn] = [channel("wire-out"), channel("wire-in")];
  const wire = wireOut === undefined || wireIn === undefined ? undefined : { out: wireOut, in: wireIn };
  boot = new Boot({ job, serial, control, terminal: channel("terminal"), wire, stderr, trace }, request);
  return boot.powerOn(powerOnMs, {
    paused: request.paused === true,
    incoming: request.incoming !== undefined,
  });
}

/** Places of the channels on which a guest prints. */
function consolesIn(channels: readonly string[]): readonly number[] {
  return channels.flatMap((name, i) => (name === "serial" || name === "terminal" ? [i] : []));
}

/** What of a request is needed beyond the argument vector that was made from it. */
export type BootDetails = Breakable &
  Connections &
  Pick<BootRequest, "trace" | "paused" | "incoming" | "holdConsole">;

/** The program that joins connections is Node, found even where only its full path was known. */
function relayEnvironment(): Readonly<Record<string, string | undefined>> {
  const path = [process.env["PATH"], dirname(process.execPath)].filter((p) => p !== undefined).join(":");
  return { PATH: path, NODE_OPTIONS: undefined, NODE_EXTRA_CA_CERTS: undefined };
}

interface Parts {
  readonly job: Job;
  readonly serial: Socket;
  readonly control: Socket;
  readonly terminal: Socket | undefined;
  readonly wire: { readonly out: Socket; readonly in: Socket } | undefined;
  /** All of it, once the emulator has ended. */
  readonly stderr: () => string;
  readonly trace: TraceReader | undefined;
}

class Boot implements QemuBoot {
  readonly inputs: InputQueue;
  readonly trace: TraceReader | undefined;
  readonly network: Network | undefined;
  readonly #terminal: Socket | undefined;
  readonly #breakage: Breakage;
  readonly ended: Promise<BootEnd>;
  readonly qmp: Qmp;
  readonly monitor: Qmp;
  version = "unknown";
  readonly #job: Job;
  readonly #serial: Socket;
  readonly #time: GuestTime;
  readonly #stderr: () => string;
  readonly #ticks: NodeJS.Timeout;
  readonly #timers = new Set<NodeJS.Timeout>();
  /** On the process's own clock; unset until the guest runs. */
  #poweredOn: number | undefined;
  #lastInput = 0;
  /** Announcements of the end, held until the console is complete. */
  readonly #ending: ControlEvent[] = [];
  #tripleFault = false;
  #toldToEnd = false;
  #over = false;
  #problem: Problem | undefined;

  constructor({ job, serial, control, terminal, wire, stderr, trace }: Parts, request: BootDetails) {
    this.#job = job;
    this.trace = trace;
    this.#serial = serial;
    this.#stderr = stderr;
    this.#time = new GuestTime(job.pid);
    this.#terminal = terminal;
    this.inputs = new InputQueue({
      hold: (held) => {
        for (const port of [serial, terminal])
          if (held) port?.pause();
          else port?.resume();
      },
    });
    serial.on("data", (bytes: Uint8Array) => {
      this.#lastInput = performance.now();
      this.inputs.push({ kind: "bytes", at: this.#moment(), bytes });
    });
    terminal?.on("data", (bytes: Uint8Array) => {
      this.#lastInput = performance.now();
      this.inputs.push({ kind: "terminal", at: this.#moment(), bytes });
    });
    this.qmp = new Qmp(control, {
      greeting: (version) => (this.version = version),
      event: (name, data) => this.#announced(name, data),
    });
    this.#breakage = new Breakage(this.qmp, request);
    this.network = hasNetwork(request) ? new QemuNetwork(this.qmp, wire) : undefined;
    this.monitor = this.qmp;
    this.#ticks = setInterval(() => {
      const silent = performance.now() - this.#lastInput >= tickMs;
      if (this.#poweredOn !== undefined && silent) this.inputs.tick(this.#moment());
    }, tickMs);
    this.ended = job.ended.then((end) => this.#finish(end));
  }

  /** Sends everything at once; QEMU answers in order. */
  async powerOn(
    withinMs: number,
    { paused, incoming }: { paused: boolean; incoming: boolean },
  ): Promise<Result<QemuBoot>> {
    let silent = false;
    const patience = setTimeout(() => {
      silent = true;
      this.#job.stop("kill", "the emulator did not answer");
    }, withinMs);
    void this.qmp.execute("qmp_capabilities");
    const cpus = this.qmp.execute("query-cpus-fast");
    const devices = this.qmp.execute("qom-list", { path: "/machine/peripheral" });
    const running = paused ? cpus : incoming ? this.#goOn() : this.qmp.execute("cont");
    const [named, listed] = [await cpus, await devices];
    if (named.ok) this.#time.setThreads(threadsIn(named.value));
    if (listed.ok) this.#control({ type: "devices", present: devicesIn(listed.value) });
    const answer = await running;
    clearTimeout(patience);
    if (answer.ok) {
      this.#poweredOn = this.#lastInput = performance.now();
      return ok(this);
    }
    this.inputs.letGo();
    this.#job.stop("kill", answer.error);
    const end = await this.ended;
    const why = silent ? `the emulator did not answer within ${withinMs / 1000} s` : answer.error;
    const detail = end.stderr === "" ? {} : { detail: end.stderr };
    return fail(
      problem(machineCodes, "CAPOS_QEMU_START", `the machine could not be powered on: ${why}`, detail),
    );
  }

  /**
   * A state was stored while its machine stood still, so it must be told to go on, but not before it is there. A
   * guest that has little left to do may have ended the emulator before that has answered.
   */
  async #goOn(): Promise<Result<unknown, string>> {
    for (;;) {
      const said = await this.qmp.execute("query-status");
      if (!said.ok) return said;
      if (!isRecord(said.value) || said.value["status"] !== "inmigrate") break;
      await sleep(loadPollMs);
    }
    await this.qmp.execute("cont");
    return ok(undefined);
  }

  end(how: "quit" | "cut", why: EndReason, detail?: string): void {
    if (this.#over) return;
    if (!this.#toldToEnd) {
      this.#toldToEnd = true;
      this.#control({ type: "ended-by-tool", why, ...(detail === undefined ? {} : { detail }) });
      this.inputs.letGo();
    }
    if (how === "cut") return this.#job.stop("kill", why);
    void this.qmp.execute("quit");
    this.#later(quitMs, () => this.#job.stop("ask", why));
  }

  act(action: MachineAction): Promise<Result<undefined>> {
    const ports = {
      console: this.#serial,
      ...(this.#terminal === undefined ? {} : { terminal: this.#terminal }),
    };
    return act({ qmp: this.qmp, breakage: this.#breakage, ports }, action);
  }

  note(event: ActionEvent): void {
    this.#control(event);
  }

  tripleFault(): void {
    this.#tripleFault = true;
    this.#later(lingerMs, () => this.#linger());
  }

  #announced(name: string, data: Readonly<Record<string, unknown>>): void {
    if (name === "DEVICE_DELETED") return this.#breakage.deviceGone(String(data["device"]));
    const sign = signOf(name, data);
    if (sign === undefined) return;
    if (sign.kind === "host") {
      if (this.#breakage.isBroken(String(data["node-name"]))) return;
      // A machine that ends lets go of its disks, whatever its guest still waits for.
      if (sign.isAsItCloses && this.#ending.length > 0) return;
      this.#problem ??= problem(machineCodes, "CAPOS_MACHINE_HOST", sign.detail);
      return this.end("quit", "host", sign.detail);
    }
    // Its last console bytes may still be on their way in the other channel.
    this.#ending.push(sign.event);
    this.#later(lingerMs, () => this.#linger());
  }

  /** An emulator that has announced the end may stay; but what it has printed before comes first. */
  #linger(): void {
    const quiet = !this.inputs.held && performance.now() - this.#lastInput >= lingerMs;
    if (quiet) this.#passOn();
    else this.#later(lingerMs, () => this.#linger());
  }

  /** Hands over what was announced. The reset that a triple fault leads to is not told as a second cause. */
  #passOn(): void {
    if (this.#tripleFault) this.#control({ type: "triple-fault" });
    for (const event of this.#ending) {
      const told = event.type === "reset" ? this.#tripleFault : this.#toldToEnd;
      if (!told) this.#control(event);
    }
    this.#ending.length = 0;
    this.#tripleFault = false;
  }

  #finish(end: JobEnd): BootEnd {
    const { wallMs, cpuMs } = this.#moment();
    const stderr = this.#stderr();
    this.#over = true;
    clearInterval(this.#ticks);
    for (const timer of this.#timers) clearTimeout(timer);
    this.#passOn();
    this.#control({ type: "exit", code: end.code, signal: end.signal });
    this.inputs.end();
    return { wallMs, cpuMs, stderr, ...(this.#problem === undefined ? {} : { problem: this.#problem }) };
  }

  #control(event: ControlEvent): void {
    this.#lastInput = performance.now();
    this.inputs.push({ kind: "control", at: this.#moment(), event });
  }

  #moment(): Moment {
    const now = performance.now();
    const wallMs = this.#poweredOn === undefined ? 0 : now - this.#poweredOn;
    return { wallMs, cpuMs: this.#time.read(now) };
  }

  #later(ms: number, action: () => void): void {
    this.#timers.add(setTimeout(action, ms));
  }
}
