import type { Fault } from "./faults.ts";
import type { Finding } from "./sending.ts";
import type { ActionEvent, BootSpec, Moment } from "./types.ts";

/** How long a tool may need to make what is due; a boot that ends sooner has not waited for it. */
const patienceMs = 1_000;

/** The name under which the tool tells of a boot's crash states. */
export const crashStatesAction = "crash-states";
/** The run was stopped before it could. */
export const crashStatesStopped = "crash-states-stopped";

/**
 * Follows the faults of one boot, and its crash states: finds that one was not made, or not as declared. A proof that
 * something survives a fault says nothing where the fault did not happen.
 */
export class FaultTracker {
  readonly #faults: readonly Fault[];
  readonly #triesCrashes: boolean;
  /** By name: milliseconds of wall time. */
  readonly #due = new Map<string, number>();
  readonly #made = new Set<string>();
  readonly #refused = new Map<string, string>();
  #crashes: ActionEvent | undefined;
  #isStopped = false;

  constructor({ faults, crash }: Pick<BootSpec, "faults" | "crash">) {
    this.#faults = faults ?? [];
    this.#triesCrashes = crash !== undefined;
  }

  landmark(name: string, now: Moment): void {
    for (const fault of this.#faults) {
      if (fault.at === name && !this.#due.has(fault.name))
        this.#due.set(fault.name, now.wallMs + fault.afterMs);
    }
  }

  /** The tool says that it has made a fault, or tried the crash states, or could not. */
  action(event: ActionEvent): Finding | undefined {
    if (event.source === "tool") {
      if (event.name === crashStatesAction) this.#crashes = event;
      if (event.name === crashStatesStopped) this.#isStopped = true;
      return undefined;
    }
    const { name, detail, ok } = event;
    if (!this.#faults.some((fault) => fault.name === name)) {
      return { kind: "harness", sentence: `the tool made the fault \`${name}\`, which is not declared` };
    }
    if (!this.#due.has(name)) {
      return {
        kind: "harness",
        sentence: `the tool made the fault \`${name}\` before its landmark had come`,
      };
    }
    if (ok) this.#made.add(name);
    else this.#refused.set(name, detail);
    return undefined;
  }

  /** Why a boot that is as declared otherwise is not proved. */
  finish(now: Moment): Finding | undefined {
    for (const { name, at } of this.#faults) {
      const refused = this.#refused.get(name);
      if (refused !== undefined) {
        return { kind: "fault", sentence: `the fault \`${name}\` could not be made: ${refused}` };
      }
      if (this.#made.has(name)) continue;
      const due = this.#due.get(name);
      return due !== undefined && now.wallMs - due >= patienceMs
        ? { kind: "harness", sentence: `the tool never made the fault \`${name}\`, which was due` }
        : { kind: "fault", sentence: `the boot ended before the fault \`${name}\` at \`${at}\` was made` };
    }
    if (!this.#triesCrashes) return undefined;
    if (this.#isStopped)
      return { kind: "interrupted", sentence: "interrupted while crash states were tried" };
    if (this.#crashes === undefined)
      return { kind: "harness", sentence: "the crash states were never tried" };
    return this.#crashes.ok ? undefined : { kind: "crash", sentence: this.#crashes.detail };
  }
}
