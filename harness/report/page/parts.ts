/** Small pieces that several views share. */
import { visible } from "../text.ts";
import { h, s } from "./dom.ts";
import { lookOf, seconds, when } from "./format.ts";
import { hashOf } from "./route.ts";
import type { Past } from "../model/types.ts";
import type { Entry, Model, PageCase } from "./data.ts";

/** A sentence of the tool: what stands between backticks is code. */
export function sentence(text: string): (Node | string)[] {
  return visible(text)
    .split("`")
    .map((piece, i) => (i % 2 === 1 ? h("code", {}, piece) : piece));
}

/** The verdict with its sign; a screen reader reads the word. */
export function verdictBadge(verdict: string): HTMLElement {
  const { sign, tone } = lookOf(verdict);
  return h("span", { class: `verdict ${tone}` }, h("span", { "aria-hidden": "true" }, sign), ` ${verdict}`);
}

/** What else is to be known of a verdict. */
export function badges(one: PageCase): HTMLElement[] {
  const badge = (text: string, title: string): HTMLElement => h("span", { class: "badge", title }, text);
  return [
    ...(one.slowMs > 0 ? [badge("slow", `waited ${seconds(one.slowMs)}`)] : []),
    ...(one.flaky ? [badge("flaky", "another attempt came to another verdict")] : []),
    ...(one.cached === null
      ? []
      : [
          badge(
            `cached, ${when(one.cached.at)}`,
            `not run again: proved ${one.cached.at} in ${visible(one.cached.run)}`,
          ),
        ]),
    ...(one.tolerated === null ? [] : [badge("not counted", visible(one.tolerated))]),
  ];
}

export function caseLink(entry: Entry, label?: string): HTMLElement {
  return h("a", { href: hashOf({ view: "case", key: entry.key }) }, label ?? entry.case.id);
}

/** A path that opens the artefact where the page lies beside it; else only its name. */
export function artefact(model: Model, path: string, label = path): HTMLElement {
  const { base } = model.data;
  if (base === null || path === "") return h("code", {}, label);
  const href = base + path.split("/").map(encodeURIComponent).join("/");
  return h("a", { href, class: "artefact" }, h("code", {}, label));
}

/** A button that copies; where the browser forbids it, the text is selected instead. */
export function copyable(text: string): HTMLElement {
  const code = h("code", {}, text);
  const button = h("button", { type: "button", class: "copy", "aria-label": `Copy: ${text}` }, "copy");
  button.addEventListener("click", async () => {
    const copied = await copy(text);
    if (!copied) getSelection()?.selectAllChildren(code);
    button.textContent = copied ? "copied" : "selected";
    setTimeout(() => (button.textContent = "copy"), 1500);
  });
  return h("span", { class: "copyable" }, code, " ", button);
}

async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

export interface SparkPoint {
  readonly value: number;
  readonly title: string;
  readonly verdict: string;
}

/** A line of values, the last one marked; its range is told in words beside it. */
export function sparkline(
  points: readonly SparkPoint[],
  label: string,
  from: "zero" | "least" = "least",
): SVGElement {
  const [width, height, edge] = [120, 24, 3];
  const values = points.map((p) => p.value);
  const [low, high] = [from === "zero" ? 0 : Math.min(...values), Math.max(...values)];
  const x = (i: number): number => edge + (i * (width - 2 * edge)) / Math.max(1, points.length - 1);
  const y = (value: number): number =>
    high === low ? height / 2 : height - edge - ((value - low) * (height - 2 * edge)) / (high - low);
  const line = points.map((p, i) => `${x(i).toFixed(1)},${y(p.value).toFixed(1)}`).join(" ");
  const dots = points.map((p, i) => {
    const last = i === points.length - 1;
    const tone = lookOf(p.verdict).tone;
    const shown = last || tone !== "good";
    return s(
      "circle",
      { cx: x(i).toFixed(1), cy: y(p.value).toFixed(1), r: shown ? 2.5 : 2, class: shown ? tone : "quiet" },
      s("title", {}, p.title),
    );
  });
  return s(
    "svg",
    { class: "spark", viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": label },
    s("polyline", { points: line }),
    ...dots,
  );
}

export function durationSpark(past: readonly Past[]): SVGElement {
  const points = past.map((p) => ({
    value: p.ms,
    title: `${p.at.slice(0, 16)} ${seconds(p.ms)}`,
    verdict: p.verdict,
  }));
  const last = past.at(-1);
  return sparkline(
    points,
    `Duration of ${past.length} runs, now ${last === undefined ? "unknown" : seconds(last.ms)}`,
    "zero",
  );
}
