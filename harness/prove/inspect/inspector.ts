import { constants, setPriority } from "node:os";
import { err, ok, type Result } from "../../base/index.ts";
import type { Monitor } from "../../machine/index.ts";
import { parseRegisters, type Registers } from "./registers.ts";

/** Looks into a machine through its control channel. What the emulator answers is text for a person; this reads it. */
export class Inspector {
  readonly #monitor: Monitor;

  constructor(monitor: Monitor) {
    this.#monitor = monitor;
  }

  /** The processors stand still when this has settled. */
  pause(): Promise<Result<unknown, string>> {
    return this.#monitor.execute("stop");
  }

  execute(command: string, args?: Readonly<Record<string, unknown>>): Promise<Result<unknown, string>> {
    return this.#monitor.execute(command, args);
  }

  /** A command of the emulator's own monitor, about processor `cpu` where it is about one; gives what it prints. */
  async ask(line: string, cpu?: number): Promise<Result<string, string>> {
    const about = cpu === undefined ? {} : { "cpu-index": cpu };
    const said = await this.#monitor.execute("human-monitor-command", { "command-line": line, ...about });
    return said.ok ? ok(String(said.value).replaceAll("\r\n", "\n")) : said;
  }

  async registers(): Promise<Result<readonly Registers[], string>> {
    const said = await this.ask("info registers -a");
    return said.ok ? ok(parseRegisters(said.value)) : said;
  }

  /** Bytes as processor `cpu` sees them; undefined where it sees nothing. */
  async read(cpu: number, address: bigint, length: number): Promise<Uint8Array | undefined> {
    const said = await this.ask(`x/${length}xb 0x${address.toString(16)}`, cpu);
    if (!said.ok || /cannot access/iu.test(said.value)) return undefined;
    const bytes = [...said.value.matchAll(/^[0-9a-f]+:(.*)$/gmu)].flatMap(([, row = ""]) =>
      [...row.matchAll(/0x([0-9a-f]{2})/gu)].map(([, hex = ""]) => Number.parseInt(hex, 16)),
    );
    return bytes.length === length ? Uint8Array.from(bytes) : undefined;
  }

  /**
   * Opens the emulator's debugger port as a UNIX socket in the file system, relative to where the emulator runs;
   * at most 107 bytes. It pauses the machine when somebody connects.
   */
  async openGdb(socket: string): Promise<Result<undefined, string>> {
    const said = await this.ask(`gdbserver unix:${socket},server=on,wait=off`);
    if (!said.ok) return said;
    return said.value.startsWith("Waiting for gdb") ? ok(undefined) : err(said.value.trim());
  }
}

/** `7.2.22 (Debian …)`, as the emulator states it itself. */
export async function emulatorVersion(inspector: Inspector): Promise<string> {
  const said = await inspector.ask("info version");
  return said.ok ? said.value.trim() : "unknown";
}

/**
 * Puts a guest's processors behind the emulator's other threads, so that a command to pause it is heard at once. The
 * emulator as a whole keeps its share of the host: a guest that starved would make no progress. It cannot be taken back.
 */
export async function giveWay(monitor: Monitor): Promise<void> {
  const said = await monitor.execute("query-cpus-fast");
  const cpus: readonly unknown[] = said.ok && Array.isArray(said.value) ? said.value : [];
  for (const cpu of cpus) {
    const thread =
      typeof cpu === "object" && cpu !== null && "thread-id" in cpu ? cpu["thread-id"] : undefined;
    if (typeof thread !== "number") continue;
    try {
      setPriority(thread, constants.priority.PRIORITY_LOW);
    } catch {
      // A host that forbids it is as fast as it is.
    }
  }
}
