/** How the proofs took lies: of each the share of changed runs that it refuted, and what it did not notice. */
import { visible } from "../text.ts";
import type { Model } from "./data.ts";
import { h } from "./dom.ts";
import { caseLink } from "./parts.ts";

export function hasMutants(model: Model): boolean {
  return model.run.cases.some((c) => c.mutants !== null);
}

export function mutantsView(model: Model): HTMLElement {
  const rows = model.entries
    .filter((e) => e.run === model.run)
    .flatMap((entry) => (entry.case.mutants === null ? [] : [{ entry, score: entry.case.mutants }]))
    .toSorted((a, b) => share(a.score) - share(b.score));
  return h(
    "article",
    {},
    h("h1", {}, "Mutants"),
    h("p", {}, "Changed runs that each proof was given, and how many of them it refuted."),
    h(
      "table",
      { class: "marks" },
      h(
        "thead",
        {},
        h("tr", {}, ...["Case", "Noticed", "", "Not noticed"].map((t) => h("th", { scope: "col" }, t))),
      ),
      h(
        "tbody",
        {},
        ...rows.map(({ entry, score }) =>
          h(
            "tr",
            {},
            h("th", { scope: "row" }, caseLink(entry)),
            h("td", { class: "ms" }, `${score.killed} of ${score.total}`),
            h(
              "td",
              {},
              h("meter", { min: 0, max: score.total, value: score.killed, "aria-label": "share noticed" }),
            ),
            h(
              "td",
              {},
              ...score.survivors.map((text) => h("div", { class: "differs" }, visible(text))),
              ...score.dead.map((name) => h("div", { class: "differs" }, `dead landmark: ${visible(name)}`)),
              ...score.untried.map((name) => h("div", {}, `not tried, torn in this run: ${visible(name)}`)),
              ...score.loose.map((name) =>
                h("div", { class: "title" }, `compared with nothing: ${visible(name)}`),
              ),
            ),
          ),
        ),
      ),
    ),
  );
}

function share({ killed, total }: { readonly killed: number; readonly total: number }): number {
  return total === 0 ? 1 : killed / total;
}
