/** How a case fared in earlier runs. */
import type { Past } from "../model/types.ts";
import { visible } from "../text.ts";
import type { Model, PageCase } from "./data.ts";
import { h } from "./dom.ts";
import { lookOf, plural, seconds } from "./format.ts";
import { durationSpark, sparkline } from "./parts.ts";

export function caseHistory(model: Model, one: PageCase): HTMLElement | null {
  const past = model.data.history[one.id] ?? [];
  if (past.length < 2) return null;
  const proved = past.filter((p) => p.verdict === "proved").length;
  const rows = [
    h(
      "tr",
      {},
      h("th", { scope: "row" }, "duration"),
      h("td", {}, durationSpark(past)),
      h(
        "td",
        {},
        rangeOf(
          past.map((p) => p.ms),
          seconds,
        ),
      ),
    ),
    ...keysOf(past, (p) => p.times).map((key) => row(past, key, (p) => p.times, seconds, "zero")),
    ...keysOf(past, (p) => p.numbers)
      .filter((key) => new Set(past.map((p) => p.numbers[key])).size > 1)
      .map((key) => row(past, key, (p) => p.numbers, String)),
  ];
  return h(
    "section",
    { class: "history" },
    h("h2", {}, "History"),
    h(
      "p",
      {},
      `${plural(past.length, "run")}, ${proved} proved: `,
      h(
        "span",
        { class: "strip", role: "img", "aria-label": past.map((p) => p.verdict).join(", ") },
        ...past.map(dot),
      ),
    ),
    h("table", { class: "sparks" }, h("tbody", {}, ...rows)),
  );
}

function dot(past: Past): HTMLElement {
  const { sign, tone } = lookOf(past.verdict);
  return h("span", { class: `sign ${tone}`, title: `${past.at} ${past.run}: ${past.verdict}` }, sign);
}

type Values = (past: Past) => Readonly<Record<string, number>>;

function row(
  past: readonly Past[],
  key: string,
  values: Values,
  shown: (n: number) => string,
  from: "zero" | "least" = "least",
): HTMLElement {
  const points = past.flatMap((p) => {
    const value = values(p)[key];
    return value === undefined
      ? []
      : [{ value, title: `${p.at.slice(0, 16)} ${shown(value)}`, verdict: p.verdict }];
  });
  return h(
    "tr",
    {},
    h("th", { scope: "row" }, visible(key)),
    h("td", {}, sparkline(points, `${visible(key)} in ${points.length} runs`, from)),
    h(
      "td",
      {},
      rangeOf(
        points.map((p) => p.value),
        shown,
      ),
    ),
  );
}

function rangeOf(values: readonly number[], shown: (n: number) => string): string {
  const last = values.at(-1);
  if (last === undefined) return "";
  return `${shown(last)} (${shown(Math.min(...values))} to ${shown(Math.max(...values))})`;
}

function keysOf(past: readonly Past[], values: Values): readonly string[] {
  return [...new Set(past.flatMap((p) => Object.keys(values(p))))].filter(
    (key) => past.filter((p) => values(p)[key] !== undefined).length > 1,
  );
}
