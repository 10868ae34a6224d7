import { existsSync, readFileSync, statSync } from "node:fs";
import { availableParallelism, release } from "node:os";
import { join } from "node:path";
import { type Result, canonicalJson, ok, sha256, writeFileAtomic } from "../../base/index.ts";
import { type Supervisor, runTool } from "../../process/index.ts";
import type { FirmwareFact, HostFacts } from "../types.ts";
import type { QemuPaths } from "./argv.ts";
import { isRecord } from "./qmp-decode.ts";

/** What is true of the installed files until one of them changes. */
export interface InstalledFacts {
  readonly version: string;
  readonly firmware: readonly FirmwareFact[];
}

/** The emulator finds its BIOS by itself; these are its places in Debian and elsewhere. */
const biosPlaces = ["/usr/share/seabios/bios-256k.bin", "/usr/share/qemu/bios-256k.bin"];

/**
 * The emulator's version and the digests of all firmware. Asking costs two dozen milliseconds, so the answer is kept in
 * `cacheDir`, if there is one, under the identity of every file that it speaks of.
 */
export async function installedFacts(
  supervisor: Supervisor,
  paths: QemuPaths,
  cacheDir?: string,
): Promise<Result<InstalledFacts>> {
  const firmware = [...biosPlaces.filter(existsSync).slice(0, 1), ...Object.values(paths.ovmf ?? {})];
  const key = sha256(canonicalJson([1, ...[paths.qemu, ...firmware].map(fileIdentity)])).slice(0, 16);
  const store = cacheDir === undefined ? undefined : join(cacheDir, `qemu-${key}.json`);
  const known = store === undefined ? undefined : readFacts(store);
  if (known !== undefined) return ok(known);
  const asked = await runTool(supervisor, [paths.qemu, "--version"], { deadlineMs: 10_000 });
  if (!asked.ok) return asked;
  const facts: InstalledFacts = {
    version: versionIn(asked.value.stdout.text),
    firmware: firmware.map((path) => ({ path, sha256: sha256(readFileSync(path)) })),
  };
  if (store !== undefined) writeFileAtomic(store, JSON.stringify(facts));
  return ok(facts);
}

export function hostFacts(): HostFacts {
  const cpu = cpuModel(readFileSync("/proc/cpuinfo", "latin1"));
  return { cpu, cores: availableParallelism(), kernel: release() };
}

/** The name of the first processor in /proc/cpuinfo. */
export function cpuModel(cpuinfo: string): string {
  return /^model name\s*:\s*(.+)$/mu.exec(cpuinfo)?.[1]?.trim() ?? "unknown";
}

/** What changes when a file is replaced or written to. */
export function fileIdentity(path: string): readonly (number | string)[] {
  const { dev, ino, size, mtimeMs, ctimeMs } = statSync(path);
  return [path, dev, ino, size, mtimeMs, ctimeMs];
}

/** `QEMU emulator version 7.2.22 (Debian …)` stands on the first line. */
export function versionIn(text: string): string {
  return /version (.+)/u.exec(text)?.[1] ?? "unknown";
}

function readFacts(store: string): InstalledFacts | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(store, "utf8"));
    if (!isRecord(value) || typeof value["version"] !== "string" || !Array.isArray(value["firmware"])) {
      return undefined;
    }
    const firmware = value["firmware"].flatMap((entry: unknown) => {
      if (!isRecord(entry)) return [];
      const { path, sha256: digest } = entry;
      return typeof path === "string" && typeof digest === "string" ? [{ path, sha256: digest }] : [];
    });
    return { version: value["version"], firmware };
  } catch {
    return undefined;
  }
}
