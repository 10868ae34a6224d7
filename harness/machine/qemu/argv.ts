import { type Problem, type Result, err, ok, problem } from "../../base/index.ts";
import type { MachineSpec } from "../../contract/index.ts";
import { machineCodes } from "../codes.ts";
import type { BootRequest, DataDisk, NetworkRequest, System } from "../types.ts";
import { diskOptions, quoted } from "./block-graph.ts";
import { directOptions } from "./direct.ts";
import { networkChannels, networkOptions } from "./network.ts";
import { tracedEvents } from "./trace.ts";
import { epoch, replayOptions, replayRefusal, replayedDisk, replayedSystem } from "./replay.ts";

/** Where this host keeps what the emulator needs. Absolute paths. */
export interface QemuPaths {
  readonly qemu: string;
  /** UEFI code and the template of its variable store; absent when not installed. */
  readonly ovmf?: { readonly code: string; readonly variables: string };
}

export type Argv = readonly [string, ...string[]];

/** An option of the emulator with its value. */
export type Option = readonly [string] | readonly [string, string];

const mebibyte = 1 << 20;

/** Descriptors at which the emulator finds its two channels, as connected sockets. */
const serialFd = 3;
const qmpFd = 4;

/**
 * What every machine here is given. Nothing is left to the emulator's defaults or to a user's configuration. Serial
 * line and control channel are inherited sockets, so there are no ports, no socket files and no path limits, and both
 * close with the process. The machine starts paused (`-S`): the control channel is there before the first instruction.
 */
export const commonOptions: readonly Option[] = [
  ["-nodefaults"],
  ["-no-user-config"],
  ["-display", "none"],
  ["-no-reboot"],
  ["-S"],
  ["-chardev", `socket,id=serial,fd=${serialFd}`],
  ["-serial", "chardev:serial"],
  ["-chardev", `socket,id=qmp,fd=${qmpFd}`],
  ["-mon", "chardev=qmp,mode=control"],
  ["-device", "isa-debug-exit,id=debug-exit,iobase=0xf4,iosize=4"],
];

/** The argument vector of a boot. Pure. */
export function qemuArgv(paths: QemuPaths, accelerator: "tcg" | "kvm", request: BootRequest): Result<Argv> {
  const { machine, system, disks, identity } = request;
  const problems = [
    ...checkMachine(request),
    ...checkReplay(accelerator, request),
    ...checkCounting(accelerator, request),
    ...disks.flatMap(checkDisk),
  ];
  if (problems.length > 0) return err(problems);
  const firmware = firmwareOptions(paths, system);
  if (!firmware.ok) return firmware;
  return ok(
    toArgv(paths.qemu, [
      ["-machine", machine.type],
      ["-accel", accelerator],
      ["-cpu", machine.cpu],
      ["-m", `${machine.memoryBytes / mebibyte}M`],
      ["-smp", String(machine.cpus)],
      ...commonOptions,
      ...resetLog(accelerator),
      ...(identity === undefined ? [] : [identityOption(identity)]),
      ...firmware.value,
      ...systemOptions(request),
      ...timeOptions(request),
      ...(request.incoming === undefined ? [] : [incomingOption(request.incoming)]),
      ...(request.trace === true ? tracedEvents.map((name): Option => ["-trace", `enable=${name}`]) : []),
      ...disks.flatMap(request.replay === undefined ? diskOptions : replayedDisk),
      ...terminalOptions(request),
      ...(hasNetwork(request) ? networkOptions(networkOf(request), (name) => fdOf(request, name)) : []),
    ]),
  );
}

const nobody: NetworkRequest = { forwards: [], services: [], datagrams: false };

/** What decides the machine's ports and its network. */
export interface Connections extends Pick<BootRequest, "network"> {
  readonly machine: Pick<MachineSpec, "terminal" | "network">;
}

export function hasNetwork({ machine, network }: Connections): boolean {
  return machine.network === true || network !== undefined;
}

function networkOf({ network }: BootRequest): NetworkRequest {
  return network ?? nobody;
}

/** The machine's channels in the order of their descriptors, from `firstFd` on. */
export function channelsOf({ machine, network }: Connections): readonly string[] {
  return ["serial", "qmp", ...(machine.terminal === true ? ["terminal"] : []), ...networkChannels(network)];
}

function fdOf(request: BootRequest, channel: string): number {
  return serialFd + channelsOf(request).indexOf(channel);
}

/** The machine's second serial port: on the same bus at the address where every system looks for one. */
function terminalOptions(request: BootRequest): readonly Option[] {
  if (request.machine.terminal !== true) return [];
  return [
    ["-chardev", `socket,id=terminal,fd=${fdOf(request, "terminal")}`],
    ["-serial", "chardev:terminal"],
  ];
}

export function toArgv(program: string, options: readonly Option[]): Argv {
  return [program, ...options.flat()];
}

/** Only TCG writes this log, and only it can say that a reset was a triple fault. It goes to standard error. */
function resetLog(accelerator: "tcg" | "kvm"): readonly Option[] {
  return accelerator === "tcg" ? [["-d", "cpu_reset"]] : [];
}

function timeOptions(request: BootRequest): readonly Option[] {
  const { replay, machine, clock } = request;
  if (replay !== undefined) return replayOptions(replay, clock);
  return machine.icount === true ? countingOptions(clock) : clockOption(request);
}

/**
 * One instruction is eight nanoseconds of the guest's time and eight ticks of its time-stamp counter, as in a recording
 * (with fewer, firmware that waits by the clock would take minutes); time in which the guest waits passes at once.
 * Nothing from outside (clock, random numbers) differs from one run to the next.
 */
function countingOptions(clock: string = epoch): readonly Option[] {
  return [
    ["-icount", "shift=3,sleep=off"],
    ["-seed", "1"],
    ["-rtc", `base=${clock},clock=vm`],
  ];
}

/** Counts on from there while the guest runs, as the host's clock does. */
function clockOption({ clock }: BootRequest): readonly Option[] {
  return clock === undefined ? [] : [["-rtc", `base=${clock}`]];
}

function identityOption({ nonce, boot }: NonNullable<BootRequest["identity"]>): Option {
  return ["-fw_cfg", `name=opt/org.capos/boot,string=nonce=${nonce} boot=${boot}`];
}

/** A shell reads the file: `QEMU` 7.2 knows no other way to a file, and anyone can repeat the command. */
function incomingOption(file: string): Option {
  return ["-incoming", `exec:cat ${file}`];
}

function systemOptions({ system, identity, replay }: BootRequest): readonly Option[] {
  switch (system.path) {
    case "direct":
      return directOptions(system, identity);
    case "bios":
    case "uefi":
      if (replay !== undefined) return replayedSystem(system);
      // NVMe: never the kind of bus that the data disks are on, and both firmwares boot from it. The snapshot's
      // overlay is a file that the emulator has already unlinked, so nothing of it can be left behind.
      return [
        ["-drive", `if=none,id=system,format=raw,snapshot=on,file=${quoted(system.image)}`],
        ["-device", "nvme,id=system-disk,drive=system,serial=system,bootindex=0"],
      ];
  }
}

function firmwareOptions(paths: QemuPaths, system: System): Result<readonly Option[]> {
  if (system.path !== "uefi") return ok([]);
  if (paths.ovmf === undefined) {
    const message = "UEFI boots need the OVMF firmware, which was not found";
    return err([problem(machineCodes, "CAPOS_FIRMWARE_MISSING", message)]);
  }
  // The variable store is a snapshot of the template: each boot starts with fresh variables, and none is written.
  return ok([
    ["-drive", `if=pflash,unit=0,format=raw,readonly=on,file=${quoted(paths.ovmf.code)}`],
    ["-drive", `if=pflash,unit=1,format=raw,snapshot=on,file=${quoted(paths.ovmf.variables)}`],
  ]);
}

function checkMachine({ machine, disks, identity, clock }: BootRequest): Problem[] {
  const { memoryBytes, cpus, cpu } = machine;
  const found: Problem[] = [];
  if (!Number.isSafeInteger(memoryBytes) || memoryBytes < mebibyte || memoryBytes % mebibyte !== 0) {
    found.push(wrong(`memory of ${memoryBytes} bytes is not a whole number of MiB`));
  }
  if (!Number.isSafeInteger(cpus) || cpus < 1 || cpus > 255) {
    found.push(wrong(`${cpus} processors: there may be 1 to 255`));
  }
  // It may carry features (`max,+x2apic`), but nothing that would become another option.
  if (!/^[A-Za-z0-9][\w.,+=-]*$/u.test(cpu)) found.push(wrong(`"${cpu}" is no processor model`));
  if (identity !== undefined && !/^[0-9a-f]{32}$/u.test(identity.nonce)) {
    found.push(wrong("the nonce is not 32 hexadecimal digits"));
  }
  if (clock !== undefined && !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/u.test(clock)) {
    found.push(wrong(`"${clock}" is no time such as 2031-01-01T00:00:00`));
  }
  const serials = disks.map((disk) => disk.serial);
  const twice = serials.find((serial, at) => serials.indexOf(serial) !== at);
  if (twice !== undefined) found.push(wrong(`two disks have the serial number ${twice}`));
  return found;
}

/** What QEMU cannot record, it would record wrongly or not at all. */
function checkReplay(accelerator: "tcg" | "kvm", { replay, machine, system }: BootRequest): Problem[] {
  if (replay === undefined) return [];
  const why = replayRefusal({ accelerator, cpus: machine.cpus, path: system.path });
  return why === undefined ? [] : [problem(machineCodes, "CAPOS_RECORD_MACHINE", why)];
}

function checkCounting(accelerator: "tcg" | "kvm", { machine }: BootRequest): Problem[] {
  if (machine.icount !== true || accelerator === "tcg") return [];
  return [wrong("nobody counts the instructions of a guest under KVM")];
}

function checkDisk({ serial }: DataDisk): Problem[] {
  if (/^[a-z][a-z0-9-]{0,19}$/u.test(serial)) return [];
  return [wrong(`"${serial}" is no disk serial number: 1 to 20 of a-z, 0-9 and -, the first a letter`)];
}

function wrong(message: string): Problem {
  return problem(machineCodes, "CAPOS_MACHINE_REQUEST", message);
}
