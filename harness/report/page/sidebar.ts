/** The list of cases beside every view, what needs a look first, with a filter. */
import { byNeed, type Entry, type Model } from "./data.ts";
import { h } from "./dom.ts";
import { lookOf, seconds } from "./format.ts";
import { hashOf } from "./route.ts";

export interface Sidebar {
  readonly element: HTMLElement;
  /** Cases in the order in which they stand, as the filter leaves them. */
  shown(): readonly Entry[];
  select(key: string | undefined): void;
}

export function sidebar(model: Model): Sidebar {
  const entries = model.entries.filter((e) => e.run === model.run).toSorted(byNeed);
  const items = new Map(entries.map((entry) => [entry.key, item(entry)]));
  const list = h("ul", { class: "cases" }, ...items.values());
  const none = h("p", { class: "none", hidden: true }, "No case matches.");
  let shown: readonly Entry[] = entries;
  const filter = h("input", {
    type: "search",
    placeholder: "Filter cases",
    "aria-label": "Filter cases by name or verdict",
    autocomplete: "off",
    spellcheck: "false",
    oninput: () => {
      const words = filter.value.toLowerCase().split(/\s+/u);
      const fits = ({ case: one }: Entry): boolean =>
        words.every((word) => `${one.id} ${one.verdict} ${one.accelerator}`.toLowerCase().includes(word));
      shown = entries.filter(fits);
      for (const [key, element] of items) element.hidden = !shown.some((e) => e.key === key);
      none.hidden = shown.length > 0;
    },
  });
  return {
    element: h("nav", { class: "sidebar", "aria-label": "Cases" }, filter, none, list),
    shown: () => shown,
    select(key) {
      for (const [other, element] of items) {
        const link = element.querySelector("a");
        if (other === key) {
          link?.setAttribute("aria-current", "page");
          element.scrollIntoView({ block: "nearest" });
        } else link?.removeAttribute("aria-current");
      }
    },
  };
}

function item(entry: Entry): HTMLElement {
  const { case: one } = entry;
  const { sign, tone } = lookOf(one.verdict);
  const [name, path] = [one.proof, one.id.slice(one.proof.length)];
  return h(
    "li",
    {},
    h(
      "a",
      { href: hashOf({ view: "case", key: entry.key }), title: `${one.id}: ${one.verdict}` },
      h("span", { class: `sign ${tone}`, "aria-hidden": "true" }, sign),
      h("span", { class: "name" }, h("span", {}, name), h("span", { class: "path" }, path)),
      h("span", { class: "hidden" }, `, ${one.verdict}`),
      h("span", { class: "ms" }, one.ms > 0 ? seconds(one.ms) : ""),
    ),
  );
}
