/** The first page: counts, what failed and why, and the matrix of proofs by boot path and accelerator. */
import { visible } from "../text.ts";
import { byNeed, type Entry, type Model, type PageCase, type PageRun } from "./data.ts";
import { h } from "./dom.ts";
import { lookOf, plural, rankOf, seconds, when } from "./format.ts";
import { badges, caseLink, durationSpark, sentence, verdictBadge } from "./parts.ts";
import { hashOf } from "./route.ts";

export function overview(model: Model): HTMLElement {
  const { run } = model;
  const entries = model.entries.filter((e) => e.run === run);
  const failed = entries.filter((e) => rankOf(e.case.verdict) < 10).toSorted(byNeed);
  return h(
    "div",
    { class: "overview" },
    stateNote(model),
    counts(entries),
    h(
      "p",
      { class: "facts" },
      `${plural(entries.length, "case")} in `,
      h("span", { title: `${run.ms} ms` }, seconds(run.ms)),
      ", began ",
      h("time", { datetime: run.startedAt, title: run.startedAt }, when(run.startedAt)),
      `, capos ${run.capos}`,
      run.exit === null ? "" : `, exit code ${run.exit}`,
      usageText(run),
    ),
    failed.length > 0 &&
      h("section", { class: "failures" }, h("h2", {}, "To look at"), ...failed.map(failureCard)),
    matrix(model, entries),
  );
}

function stateNote(model: Model): HTMLElement | null {
  const { state } = model.run;
  if (state === "finished") return null;
  const text =
    state === "running"
      ? "This run had not ended when the report was made."
      : "This run died: its events end without an end. What it had not finished is shown as died or not run.";
  return h("p", { class: "banner", role: "status" }, text);
}

function counts(entries: readonly Entry[]): HTMLElement {
  const byVerdict = new Map<string, number>();
  for (const { case: one } of entries) byVerdict.set(one.verdict, (byVerdict.get(one.verdict) ?? 0) + 1);
  const chips = [...byVerdict]
    .toSorted((a, b) => rankOf(a[0]) - rankOf(b[0]))
    .map(([verdict, n]) => {
      const { sign, tone } = lookOf(verdict);
      return h(
        "li",
        { class: `count ${tone}` },
        h("span", { class: "n" }, String(n)),
        " ",
        h("span", { "aria-hidden": "true" }, `${sign} `),
        verdict,
      );
    });
  for (const [word, tone, fits] of marks) {
    const n = entries.filter((e) => fits(e.case)).length;
    if (n > 0)
      chips.push(h("li", { class: `count ${tone}` }, h("span", { class: "n" }, String(n)), ` ${word}`));
  }
  return h("ul", { class: "counts", "aria-label": "Counts by verdict" }, ...chips);
}

/** What else is counted, beside the verdicts. */
const marks: readonly (readonly [string, string, (one: PageCase) => boolean])[] = [
  ["slow", "slow", (one) => one.slowMs > 0],
  ["flaky", "slow", (one) => one.flaky],
  ["not counted", "skip", (one) => one.tolerated !== null],
  ["cached", "skip", (one) => one.cached !== null],
];

/** How well the host was used. */
function usageText({ usage, ms }: PageRun): string {
  if (usage === null) return "";
  const { guestMs, cpuMs, cpus } = usage;
  const busy =
    cpuMs === null || cpus === null || ms === 0
      ? ""
      : `, ${cpus} processors ${Math.min(100, Math.round((100 * cpuMs) / (ms * cpus)))} % busy`;
  return `; guests ran ${seconds(guestMs)}${busy}`;
}

function failureCard(entry: Entry): HTMLElement {
  const { case: one } = entry;
  return h(
    "a",
    { class: `card ${lookOf(one.verdict).tone}`, href: hashOf({ view: "case", key: entry.key }) },
    h("span", { class: "head" }, h("strong", {}, one.id), " ", verdictBadge(one.verdict), ...badges(one)),
    one.cause !== "" && h("span", { class: "cause" }, ...sentence(one.cause)),
    one.title !== "" && h("span", { class: "title" }, visible(one.title)),
  );
}

/** Columns are boot paths, with the accelerator where several ran. */
function matrix(model: Model, entries: readonly Entry[]): HTMLElement {
  const columns = columnsOf(entries);
  const rows = new Map<string, Entry[]>();
  for (const entry of entries) rows.set(entry.case.proof, [...(rows.get(entry.case.proof) ?? []), entry]);
  const worst = (of: readonly Entry[]): number => Math.min(...of.map((e) => rankOf(e.case.verdict)));
  const sorted = [...rows].toSorted(([a, x], [b, y]) => worst(x) - worst(y) || (a < b ? -1 : 1));
  return h(
    "section",
    {},
    h("h2", {}, "Matrix"),
    h(
      "div",
      { class: "scroll" },
      h(
        "table",
        { class: "matrix" },
        h("caption", { class: "hidden" }, "Verdict of each proof on each boot path"),
        h(
          "thead",
          {},
          h(
            "tr",
            {},
            h("th", { scope: "col" }, "Proof"),
            ...columns.map((c) => h("th", { scope: "col" }, c)),
          ),
        ),
        h(
          "tbody",
          {},
          ...sorted.map(([proof, of]) =>
            h(
              "tr",
              {},
              h(
                "th",
                { scope: "row" },
                h("span", { class: "proof" }, proof),
                h("span", { class: "title" }, visible(of.find((e) => e.case.title !== "")?.case.title ?? "")),
              ),
              ...columns.map((column) =>
                cell(
                  model,
                  of.filter((e) => columnOf(e) === column),
                ),
              ),
            ),
          ),
        ),
      ),
    ),
  );
}

function cell(model: Model, entries: readonly Entry[]): HTMLElement {
  if (entries.length === 0) return h("td", { class: "none" }, h("span", { class: "hidden" }, "not declared"));
  return h("td", {}, ...entries.map((entry) => cellLink(model, entry)));
}

function cellLink(model: Model, entry: Entry): HTMLElement {
  const { case: one } = entry;
  const { sign, tone } = lookOf(one.verdict);
  const past = model.data.history[one.id] ?? [];
  const link = caseLink(entry, "");
  link.className = `cell ${tone}`;
  link.title = `${one.id}: ${one.verdict}${one.cause === "" ? "" : `: ${visible(one.cause)}`}`;
  link.append(
    h("span", { class: "sign", "aria-hidden": "true" }, sign),
    h("span", { class: "word" }, one.verdict),
    h("span", { class: "ms" }, one.ms > 0 ? seconds(one.ms) : ""),
  );
  link.append(...badges(one));
  if (past.length > 2) link.append(durationSpark(past));
  return link;
}

function columnsOf(entries: readonly Entry[]): readonly string[] {
  const order = ["direct", "bios", "uefi"];
  const rank = (column: string): number => {
    const at = order.indexOf(column.split(" ")[0] ?? "");
    return at < 0 ? order.length : at;
  };
  return [...new Set(entries.map(columnOf))].toSorted((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}

/** What stands behind the proof in its id: path, processors, memory, accelerator; attempts share a cell. */
function columnOf({ case: one }: Entry): string {
  const words = one.id
    .slice(one.id.indexOf("@") + 1)
    .replace(/#\d+$/u, "")
    .split("+");
  if (one.accelerator !== "" && !words.includes(one.accelerator)) words.push(one.accelerator);
  return words.join(" ");
}
