import { Automaton } from "./automaton.ts";
import { BudgetMeter } from "./budget.ts";
import { mustParseExpression } from "./expression.ts";
import { type Port, type Send, triggerWords, typingOf } from "./interaction.ts";
import type { CauseKind } from "./judgement.ts";
import { PortText } from "./port-text.ts";
import type { ActionEvent, Moment } from "./types.ts";

/** Said while a boot runs, for whoever types. */
export type SendOutput =
  /** What the send waits for has come: type it now. */
  | { readonly type: "due"; readonly send: string }
  /** So many pieces of it have come back; `surplus`: bytes that the port has shown behind the last. */
  | { readonly type: "echoed"; readonly send: string; readonly pieces: number; readonly surplus: number };

export interface SendTrackerOptions {
  readonly sends: readonly Send[];
  /** Expression of lines that may cut into others; empty: none. */
  readonly foreign: string;
  readonly say: (output: SendOutput) => void;
}

export interface Finding {
  readonly kind: CauseKind;
  readonly sentence: string;
}

/** How long a tool may need to type what is due; a guest that leaves sooner has not waited for it. */
const patienceMs = 1_000;

/**
 * Follows the sends of one boot: says when each is due and how much of it has come back, and finds that a send was
 * not made, or not as declared. Runs while the boot does and from its record, and sees the same in both.
 */
export class SendTracker {
  readonly #sends: readonly Send[];
  readonly #say: (output: SendOutput) => void;
  readonly #ports: Readonly<Record<Port, PortText>>;
  readonly #landmarks = new Set<string>();
  readonly #expectations = new Set<string>();
  readonly #meter = new BudgetMeter();
  #began = false;
  #done = 0;
  /** When the current one became due. */
  #dueAt: Moment | undefined;
  #echoed = 0;

  constructor({ sends, foreign, say }: SendTrackerOptions) {
    this.#sends = sends;
    this.#say = say;
    const cutting = foreign === "" ? undefined : new Automaton(mustParseExpression(foreign));
    this.#ports = { console: new PortText(cutting), terminal: new PortText(cutting) };
  }

  /** What is awaited of the guest, for a person; undefined while nothing is. */
  get awaited(): string | undefined {
    const send = this.#current;
    if (send === undefined || !this.#began) return undefined;
    if (this.#dueAt === undefined) return send.on.on === "prompt" ? triggerWords(send) : undefined;
    return this.#echoed < typingOf(send).echoed.length ? `the echo of \`${send.name}\`` : undefined;
  }

  /** The banner has come; `offset` is where its line begins in the console. */
  begin(offset: number, now: Moment): void {
    this.#began = true;
    this.#ports.console.useLine(offset);
    this.#next(now);
  }

  bytes(port: Port, bytes: Uint8Array, now: Moment): void {
    this.#ports[port].push(bytes);
    this.#look(now);
  }

  /** A landmark has come; `end` is the place behind its line in the console. */
  landmark(name: string, end: number, now: Moment): void {
    this.#landmarks.add(name);
    const on = this.#current?.on;
    // A prompt that follows is sought behind the landmark that its predecessor was typed at.
    if (on?.on === "landmark" && on.landmark === name) this.#ports.console.use(end);
    this.#look(now);
  }

  expectationMet(expectation: string, now: Moment): void {
    this.#expectations.add(expectation);
    this.#look(now);
  }

  /** The tool says that it has typed, or that it could not. */
  action({ name, detail, ok }: ActionEvent, now: Moment): Finding | undefined {
    const send = this.#current;
    if (send === undefined || send.name !== name) {
      return { kind: "harness", sentence: `the tool typed \`${name}\`, which was not the next to be typed` };
    }
    if (!ok) return { kind: "send", sentence: `\`${name}\` could not be typed: ${detail}` };
    if (this.#dueAt === undefined) {
      return { kind: "harness", sentence: `the tool typed \`${name}\` before ${triggerWords(send)}` };
    }
    if (this.#echoed < typingOf(send).echoed.length) {
      return { kind: "harness", sentence: `the tool typed all of \`${name}\` before its echo had come` };
    }
    this.#done++;
    this.#next(now);
    return undefined;
  }

  /** Accounts for time; false, and without a trace, when too little has passed. */
  advance(now: Moment): boolean {
    return this.awaited !== undefined && this.#meter.advance(now);
  }

  overdue(now: Moment): Finding | undefined {
    const { awaited } = this;
    const withinMs = this.#current?.withinMs ?? Infinity;
    if (awaited === undefined || this.#meter.spent(now) <= withinMs) return undefined;
    return { kind: "deadline", sentence: `${awaited} did not come within ${withinMs / 1000} s` };
  }

  /** Why a boot that is as declared otherwise is not proved: a send that was not made. */
  finish(now: Moment): Finding | undefined {
    const send = this.#current;
    if (send === undefined) return undefined;
    const { awaited } = this;
    if (awaited !== undefined) {
      return { kind: "silence", sentence: `the boot ended while ${awaited} was awaited` };
    }
    if (this.#dueAt === undefined) {
      return { kind: "silence", sentence: `the boot ended before ${triggerWords(send)}` };
    }
    return now.wallMs - this.#dueAt.wallMs < patienceMs
      ? { kind: "silence", sentence: `the boot ended before \`${send.name}\` could be typed` }
      : { kind: "harness", sentence: `the tool never typed \`${send.name}\`, which was due` };
  }

  get #current(): Send | undefined {
    return this.#sends[this.#done];
  }

  #next(now: Moment): void {
    this.#dueAt = undefined;
    this.#echoed = 0;
    this.#meter.restart(now);
    this.#look(now);
  }

  /** Looks whether what has come is what was waited for. */
  #look(now: Moment): void {
    const send = this.#current;
    if (send === undefined || !this.#began) return;
    if (this.#dueAt === undefined) {
      if (!this.#hasCome(send)) return;
      this.#dueAt = now;
      this.#meter.restart(now);
      this.#say({ type: "due", send: send.name });
    }
    const { echoed } = typingOf(send);
    const before = this.#echoed;
    const port = this.#ports[send.port];
    for (let piece = echoed[this.#echoed]; piece !== undefined && port.takeEcho(piece);) {
      piece = echoed[++this.#echoed];
    }
    if (this.#echoed === before) return;
    this.#meter.restart(now);
    this.#say({ type: "echoed", send: send.name, pieces: this.#echoed, surplus: port.surplus });
  }

  #hasCome({ on, port }: Send): boolean {
    switch (on.on) {
      case "landmark":
        return this.#landmarks.has(on.landmark);
      case "prompt":
        return this.#ports[port].take(Buffer.from(on.text));
      case "peer":
        return this.#expectations.has(on.expectation);
    }
  }
}
