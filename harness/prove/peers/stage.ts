import { BudgetMeter, type Moment } from "../../contract/index.ts";
import type { Network } from "../../machine/index.ts";
import type { Hand } from "../companion.ts";

/** Lines that one peer may leave in the evidence, whatever the guest does. */
const logCap = 10_000;

/** Facts of one line of a peer's log. */
export type LogFacts = Readonly<Record<string, string | number | boolean>>;

/**
 * What a peer is given: its log, the judge's ear, and the guest's clock. Deadlines count like budgets, in the time
 * that the guest has received, so that a loaded host does not fail a proof.
 */
export class Stage {
  readonly #name: string;
  readonly #deadlines = new Set<Deadline>();
  readonly #decided = new Set<string>();
  #hand: Hand | undefined;
  #at: Moment = { wallMs: 0, cpuMs: 0 };
  #readAt = 0;
  #lines = 0;

  constructor(name: string) {
    this.#name = name;
  }

  started(hand: Hand): void {
    this.#hand = hand;
    this.#readAt = performance.now();
  }

  get network(): Network | undefined {
    return this.#hand?.network;
  }

  /** Appends to `peer-<name>.jsonl`. What happens before the machine runs is not logged. */
  log(what: string, facts: LogFacts = {}): void {
    if (this.#hand === undefined || this.#lines > logCap) return;
    const line = this.#lines++ === logCap ? { what: "log-full" } : { wallMs: this.#wallMs(), what, ...facts };
    this.#hand.attach(`peer-${this.#name}.jsonl`, Buffer.from(`${JSON.stringify(line)}\n`));
  }

  /** What was expected has been seen. The first that is said of an expectation holds. */
  met(expectation: string, detail: string): void {
    this.#decide(expectation, detail, true);
  }

  /** What was expected will not be seen any more, or something else was. */
  failed(expectation: string, detail: string): void {
    this.#decide(expectation, detail, false);
  }

  /** The host cannot play this peer. */
  broken(why: string): void {
    this.log("broken", { why });
    this.#hand?.fail(`the peer \`${this.#name}\`: ${why}`);
  }

  /** Fails an expectation that is not met within so many milliseconds of guest progress. */
  expectWithin(expectation: string, withinMs: number, what: string, late?: () => void): void {
    const deadline = new Deadline(this.#at, withinMs, () => {
      this.#deadlines.delete(deadline);
      if (this.#decided.has(expectation)) return;
      this.failed(expectation, `${what} within ${withinMs / 1000} s`);
      late?.();
    });
    this.#deadlines.add(deadline);
  }

  /** Time has passed for the guest. */
  passed(at: Moment): void {
    this.#at = at;
    this.#readAt = performance.now();
    for (const deadline of this.#deadlines) deadline.look(at);
  }

  /** Nothing is late any more. */
  over(): void {
    this.#deadlines.clear();
  }

  #decide(expectation: string, detail: string, ok: boolean): void {
    if (this.#decided.has(expectation)) return;
    this.#decided.add(expectation);
    this.log(ok ? "met" : "failed", { expectation, detail });
    this.#hand?.note({ source: "peer", name: `${this.#name}.${expectation}`, detail, ok });
  }

  /** Since power-on, to the millisecond. */
  #wallMs(): number {
    return Math.round(this.#at.wallMs + performance.now() - this.#readAt);
  }
}

class Deadline {
  readonly #meter = new BudgetMeter();
  readonly #withinMs: number;
  readonly #late: () => void;

  constructor(from: Moment, withinMs: number, late: () => void) {
    this.#meter.restart(from);
    this.#withinMs = withinMs;
    this.#late = late;
  }

  look(at: Moment): void {
    this.#meter.advance(at);
    if (this.#meter.spent(at) > this.#withinMs) this.#late();
  }
}
