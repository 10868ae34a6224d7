import type { Duplex } from "node:stream";
import { type Result, err, ok } from "../../base/index.ts";
import { QmpDecoder, type QmpMessage } from "./qmp-decode.ts";

export interface QmpListener {
  event(name: string, data: Readonly<Record<string, unknown>>): void;
  greeting(version: string): void;
}

/**
 * The control channel of one emulator. Commands may be sent before the greeting has come: QEMU answers them in
 * order once it is up, so powering a machine on costs no round trip.
 */
export class Qmp {
  readonly #stream: Duplex;
  readonly #pending = new Map<number, (answer: Result<unknown, string>) => void>();
  #next = 0;
  #closed = false;

  constructor(stream: Duplex, listener: QmpListener) {
    this.#stream = stream;
    const decoder = new QmpDecoder();
    stream.on("data", (bytes: Uint8Array) => {
      for (const message of decoder.add(bytes)) this.#take(message, listener);
    });
    // A reset is an end, too: the emulator has exited with something of ours unread.
    stream.on("error", () => this.#close());
    stream.on("close", () => this.#close());
  }

  /** The error is the emulator's own description, or that it is gone. */
  execute(command: string, args?: Readonly<Record<string, unknown>>): Promise<Result<unknown, string>> {
    if (this.#closed) return Promise.resolve(gone);
    const id = this.#next++;
    return new Promise((resolve) => {
      this.#pending.set(id, resolve);
      const message =
        args === undefined ? { execute: command, id } : { execute: command, arguments: args, id };
      this.#stream.write(`${JSON.stringify(message)}\n`);
    });
  }

  #take(message: QmpMessage, listener: QmpListener): void {
    switch (message.kind) {
      case "greeting":
        return listener.greeting(message.version);
      case "event":
        return listener.event(message.event, message.data);
      case "return":
        return this.#answer(message.id, ok(message.value));
      case "error":
        return this.#answer(message.id, err(message.description));
    }
  }

  #answer(id: number, answer: Result<unknown, string>): void {
    this.#pending.get(id)?.(answer);
    this.#pending.delete(id);
  }

  #close(): void {
    this.#closed = true;
    for (const answer of this.#pending.values()) answer(gone);
    this.#pending.clear();
  }
}

const gone: Result<unknown, string> = err("the emulator has ended");
