/**
 * The consoles of a case in one scrollable pane. Lines are made when they come near the view, since a console can have
 * tens of thousands; landmarks and actions are marked in place.
 */
import { hexByte, segments } from "../model/console-text.ts";
import type { ConsolePart } from "../model/types.ts";
import { visible } from "../text.ts";
import {
  lineAt,
  type Model,
  type PackedConsole,
  type PageBoot,
  type PageCase,
  type PageConsole,
} from "./data.ts";
import { h, highlighted } from "./dom.ts";
import { bytes, seconds } from "./format.ts";
import { artefact } from "./parts.ts";

export interface ConsolePane {
  readonly element: HTMLElement;
  /** Scrolls to a line and marks it; false when it is not among what is shown. */
  goTo(boot: number, line: number): boolean;
  /** The line that holds a byte. */
  lineOf(boot: number, offset: number): number | undefined;
  /** The first line that came at this moment or later. */
  lineAtTime(boot: number, wallMs: number): number | undefined;
}

export interface ConsoleEvents {
  readonly onLine: (boot: number, line: number) => void;
  /** The moment of the uppermost line in view. */
  readonly onScroll: (boot: number, wallMs: number | undefined) => void;
}

/** Lines made at a time. */
const blockLines = 250;

interface Loaded {
  readonly boot: PageBoot;
  readonly parts: PackedConsole;
  /** What stands at a line, by its number. */
  readonly marked: ReadonlyMap<number, readonly LineMark[]>;
}

interface LineMark {
  readonly kind: "landmark" | "action";
  readonly name: string;
  readonly values: readonly string[];
}

export async function consolePane(model: Model, one: PageCase, events: ConsoleEvents): Promise<ConsolePane> {
  const loaded = await Promise.all(
    one.boots.map(async (boot): Promise<Loaded> => {
      const parts = boot.console === null ? [] : await model.console(boot.console);
      return { boot, parts, marked: marksOf(boot, parts) };
    }),
  );
  const blocks: Block[] = [];
  const pane = h("div", {
    class: "console",
    tabindex: 0,
    role: "region",
    "aria-label": "Console; arrow keys scroll",
  });
  const nearby = new IntersectionObserver(
    (seen) => {
      for (const { isIntersecting, target } of seen) {
        if (isIntersecting) blocks.find((b) => b.element === target)?.fill();
      }
    },
    { root: pane, rootMargin: "1500px" },
  );
  for (const one of loaded) {
    pane.append(bootHead(model, one.boot));
    let next = 1;
    let end = 0;
    for (const part of one.parts) {
      if (part.offset > end) pane.append(gap(model, one.boot, part.line - next, part.offset - end));
      for (const block of blocksOf(one, part)) {
        blocks.push(block);
        pane.append(block.element);
        nearby.observe(block.element);
      }
      next = part.line + part.lengths.length;
      end = part.offset + part.lengths.reduce((sum, n) => sum + n, 0);
    }
    const rest = (one.boot.console?.bytes ?? 0) - end;
    if (rest > 0) pane.append(gap(model, one.boot, undefined, rest));
  }
  // What is printed must be there.
  addEventListener("beforeprint", () => blocks.forEach((b) => b.fill()));
  pane.addEventListener("click", (event) => {
    const line = lineOfTarget(event.target);
    if (line !== undefined && event.target instanceof Element && event.target.closest("a.no") !== null) {
      event.preventDefault();
      events.onLine(line.boot, line.line);
    }
  });
  let waiting = false;
  pane.addEventListener("scroll", () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      const box = pane.getBoundingClientRect();
      const top = lineOfTarget(document.elementFromPoint(box.left + 30, box.top + 36));
      if (top !== undefined) events.onScroll(top.boot, timeOf(loaded, top.boot, top.line));
    });
  });

  let current: Element | undefined;
  return {
    element: pane,
    goTo(boot, line) {
      const block = blocks.find((b) => b.boot === boot && line >= b.first && line < b.first + b.count);
      if (block === undefined) return false;
      block.fill();
      const row = block.element.children[line - block.first];
      current?.classList.remove("current");
      current = row;
      row?.classList.add("current");
      if (row instanceof HTMLElement) {
        // Only the pane scrolls: the time line above stays in sight.
        const at = row.getBoundingClientRect().top - pane.getBoundingClientRect().top + pane.scrollTop;
        pane.scrollTo({ top: at - pane.clientHeight / 3 });
      }
      events.onScroll(boot, timeOf(loaded, boot, line));
      return row !== undefined;
    },
    lineOf: (boot, offset) => {
      const parts = loaded.find((l) => l.boot.index === boot)?.parts;
      return parts === undefined ? undefined : lineAt(parts, offset);
    },
    lineAtTime(boot, wallMs) {
      let last: number | undefined;
      for (const part of loaded.find((l) => l.boot.index === boot)?.parts ?? []) {
        const i = part.times.findIndex((time) => time >= wallMs);
        if (i >= 0) return part.line + i;
        last = part.line + part.lengths.length - 1;
      }
      return last;
    },
  };
}

interface Block {
  readonly element: HTMLElement;
  readonly boot: number;
  readonly first: number;
  readonly count: number;
  fill(): void;
}

function blocksOf({ boot, marked }: Loaded, part: ConsolePart): Block[] {
  const texts = part.text.split("\n");
  const out: Block[] = [];
  for (let from = 0; from < texts.length; from += blockLines) {
    const lines = texts.slice(from, from + blockLines);
    const first = part.line + from;
    const element = h("div", { class: "block" });
    element.style.setProperty("--lines", String(lines.length));
    let filled = false;
    const fill = (): void => {
      if (filled) return;
      filled = true;
      const rows = lines.map((text, i) =>
        lineRow(boot, first + i, text, part.times[from + i], marked.get(first + i) ?? []),
      );
      element.append(...rows);
      element.classList.add("filled");
    };
    out.push({ element, boot: boot.index, first, count: lines.length, fill });
  }
  return out;
}

function lineRow(
  boot: PageBoot,
  line: number,
  text: string,
  time: number | undefined,
  marks: readonly LineMark[],
): HTMLElement {
  const kinds = new Set(marks.map((m) => m.kind));
  return h(
    "div",
    { class: ["line", ...kinds].join(" "), "data-boot": boot.index, "data-line": line },
    h("a", { class: "no", href: "#", tabindex: -1, "aria-label": `Link to line ${line}` }, String(line)),
    h("span", { class: "at" }, time === undefined ? "" : (time / 1000).toFixed(3)),
    h(
      "span",
      { class: "text" },
      ...lineText(
        text,
        marks.flatMap((m) => m.values),
      ),
    ),
    ...marks.map((m) => h("span", { class: `tag ${m.kind}` }, visible(m.name))),
  );
}

/** What took part beside a boot's console, unfolded when it is asked for. */
export function attachment(model: Model, boot: PageBoot, of: PageConsole): HTMLElement {
  const name = of.file.split("/").at(-1) ?? of.file;
  const text = h("pre");
  const details = h(
    "details",
    { class: "attached" },
    h("summary", {}, `boot ${boot.index + 1}, ${visible(boot.name)}: ${visible(name)}, ${bytes(of.bytes)} `),
    h("p", {}, artefact(model, of.file)),
    text,
  );
  details.addEventListener(
    "toggle",
    async () => {
      for (const part of await model.console(of)) {
        for (const line of part.text.split("\n")) text.append(...lineText(line), "\n");
      }
    },
    { once: true },
  );
  return details;
}

/** The line with its unseen bytes written out, and captured values marked. */
export function lineText(encoded: string, values: readonly string[] = []): (Node | string)[] {
  const out: (Node | string)[] = [];
  for (const piece of segments(encoded)) {
    if ("byte" in piece) out.push(h("span", { class: "byte" }, hexByte(piece.byte)));
    else out.push(...withValues(piece.text, values));
  }
  return out;
}

function withValues(text: string, values: readonly string[]): (Node | string)[] {
  const value = values.find((v) => v !== "" && text.includes(v));
  return value === undefined ? [text] : highlighted(text, value.toLowerCase());
}

function marksOf(boot: PageBoot, parts: PackedConsole): ReadonlyMap<number, readonly LineMark[]> {
  const marked = new Map<number, LineMark[]>();
  const add = (offset: number, mark: LineMark): void => {
    const line = lineAt(parts, offset);
    if (line !== undefined) marked.set(line, [...(marked.get(line) ?? []), mark]);
  };
  for (const mark of boot.marks) {
    const name = mark.torn ? `${mark.name} (torn)` : mark.name;
    add(mark.offset, { kind: "landmark", name, values: Object.values(mark.captures) });
  }
  for (const action of boot.actions) {
    add(action.offset, { kind: "action", name: `${action.source} ${action.name}`, values: [] });
  }
  return marked;
}

function bootHead(model: Model, boot: PageBoot): HTMLElement {
  const { console } = boot;
  const state =
    boot.startedMs === null
      ? "not started"
      : boot.wallMs === null
        ? "no end"
        : `${boot.how}, ${seconds(boot.wallMs)}`;
  return h(
    "div",
    { class: "boot-head" },
    h("strong", {}, `boot ${boot.index + 1}: ${visible(boot.name)}`),
    h("span", {}, ` ${visible(state)} `),
    console !== null &&
      h("span", { class: "file" }, `${bytes(console.bytes)} `, artefact(model, console.file, "console.raw")),
  );
}

function gap(model: Model, boot: PageBoot, lines: number | undefined, size: number): HTMLElement {
  const many = lines === undefined ? "" : `${lines} lines, `;
  return h(
    "div",
    { class: "gap" },
    `${many}${bytes(size)} left out: the whole console is in `,
    artefact(model, boot.console?.file ?? ""),
  );
}

function lineOfTarget(
  target: EventTarget | null,
): { readonly boot: number; readonly line: number } | undefined {
  const row = target instanceof Element ? target.closest<HTMLElement>(".line") : null;
  if (row === null) return undefined;
  return { boot: Number(row.dataset["boot"]), line: Number(row.dataset["line"]) };
}

function timeOf(loaded: readonly Loaded[], boot: number, line: number): number | undefined {
  for (const part of loaded.find((l) => l.boot.index === boot)?.parts ?? []) {
    if (line >= part.line && line < part.line + part.lengths.length) return part.times[line - part.line];
  }
  return undefined;
}
