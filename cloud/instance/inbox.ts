import type { BootInput } from "../../harness/contract/index.ts";

/** Hands what happens to one reader, in order. A console over the network is slow enough never to be held back. */
export class Inbox implements AsyncIterable<BootInput> {
  readonly #waiting: BootInput[] = [];
  #ended = false;
  #wake: (() => void) | undefined;

  push(input: BootInput): void {
    if (this.#ended) return;
    this.#waiting.push(input);
    this.#wake?.();
  }

  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<BootInput, void, undefined> {
    for (;;) {
      const next = this.#waiting.shift();
      if (next !== undefined) yield next;
      else if (this.#ended) return;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}
