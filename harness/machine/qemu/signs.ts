import type { ControlEvent } from "../../contract/index.ts";
import { isRecord } from "./qmp-decode.ts";

/** What an event of the control channel means for the boot, if anything. */
export type Sign =
  /** The machine is about to end. */
  | { readonly kind: "ending"; readonly event: ControlEvent }
  /** The host failed the guest. `isAsItCloses`: no file of the host fails so, only a disk that is being taken away. */
  | { readonly kind: "host"; readonly detail: string; readonly isAsItCloses: boolean };

export function signOf(name: string, data: Readonly<Record<string, unknown>>): Sign | undefined {
  switch (name) {
    case "SHUTDOWN": {
      // Under -no-reboot a reset, asked for by the guest or made by us as a fault, comes as a shutdown.
      if (data["reason"] === "guest-reset" || data["reason"] === "host-qmp-system-reset") {
        return { kind: "ending", event: { type: "reset" } };
      }
      return { kind: "ending", event: { type: "shutdown", guest: data["guest"] === true } };
    }
    case "RESET":
      return data["guest"] === true ? { kind: "ending", event: { type: "reset" } } : undefined;
    case "BLOCK_IO_ERROR": {
      const what = `${String(data["operation"])} on disk ${String(data["node-name"] ?? data["device"])}`;
      const reason = String(data["reason"]);
      return {
        kind: "host",
        detail: `${what} failed: ${reason}`,
        isAsItCloses: reason === "No medium found",
      };
    }
    default:
      return undefined;
  }
}

/** Names of the devices in an answer to `qom-list /machine/peripheral`, without the `-pci` of their bus. */
export function devicesIn(answer: unknown): string[] {
  if (!Array.isArray(answer)) return [];
  const names = answer.flatMap((entry: unknown) => {
    if (!isRecord(entry) || typeof entry["type"] !== "string") return [];
    const name = /^child<(.+)>$/u.exec(entry["type"])?.[1];
    return name === undefined ? [] : [name.replace(/-pci$/u, "")];
  });
  return [...new Set(names)].toSorted();
}

/** Threads of the guest's processors in an answer to `query-cpus-fast`. */
export function threadsIn(answer: unknown): number[] {
  if (!Array.isArray(answer)) return [];
  return answer.flatMap((cpu: unknown) =>
    isRecord(cpu) && typeof cpu["thread-id"] === "number" ? [cpu["thread-id"]] : [],
  );
}

/** Sorts the emulator's standard error into its own messages and the log of processor resets. */
export class ErrorLog {
  readonly #onTripleFault: () => void;
  readonly #kept: string[] = [];
  #bytes = 0;

  constructor(onTripleFault: () => void) {
    this.#onTripleFault = onTripleFault;
  }

  line(text: string): void {
    if (text === "Triple fault") this.#onTripleFault();
    if (isResetLog(text) || this.#bytes > 65_536) return;
    this.#bytes += text.length;
    this.#kept.push(text);
  }

  text(): string {
    return this.#kept.join("\n");
  }
}

/** The lines in which QEMU dumps a processor: `CPU Reset`, then `EAX=… EBX=…`, `CS =…`, `FPR0=…` and so on. */
function isResetLog(line: string): boolean {
  return (
    line === "" ||
    line.startsWith("CPU Reset (CPU ") ||
    line === "Triple fault" ||
    /^[A-Z][A-Z0-9]{1,7} *=[ 0-9a-f]/u.test(line)
  );
}
