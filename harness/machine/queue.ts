import type { BootInput, Moment } from "../contract/index.ts";

export interface QueueOptions {
  /** Called when more than `limitBytes` of console wait to be read, and again when the reader has caught up. */
  readonly hold: (held: boolean) => void;
  readonly limitBytes?: number;
}

/** Ordered hand-over from the machine's events to one reader, bounded by holding back the console. */
export class InputQueue implements AsyncIterable<BootInput> {
  readonly #hold: (held: boolean) => void;
  #limitBytes: number;
  #waiting: BootInput[] = [];
  #bytes = 0;
  #held = false;
  #ended = false;
  #wake: (() => void) | undefined;

  constructor(options: QueueOptions) {
    this.#hold = options.hold;
    this.#limitBytes = options.limitBytes ?? 1 << 20;
  }

  /** Whether the console is held back. */
  get held(): boolean {
    return this.#held;
  }

  push(input: BootInput): void {
    if (this.#ended) return;
    this.#waiting.push(input);
    if (input.kind === "bytes" || input.kind === "terminal") this.#bytes += input.bytes.length;
    if (this.#bytes > this.#limitBytes) this.#setHeld(true);
    this.#wake?.();
  }

  /** Says that time has passed. Unread ticks are not piled up: the reader only needs the last. */
  tick(at: Moment): void {
    if (this.#waiting.at(-1)?.kind === "tick") this.#waiting.pop();
    this.push({ kind: "tick", at });
  }

  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  /** Never holds the console back again: nobody promises to read on. */
  letGo(): void {
    this.#limitBytes = Infinity;
    this.#setHeld(false);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<BootInput, void, undefined> {
    try {
      for (;;) {
        const batch = this.#waiting;
        if (batch.length > 0) {
          this.#waiting = [];
          this.#bytes = 0;
          this.#setHeld(false);
          yield* batch;
        } else if (this.#ended) {
          return;
        } else {
          await new Promise<void>((resolve) => (this.#wake = resolve));
          this.#wake = undefined;
        }
      }
    } finally {
      // The reader has left: what follows is dropped, so that the machine can still come to its end.
      this.#ended = true;
      this.#waiting = [];
      this.letGo();
    }
  }

  #setHeld(held: boolean): void {
    if (this.#held === held) return;
    this.#held = held;
    this.#hold(held);
  }
}
