/** The last part of a console, kept while it streams, for showing to a person. */
export class ConsoleTail {
  #kept = Buffer.alloc(0);
  readonly #limit: number;

  constructor(limitBytes = 16_384) {
    this.#limit = limitBytes;
  }

  /** How many bytes have come, kept or not. */
  bytes = 0;

  add(bytes: Uint8Array): void {
    this.bytes += bytes.length;
    this.#kept = Buffer.concat([this.#kept, bytes]).subarray(-this.#limit);
  }

  /** Up to `count` last lines, with everything that could move a terminal's cursor made visible. */
  lines(count: number): readonly string[] {
    const lines = this.#kept.toString("latin1").split("\n").map(printable);
    if (lines.at(-1) === "") lines.pop();
    return lines.slice(-count);
  }
}

function printable(line: string): string {
  return line
    .replace(/\r$/u, "")
    .replace(/[^ -~]/gu, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, "0")}`);
}
