/** Two cases side by side: landmark times, captures, consoles. Of two runs, first what differs between them. */
import {
  type CaseComparison,
  type MarkComparison,
  compareCases,
  compareRuns,
  differs,
} from "../model/compare.ts";
import { type DiffRow, diffLines, withoutValues } from "../model/diff.ts";
import { visible } from "../text.ts";
import { nameIn } from "./case.ts";
import { lineText } from "./console.ts";
import type { Entry, Model, PackedConsole, PageBoot } from "./data.ts";
import { type Child, h } from "./dom.ts";
import { difference, plural, seconds } from "./format.ts";
import { sentence, verdictBadge } from "./parts.ts";
import { go, hashOf } from "./route.ts";

/** Equal lines shown around a difference. */
const context = 3;
/** Consoles beyond this are compared only by their landmarks. */
const maxLines = 20_000;

export async function compareView(model: Model, left?: string, right?: string): Promise<HTMLElement> {
  const [one, other] = [left, right].map((key) => (key === undefined ? undefined : model.entry(key)));
  const page = h("article", { class: "compare" }, h("h1", {}, "Compare"), chooser(model, one, other));
  if (one === undefined || other === undefined) {
    if (model.data.runs.length === 2) page.append(runsTable(model));
    return page;
  }
  const comparison = compareCases(one.case, other.case);
  page.append(verdicts(model, one, other), marksTable(comparison));
  for (const boot of comparison.boots) page.append(await consoleDiff(model, one, other, boot.name));
  return page;
}

function chooser(model: Model, one: Entry | undefined, other: Entry | undefined): HTMLElement {
  const select = (label: string, chosen: Entry | undefined, pick: (key: string) => void): HTMLElement => {
    const list = h(
      "select",
      { onchange: () => pick(list.value) },
      h("option", { value: "" }, "choose a case"),
      ...model.entries.map((e) => h("option", { value: e.key, selected: e === chosen }, nameIn(model, e))),
    );
    return h("label", {}, `${label} `, list);
  };
  return h(
    "p",
    { class: "chooser" },
    select("Left", one, (key) =>
      go({ view: "compare", left: key, ...(other === undefined ? {} : { right: other.key }) }),
    ),
    select("Right", other, (key) => go({ view: "compare", left: one?.key ?? "", right: key })),
  );
}

const nothing = { cases: [] } as const;

/** Two runs: a line a case, those that differ first. */
function runsTable(model: Model): HTMLElement {
  const [left, right] = model.data.runs;
  const all = compareRuns(left ?? nothing, right ?? nothing).toSorted(
    (a, b) => Number(differs(b)) - Number(differs(a)),
  );
  const rows = all.map((c) =>
    h(
      "tr",
      { class: differs(c) ? "differs" : "" },
      h(
        "th",
        { scope: "row" },
        h("a", { href: hashOf({ view: "compare", left: `0:${c.id}`, right: `1:${c.id}` }) }, c.id),
      ),
      h("td", {}, c.left === undefined ? "–" : verdictBadge(c.left.verdict)),
      h("td", {}, c.right === undefined ? "–" : verdictBadge(c.right.verdict)),
      h(
        "td",
        { class: "ms" },
        c.left === undefined || c.right === undefined ? "" : difference(c.right.ms - c.left.ms),
      ),
    ),
  );
  return h(
    "table",
    { class: "runs" },
    h(
      "caption",
      {},
      `${plural(all.filter(differs).length, "case")} of ${all.length} differ in more than time`,
    ),
    h(
      "thead",
      {},
      h(
        "tr",
        {},
        ...["Case", left?.run ?? "", right?.run ?? "", "Time"].map((t) => h("th", { scope: "col" }, t)),
      ),
    ),
    h("tbody", {}, ...rows),
  );
}

function verdicts(model: Model, one: Entry, other: Entry): HTMLElement {
  const side = (entry: Entry): HTMLElement =>
    h(
      "div",
      {},
      h(
        "h2",
        {},
        h("a", { href: hashOf({ view: "case", key: entry.key }) }, nameIn(model, entry)),
        " ",
        verdictBadge(entry.case.verdict),
      ),
      entry.case.cause !== "" && h("p", { class: "cause" }, ...sentence(entry.case.cause)),
    );
  return h("div", { class: "sides" }, side(one), side(other));
}

function marksTable({ boots }: CaseComparison): HTMLElement {
  const rows = boots.flatMap((boot) => [
    h("tr", { class: "boot" }, h("th", { colspan: 5, scope: "colgroup" }, visible(boot.name))),
    ...boot.marks.map(markRow),
    endRow(boot.left?.wallMs, boot.right?.wallMs),
  ]);
  const heads = ["Landmark", "Left", "Right", "Difference", "Captures"];
  return h(
    "div",
    { class: "scroll" },
    h(
      "table",
      { class: "marks" },
      h("thead", {}, h("tr", {}, ...heads.map((t) => h("th", { scope: "col" }, t)))),
      h("tbody", {}, ...rows),
    ),
  );
}

function markRow(mark: MarkComparison): HTMLElement {
  const missing = mark.left === undefined || mark.right === undefined;
  const captures = mark.captures.map(({ name, left, right }) =>
    left === right
      ? h("span", { class: "capture" }, `${visible(name)}=${visible(left ?? "")}`)
      : h(
          "span",
          { class: "capture differs" },
          `${visible(name)}: `,
          h("del", {}, visible(left ?? "none")),
          " ",
          h("ins", {}, visible(right ?? "none")),
        ),
  );
  return h(
    "tr",
    { class: missing ? "missing" : "" },
    h("th", { scope: "row" }, visible(mark.name)),
    ...times(mark.left?.wallMs, mark.right?.wallMs),
    h("td", {}, ...captures),
  );
}

function endRow(left: number | null | undefined, right: number | null | undefined): HTMLElement {
  return h(
    "tr",
    { class: "end" },
    h("th", { scope: "row" }, "end"),
    ...times(left ?? undefined, right ?? undefined),
    h("td"),
  );
}

function times(left: number | undefined, right: number | undefined): HTMLElement[] {
  const cell = (ms: number | undefined): HTMLElement =>
    h("td", { class: "ms" }, ms === undefined ? "never" : seconds(ms));
  const both = left !== undefined && right !== undefined;
  return [cell(left), cell(right), h("td", { class: "ms" }, both ? difference(right - left) : "")];
}

async function consoleDiff(model: Model, one: Entry, other: Entry, name: string): Promise<HTMLElement> {
  const [left, right] = await Promise.all([linesOf(model, one, name), linesOf(model, other, name)]);
  const section = h("section", { class: "diff" }, h("h2", {}, `Consoles of ${visible(name)}`));
  if (left.length > maxLines || right.length > maxLines) {
    section.append(
      h("p", {}, `They have more than ${maxLines} lines and are compared by their landmarks only.`),
    );
    return section;
  }
  const rows = diffLines(left, right, withoutValues);
  if (rows.every((row) => row.same)) {
    section.append(h("p", {}, "They are the same."));
    return section;
  }
  const body = h("tbody");
  for (const piece of folded(rows)) {
    if (piece.same.length > 0) body.append(foldRow(piece.same, left, right, body));
    for (const row of piece.shown) body.append(diffRow(row, left, right));
  }
  section.append(h("div", { class: "scroll" }, h("table", { class: "diff" }, body)));
  return section;
}

async function linesOf(model: Model, entry: Entry, name: string): Promise<readonly string[]> {
  const boot: PageBoot | undefined = entry.case.boots.find((b) => b.name === name);
  if (boot?.console === undefined || boot.console === null) return [];
  const parts: PackedConsole = await model.console(boot.console);
  return parts.flatMap((part) => part.text.split("\n"));
}

interface Piece {
  /** Equal lines that are folded away. */
  readonly same: readonly DiffRow[];
  readonly shown: readonly DiffRow[];
}

function folded(rows: readonly DiffRow[]): readonly Piece[] {
  const near = rows.map((_, i) =>
    rows.slice(Math.max(0, i - context), i + context + 1).some((row) => !row.same),
  );
  const pieces: { same: DiffRow[]; shown: DiffRow[] }[] = [];
  for (const [i, row] of rows.entries()) {
    const last = pieces.at(-1);
    const starts = last === undefined || (near[i] !== true && last.shown.length > 0);
    const piece = starts ? { same: [], shown: [] } : last;
    if (starts) pieces.push(piece);
    (near[i] === true ? piece.shown : piece.same).push(row);
  }
  return pieces;
}

function foldRow(
  rows: readonly DiffRow[],
  left: readonly string[],
  right: readonly string[],
  body: HTMLElement,
): HTMLElement {
  const row = h("tr", { class: "fold" });
  const open = h("button", { type: "button" }, `${plural(rows.length, "equal line")}`);
  open.addEventListener("click", () => {
    for (const one of rows) body.insertBefore(diffRow(one, left, right), row);
    row.remove();
  });
  row.append(h("td", { colspan: 4 }, open));
  return row;
}

function diffRow(row: DiffRow, left: readonly string[], right: readonly string[]): HTMLElement {
  const [a, b] = [row.left, row.right].map((i, side) =>
    i === undefined ? undefined : (side === 0 ? left : right)[i],
  );
  const [from, until] = a !== undefined && b !== undefined && a !== b ? differing(a, b) : [0, 0];
  const cell = (i: number | undefined, text: string | undefined): Child[] => [
    h("td", { class: "no" }, i === undefined ? "" : String(i + 1)),
    h(
      "td",
      { class: text === undefined ? "absent" : row.same ? "" : "changed" },
      ...(text === undefined || row.same || a === undefined || b === undefined
        ? lineText(text ?? "")
        : [
            ...lineText(text.slice(0, from)),
            h("mark", {}, ...lineText(text.slice(from, text.length - until))),
            ...lineText(text.slice(text.length - until)),
          ]),
    ),
  ];
  return h("tr", { class: row.same ? "" : "differs" }, ...cell(row.left, a), ...cell(row.right, b));
}

/** How long the common beginning and end of two lines are. */
function differing(a: string, b: string): readonly [number, number] {
  let from = 0;
  while (from < a.length && from < b.length && a[from] === b[from]) from++;
  let until = 0;
  const most = Math.min(a.length, b.length) - from;
  while (until < most && a[a.length - 1 - until] === b[b.length - 1 - until]) until++;
  return [from, until];
}
