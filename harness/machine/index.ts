export type {
  AcceleratorChoice,
  BootEnd,
  BootPlan,
  BootRequest,
  DataDisk,
  Datagram,
  EndReason,
  FirmwareFact,
  HostFacts,
  Machine,
  MachineFacts,
  Monitor,
  Network,
  NetworkRequest,
  RunningBoot,
  Settled,
  System,
  Trace,
  TraceListener,
} from "./types.ts";
export type { DiskFault, MachineAction } from "./actions.ts";
export { type Relocation, replayArgv, replayRefusal } from "./qemu/replay.ts";
export { machineCodes } from "./codes.ts";
export { type QemuMachine, type QemuOptions, openQemu } from "./qemu/index.ts";
export type { QemuBoot } from "./qemu/boot.ts";
export { hostFacts } from "./qemu/facts.ts";
export { type StoredBoots, openRecord } from "./record/index.ts";
export { type ProbeOptions, probeAccelerator } from "./qemu/probe.ts";
export { type KvmAnswer, chooseAccelerators } from "./accelerator.ts";
