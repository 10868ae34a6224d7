import { err, ok, type Result } from "../../base/index.ts";
import type { MachineAction } from "../actions.ts";
import type { DataDisk } from "../types.ts";
import { baseOf, breakDisk, nodes } from "./block-graph.ts";
import { GdbStub } from "./gdb-stub.ts";
import type { Qmp } from "./qmp.ts";

/** How long a guest may take to let go of a device. */
const unplugMs = 5_000;

/** What must be known of a machine to break it. */
export interface Breakable {
  readonly disks: readonly DataDisk[];
  readonly machine: { readonly cpus: number };
}

/** What is broken about one machine, and how more of it is broken. The errors are one sentence each. */
export class Breakage {
  readonly #qmp: Qmp;
  readonly #request: Breakable;
  /** By serial number: the node on which the next fault of the disk is put. */
  readonly #heads = new Map<string, string>();
  #count = 0;
  readonly #gdb: GdbStub;
  /** Devices that are gone, and who waits for one. */
  readonly #gone = new Set<string>();
  #onGone: (() => void) | undefined;

  constructor(qmp: Qmp, request: Breakable) {
    this.#qmp = qmp;
    this.#request = request;
    this.#gdb = new GdbStub(qmp);
  }

  /** Whether errors of this node were asked for, so that the host is not to blame for them. */
  isBroken(node: string): boolean {
    return [...this.#heads.keys()].some((serial) => nodes.top(serial) === node);
  }

  /** A device has left the machine. */
  deviceGone(id: string): void {
    this.#gone.add(id);
    this.#onGone?.();
  }

  async breakDisk(
    action: Extract<MachineAction, { type: "break-disk" }>,
  ): Promise<Result<undefined, string>> {
    const { serial, fault } = action;
    const disk = this.#request.disks.find((d) => d.serial === serial);
    if (disk?.breakable !== true) return err(`the disk ${serial} was not made to be broken`);
    const base = this.#heads.get(serial) ?? baseOf(serial, disk.log !== undefined);
    const { commands, head } = breakDisk(serial, base, fault, this.#count++);
    // Before the first error can come.
    this.#heads.set(serial, head);
    for (const { name, arguments: args } of commands) {
      const said = await this.#qmp.execute(name, args);
      if (!said.ok) return said;
    }
    return ok(undefined);
  }

  /** `false`: the guest has been asked and does not let go. */
  async unplug(serial: string): Promise<Result<boolean, string>> {
    const id = nodes.device(serial);
    const asked = await this.#qmp.execute("device_del", { id });
    if (!asked.ok) return asked;
    const deadline = performance.now() + unplugMs;
    while (!this.#gone.has(id)) {
      const left = deadline - performance.now();
      if (left <= 0) return ok(false);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#onGone = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    return ok(true);
  }

  stopCpu(cpu: number): Promise<Result<undefined, string>> {
    return this.#gdb.stop(cpu, this.#request.machine.cpus);
  }

  resumeCpus(): Promise<Result<undefined, string>> {
    return this.#gdb.resume(this.#request.machine.cpus);
  }
}
