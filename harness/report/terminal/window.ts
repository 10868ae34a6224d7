import type { Size } from "../renderer.ts";
import { columnsOf, cutTo } from "../text.ts";

const begin = "\u001b[?2026h";
const end = "\u001b[?2026l";

export interface WindowOptions {
  readonly write: (text: string) => void;
  readonly size: () => Size;
  /** Whether the terminal wraps old lines anew when it gets narrower; most do. */
  readonly reflows: boolean;
}

/**
 * A few lines at the bottom of a terminal that are drawn again and again, with everything else printed above them
 * for good. Only relative movement within these lines is used, so the terminal's history stays whole and nothing that
 * was printed is ever overwritten. Lines are cut one column short of the width, since a full one would wrap.
 */
export class Window {
  readonly #options: WindowOptions;
  /** Widths of the lines that stand on the screen now. */
  #drawn: readonly number[] = [];
  #shown = "";

  constructor(options: WindowOptions) {
    this.#options = options;
  }

  /** Replaces the lines. Writes nothing when they look the same. */
  draw(lines: readonly string[]): void {
    const text = this.#frame(lines);
    if (text === this.#shown) return;
    this.#options.write(begin + this.#erase() + this.#put(text) + end);
  }

  /** Prints text above the lines, which must end in LF, and draws them again below it. */
  print(text: string, lines: readonly string[]): void {
    this.#options.write(begin + this.#erase() + text + this.#put(this.#frame(lines)) + end);
  }

  /** Takes the lines off the screen. */
  clear(): void {
    if (this.#drawn.length > 0) this.#options.write(this.#erase());
    this.#shown = "";
  }

  #frame(lines: readonly string[]): string {
    const { columns, rows } = this.#options.size();
    // One row stays free for the cursor below, and one for what is printed above.
    const most = Math.max(0, rows - 2);
    return lines
      .slice(0, most)
      .map((l) => `${cutTo(l, Math.max(1, columns - 1))}\n`)
      .join("");
  }

  #put(text: string): string {
    this.#shown = text;
    this.#drawn = text.split("\n").slice(0, -1).map(columnsOf);
    return text;
  }

  /** Moves to the first row that was drawn and clears from there on. */
  #erase(): string {
    const { columns, rows } = this.#options.size();
    let up = 0;
    for (const width of this.#drawn) {
      up += this.#options.reflows ? Math.max(1, Math.ceil(width / Math.max(1, columns))) : 1;
    }
    this.#drawn = [];
    if (up === 0) return "";
    return `\r\u001b[${Math.min(up, rows - 1)}A\u001b[J`;
  }
}

/** xterm and the Linux console cut old lines off where others wrap them. */
export function reflows(env: Readonly<Record<string, string | undefined>>): boolean {
  return env["XTERM_VERSION"] === undefined && env["TERM"] !== "linux";
}
