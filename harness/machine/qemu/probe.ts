import { randomUUID } from "node:crypto";
import { accessSync, constants, existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { canonicalJson, sha256, writeFileAtomic } from "../../base/index.ts";
import type { ControlEvent } from "../../contract/index.ts";
import { type Supervisor, createSupervisor, findProgram } from "../../process/index.ts";
import type { KvmAnswer } from "../accelerator.ts";
import { type Argv, commonOptions, toArgv } from "./argv.ts";
import { bootQemu } from "./boot.ts";
import { fileIdentity } from "./facts.ts";
import { probeConsole, probeRom } from "./probe-program.ts";
import { isRecord } from "./qmp-decode.ts";

export interface ProbeOptions {
  /** Where the answer is kept; several runs may share it. */
  readonly cacheDir: string;
  /** Owner of the probe's emulator; one of its own unless given. */
  readonly supervisor?: Supervisor;
  /** Asks the machine again, as after a guest under KVM has died before its first line. */
  readonly fresh?: boolean;
  readonly qemu?: string;
  /** The device to look for; only tests have another. */
  readonly device?: string;
}

/** Within this the guest must have answered: it takes a healthy one a few milliseconds. */
const limitMs = 500;
/** A host that has given the guest less than half its time gets longer, up to this. */
const starvedLimitMs = 2_000;

/**
 * Whether KVM really runs a guest here. That the device opens shows nothing: there are hosts where a guest then ends
 * "successfully" without a word, or runs four hundred times slower than under TCG. So one is run.
 *
 * The answer is kept until the host boots again or the emulator or the device changes.
 */
export async function probeAccelerator(options: ProbeOptions): Promise<KvmAnswer> {
  const device = options.device ?? "/dev/kvm";
  const obstacle = deviceObstacle(device);
  if (obstacle !== undefined) return { usable: false, reason: obstacle };
  const qemu = findProgram(options.qemu ?? "qemu-system-x86_64");
  if (qemu === undefined) return { usable: false, reason: "the emulator is not installed" };
  const store = join(options.cacheDir, `kvm-${cacheKey(qemu, device)}.json`);
  const known = options.fresh === true ? undefined : readAnswer(store);
  if (known !== undefined) return known;
  const answer = await runProbe(qemu, options);
  writeFileAtomic(store, JSON.stringify(answer));
  return answer;
}

function deviceObstacle(device: string): string | undefined {
  if (!existsSync(device)) return `${device} does not exist`;
  try {
    accessSync(device, constants.R_OK | constants.W_OK);
    return undefined;
  } catch {
    return `${device} may not be opened by this user`;
  }
}

/** Everything whose change may change the answer. */
function cacheKey(qemu: string, device: string): string {
  const boot = readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim();
  const user = process.getuid?.() ?? 0;
  // The device's own times change whenever it is opened; what it is does not.
  const { rdev, mode, ino } = statSync(device);
  return sha256(canonicalJson([1, boot, user, fileIdentity(qemu), rdev, mode, ino])).slice(0, 16);
}

function readAnswer(store: string): KvmAnswer | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(store, "utf8"));
    if (!isRecord(value)) return undefined;
    const { usable, reason, guestMs } = value;
    if (typeof usable !== "boolean" || typeof reason !== "string") return undefined;
    return { usable, reason, ...(typeof guestMs === "number" ? { guestMs } : {}) };
  } catch {
    return undefined;
  }
}

async function runProbe(qemu: string, options: ProbeOptions): Promise<KvmAnswer> {
  const supervisor = options.supervisor ?? createSupervisor(`kvm-probe-${randomUUID()}`);
  try {
    const rom = probeRom();
    const file = join(options.cacheDir, `kvm-probe-${sha256(rom).slice(0, 16)}.rom`);
    mkdirSync(options.cacheDir, { recursive: true });
    if (!existsSync(file)) writeFileAtomic(file, rom);
    const uuid = randomUUID();
    return judgeProbe(await runGuest(supervisor, probeArgv(qemu, "kvm", file, uuid)), probeConsole(uuid));
  } finally {
    if (options.supervisor === undefined) await supervisor.close();
  }
}

export function probeArgv(qemu: string, accelerator: "tcg" | "kvm", rom: string, uuid: string): Argv {
  return toArgv(qemu, [
    ["-machine", "q35"],
    ["-accel", accelerator],
    ["-cpu", "max"],
    ["-m", "16M"],
    ...commonOptions,
    ["-bios", rom],
    ["-uuid", uuid],
  ]);
}

/** What was seen of a probe's guest. */
export type ProbeSight =
  | { readonly started: false; readonly why: string }
  | {
      readonly started: true;
      readonly console: string;
      readonly wallMs: number;
      /** How the emulator ended; absent when the probe ran out of patience. */
      readonly exit?: Extract<ControlEvent, { type: "exit" }>;
    };

export async function runGuest(supervisor: Supervisor, argv: Argv): Promise<ProbeSight> {
  const started = await bootQemu(supervisor, argv);
  if (!started.ok) {
    const why = started.error.map((p) => p.detail?.split("\n")[0] ?? p.message).join("; ");
    return { started: false, why };
  }
  const boot = started.value;
  let text = "";
  let wallMs = 0;
  let exit: Extract<ControlEvent, { type: "exit" }> | undefined;
  for await (const input of boot.inputs) {
    wallMs = input.at.wallMs;
    // A babbling guest is as wrong as a silent one.
    if (input.kind === "bytes" && text.length < 4096) text += Buffer.from(input.bytes).toString("latin1");
    if (input.kind === "control" && input.event.type === "exit") exit = input.event;
    const patience = input.at.cpuMs < wallMs / 2 ? starvedLimitMs : limitMs;
    if (exit === undefined && wallMs > patience) break;
  }
  boot.end("cut", "decided");
  await boot.ended;
  return { started: true, console: text, wallMs, ...(exit === undefined ? {} : { exit }) };
}

/** Code with which the emulator ends when the guest writes 0x10 to isa-debug-exit. */
const passCode = 33;

export function judgeProbe(sight: ProbeSight, expected: string): KvmAnswer {
  const no = (reason: string): KvmAnswer => ({ usable: false, reason });
  if (!sight.started) return no(`the emulator did not start with kvm: ${sight.why}`);
  const { console, exit } = sight;
  const ms = Math.round(sight.wallMs);
  if (exit === undefined) return no(`a guest under kvm had not finished its task after ${ms} ms`);
  const code = exit.code === null ? `signal ${exit.signal ?? "unknown"}` : `code ${exit.code}`;
  if (console === "") return no(`a guest under kvm ended without a word (${code})`);
  if (console !== expected) return no(`a guest under kvm gave a wrong answer (${code})`);
  if (exit.code !== passCode)
    return no(`a guest under kvm answered, and the emulator then ended with ${code}`);
  return { usable: true, reason: `a guest under kvm answered in ${ms} ms`, guestMs: ms };
}
