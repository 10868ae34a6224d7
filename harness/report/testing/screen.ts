/** A terminal as far as our renderers use one, to see what a person would see; only *.test.ts import this. */
// oxlint-disable no-control-regex

interface Row {
  text: string[];
  /** It goes on in the next row, because it was too long. */
  wrapped: boolean;
}

const blank = (): Row => ({ text: [], wrapped: false });

/** Rows and history of a terminal. Unknown control sequences are faults of the test. */
export class Screen {
  #rows: Row[];
  readonly #history: Row[] = [];
  #row = 0;
  #column = 0;
  columns: number;
  lines: number;
  readonly #reflows: boolean;

  constructor(columns: number, lines: number, reflows = true) {
    this.columns = columns;
    this.lines = lines;
    this.#reflows = reflows;
    this.#rows = [blank()];
  }

  write(text: string): void {
    for (const [token] of text.matchAll(/\u001b\[[?0-9;]*[A-Za-z]|\u001b.|[^]/gu)) {
      if (token.startsWith("\u001b")) this.#control(token);
      else if (token === "\n") this.#lineFeed(false);
      else if (token === "\r") this.#column = 0;
      else this.#put(token);
    }
  }

  /** What stands in the window. */
  shown(): string[] {
    return this.#rows.map((r) => r.text.join("").trimEnd());
  }

  /** Everything that was ever printed and not erased, long lines whole. */
  all(): string[] {
    const out: string[] = [];
    let open = "";
    for (const row of [...this.#history, ...this.#rows]) {
      open += row.text.join("");
      if (row.wrapped) continue;
      out.push(open.trimEnd());
      open = "";
    }
    while (out.at(-1) === "") out.pop();
    return out;
  }

  resize(columns: number, lines: number): void {
    const logical: string[][] = [];
    let open: string[] = [];
    let cursorLine = 0;
    for (const [i, row] of this.#rows.entries()) {
      if (i === this.#row) cursorLine = logical.length;
      open.push(...row.text);
      if (row.wrapped) continue;
      logical.push(open);
      open = [];
    }
    if (open.length > 0) logical.push(open);
    this.columns = columns;
    this.lines = lines;
    if (!this.#reflows) {
      for (const row of this.#rows) row.text.length = Math.min(row.text.length, columns);
    } else {
      this.#rows = [];
      for (const [i, text] of logical.entries()) {
        if (i === cursorLine) this.#row = this.#rows.length;
        for (let at = 0; at === 0 || at < text.length; at += columns) {
          this.#rows.push({ text: text.slice(at, at + columns), wrapped: at + columns < text.length });
        }
      }
      if (this.#rows.length === 0) this.#rows = [blank()];
      this.#row = Math.min(this.#row, this.#rows.length - 1);
    }
    this.#column = Math.min(this.#column, columns - 1);
    this.#scroll();
  }

  #put(character: string): void {
    if (this.#column >= this.columns) this.#lineFeed(true);
    const row = this.#rows[this.#row] ?? blank();
    while (row.text.length < this.#column) row.text.push(" ");
    row.text[this.#column++] = character;
  }

  #lineFeed(wrapped: boolean): void {
    const row = this.#rows[this.#row];
    if (row !== undefined) row.wrapped = wrapped;
    this.#column = 0;
    this.#row++;
    if (this.#row === this.#rows.length) this.#rows.push(blank());
    this.#scroll();
  }

  #scroll(): void {
    while (this.#rows.length > this.lines) {
      const top = this.#rows.shift();
      if (top !== undefined) this.#history.push(top);
      this.#row--;
    }
  }

  #control(token: string): void {
    const [, mode = "", numbers = "", letter = ""] = /^\u001b\[(\?)?([0-9;]*)([A-Za-z])$/u.exec(token) ?? [];
    const n = Math.max(1, Number(numbers.split(";")[0] ?? 1));
    if (letter === "m" || (mode === "?" && (letter === "h" || letter === "l"))) return;
    if (letter === "A") this.#row = Math.max(0, this.#row - n);
    else if (letter === "G") this.#column = n - 1;
    else if (letter === "J" && numbers === "") {
      const row = this.#rows[this.#row];
      if (row !== undefined) row.text.length = Math.min(row.text.length, this.#column);
      this.#rows.length = this.#row + 1;
    } else if (letter === "K") {
      const row = this.#rows[this.#row];
      const from = numbers === "2" ? 0 : this.#column;
      if (row !== undefined) row.text.length = Math.min(row.text.length, from);
    } else throw new Error(`the screen does not know ${JSON.stringify(token)}`);
  }
}
