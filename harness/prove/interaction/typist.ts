import {
  type BootInput,
  BudgetMeter,
  type JudgeOutput,
  type Moment,
  type Send,
  type SendOutput,
  typingOf,
} from "../../contract/index.ts";
import type { Companion, Hand } from "../companion.ts";

/**
 * Silence of the port, as a budget counts it, after which a piece counts as lost: longer than any guest needs that
 * reads what is typed, and in the guest's own time, so that a loaded host does not make it type twice.
 */
const lostAfterMs = 1_500;
/** How often one piece is typed again. */
const maxResends = 3;
/** How long the port must stay silent behind an echo, once a piece was typed twice, before anything else is typed. */
const settleMs = 300;

/** Types what a boot declares, each send when the judge says that it is due. */
export function typistOf(sends: readonly Send[]): Companion {
  return new Typist(sends);
}

/** The send that is being typed. */
interface Current {
  readonly send: Send;
  readonly echoed: readonly Uint8Array[];
  readonly rest: Uint8Array;
  /** Pieces typed at least once. */
  typed: number;
  back: number;
  resends: number;
  /** Of the piece typed last. */
  resendsOfPiece: number;
  /** Something has come on the port since the last piece was typed. */
  heard: boolean;
  /** Nothing more may come behind the last echo; set only where a piece was typed again. */
  settling: boolean;
}

/**
 * Input that is typed at a guest gets lost: a driver empties its FIFO when it opens the port, a login program drops
 * what came before its prompt. So an echoed text goes piece by piece, each when the one before has come back. A piece
 * is typed again only when the port has been silent since: then nothing of it has arrived, and typing it twice would
 * be seen before the line is ended. Whatever else happens is waited for, until the judge's budget is used up.
 */
class Typist implements Companion {
  readonly #sends: readonly Send[];
  readonly #meter = new BudgetMeter();
  #hand: Hand | undefined;
  #current: Current | undefined;

  constructor(sends: readonly Send[]) {
    this.#sends = sends;
  }

  started(hand: Hand): void {
    this.#hand = hand;
  }

  saw(input: BootInput, said: readonly JudgeOutput[]): void {
    const current = this.#current;
    const port = input.kind === "bytes" ? "console" : input.kind === "terminal" ? "terminal" : undefined;
    if (current !== undefined && current.send.port === port) {
      current.heard = true;
      if (current.settling) this.#meter.restart(input.at);
    }
    for (const what of said) {
      if (what.type === "due") this.#begin(what.send, input.at);
      else if (what.type === "echoed") this.#back(what, input.at);
    }
    this.#look(input.at);
  }

  #begin(name: string, at: Moment): void {
    const send = this.#sends.find((s) => s.name === name);
    if (send === undefined) throw new Error(`nothing is declared as ${name}`);
    this.#current = {
      send,
      ...typingOf(send),
      typed: 0,
      back: 0,
      resends: 0,
      resendsOfPiece: 0,
      heard: false,
      settling: false,
    };
    this.#goOn(this.#current, at);
  }

  /** Pieces have come back. */
  #back({ pieces, surplus }: Extract<SendOutput, { type: "echoed" }>, at: Moment): void {
    const current = this.#current;
    if (current === undefined) return;
    current.back = pieces;
    if (current.resends > 0) {
      if (surplus > 0) return this.#failed(current);
      current.settling = true;
      current.heard = false;
      this.#meter.restart(at);
    } else {
      this.#goOn(current, at);
    }
  }

  /** Types the next piece, or what ends the send. */
  #goOn(current: Current, at: Moment): void {
    while (current.typed <= current.back && current.typed < current.echoed.length) {
      this.#type(current, current.echoed[current.typed++]);
      current.resendsOfPiece = 0;
      this.#meter.restart(at);
    }
    if (current.back < current.echoed.length) return;
    this.#current = undefined;
    const { send, rest, resends } = current;
    const detail = `typed ${JSON.stringify(send.text)} at the ${send.port}${again(resends)}`;
    void this.#finish(send, rest, detail);
  }

  async #finish(send: Send, rest: Uint8Array, detail: string): Promise<void> {
    const hand = this.#hand;
    if (hand === undefined) return;
    const done = rest.length === 0 || (await hand.act({ type: "send", port: send.port, bytes: rest })).ok;
    // A machine that cannot be typed at any more is gone; its end tells why.
    if (done) hand.note({ source: "send", name: send.name, detail, ok: true });
  }

  #look(at: Moment): void {
    const current = this.#current;
    if (current === undefined) return;
    this.#meter.advance(at);
    const spent = this.#meter.spent(at);
    if (current.settling) {
      if (current.heard) return this.#failed(current);
      if (spent < settleMs) return;
      current.settling = false;
      return this.#goOn(current, at);
    }
    if (current.heard || current.resendsOfPiece >= maxResends || spent < lostAfterMs) return;
    current.resends++;
    current.resendsOfPiece++;
    this.#type(current, current.echoed[current.typed - 1]);
    this.#meter.restart(at);
  }

  #type(current: Current, bytes: Uint8Array | undefined): void {
    current.heard = false;
    if (bytes !== undefined) void this.#hand?.act({ type: "send", port: current.send.port, bytes });
  }

  /** What was thought lost came late, and now stands twice in a line that must not be ended. */
  #failed({ send, resends }: Current): void {
    this.#current = undefined;
    const detail = `the guest echoed it more often than once, late${again(resends)}`;
    this.#hand?.note({ source: "send", name: send.name, detail, ok: false });
  }
}

function again(resends: number): string {
  return resends === 0 ? "" : `, ${resends} ${resends === 1 ? "piece" : "pieces"} again`;
}
