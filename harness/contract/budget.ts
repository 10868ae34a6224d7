import type { Moment } from "./types.ts";

/** Shorter spans say nothing about idleness: a clock that ticks every 10 ms may stand still over them. */
export const sampleMs = 100;

/** A guest that gets less than this share of a processor over a sample was not asking for one. */
export const idleShare = 0.05;

/**
 * What a phase has cost the guest, in milliseconds.
 *
 * Time is cut into samples of at least `sampleMs` of wall time, at the moments that the judge is fed. Over one
 * sample, wall time advances by W and processor time by C:
 *
 * - C >= `idleShare` x W: the guest was working, perhaps on a loaded host that gave it little. C is counted.
 * - C <  `idleShare` x W: the guest was idle: halted, or waiting for something that never comes. W is counted.
 *
 * So a host that is ten times overloaded does not use up a budget, and a hung guest does. Where a target cannot
 * measure processor time, C is always 0 and every budget is one of wall time. With several processors C is their
 * sum. The sample that is still open counts its processor time only.
 */
export class BudgetMeter {
  #spent = 0;
  #sample: Moment = { wallMs: 0, cpuMs: 0 };

  /** A new phase begins. */
  restart(at: Moment): void {
    this.#spent = 0;
    this.#sample = at;
  }

  /** Ends the open sample at this moment if it is long enough; returns whether it was. */
  advance(at: Moment): boolean {
    const wall = at.wallMs - this.#sample.wallMs;
    if (wall < sampleMs) return false;
    const cpu = Math.max(0, at.cpuMs - this.#sample.cpuMs);
    this.#spent += cpu < idleShare * wall ? wall : cpu;
    this.#sample = at;
    return true;
  }

  /** Milliseconds spent until this moment; of the open sample only what was surely work. */
  spent(at: Moment): number {
    return this.#spent + Math.max(0, at.cpuMs - this.#sample.cpuMs);
  }
}
