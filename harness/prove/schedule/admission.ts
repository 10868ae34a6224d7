import type { Proof } from "../../contract/index.ts";
import type { Amount } from "./host.ts";

/** What an emulator takes beside its guest's memory: itself, its firmware, translated code. */
const emulatorBytes = 160 * 2 ** 20;
/** Guests that were measured to idle may share a processor, but not too many. */
const leastLoad = 0.25;
/** How far measured loads may go over the host: guests that pause for their disk leave gaps. */
const slack = 0.2;

/** A proof with this tag measures: nothing runs beside it. */
export const aloneTag = "alone";

/**
 * What a case takes while it runs. A guest counts as the load that it was measured to be, since most of the
 * processors of most guests idle; one that was never measured counts as all its processors.
 */
export function costOf(proof: Proof, host: Amount, load?: number): Amount {
  const { machine, tags } = proof;
  const memoryBytes = machine.memoryBytes + emulatorBytes;
  if (tags.includes(aloneTag)) return { memoryBytes, cpus: Infinity };
  const wanted = load === undefined ? machine.cpus : Math.max(leastLoad, load);
  return { memoryBytes, cpus: Math.min(wanted, machine.cpus, host.cpus) };
}

/**
 * Memory is never promised twice. Processors are, a little; what takes more of them than there are runs, but alone.
 */
export class Admission {
  readonly #host: Amount;
  #memoryBytes = 0;
  #cpus = 0;
  #running = 0;

  constructor(host: Amount) {
    this.#host = host;
  }

  /** Whether there is memory enough on an empty host. */
  couldEver(cost: Amount): boolean {
    return cost.memoryBytes <= this.#host.memoryBytes;
  }

  fits(cost: Amount): boolean {
    if (this.#memoryBytes + cost.memoryBytes > this.#host.memoryBytes) return false;
    return this.#running === 0 || this.#cpus + cost.cpus <= this.#host.cpus + slack;
  }

  /** Takes the amount; the function that is returned gives it back, once. */
  take(cost: Amount): () => void {
    this.#memoryBytes += cost.memoryBytes;
    this.#cpus += cost.cpus;
    this.#running += 1;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#memoryBytes -= cost.memoryBytes;
      this.#running -= 1;
      // What is left of sums of fractions must not add up over a night.
      this.#cpus = this.#running === 0 ? 0 : this.#cpus - cost.cpus;
    };
  }
}
