import { readFileSync } from "node:fs";
import { availableParallelism, release } from "node:os";
import { sha256 } from "../../base/index.ts";
import type { FirmwareFact, HostFacts } from "../types.ts";

export function hostFacts(): HostFacts {
  return {
    cpu: cpuModel(readFileSync("/proc/cpuinfo", "latin1")),
    cores: availableParallelism(),
    kernel: release(),
  };
}

/** The name of the first processor in /proc/cpuinfo. */
export function cpuModel(cpuinfo: string): string {
  return /^model name\s*:\s*(.+)$/mu.exec(cpuinfo)?.[1]?.trim() ?? "unknown";
}

/** Firmware decides what the guest sees before its first instruction, so it is an input like any other. */
export function firmwareFacts(paths: readonly string[]): FirmwareFact[] {
  return paths.map((path) => ({ path, sha256: sha256(readFileSync(path)) }));
}
