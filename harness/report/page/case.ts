/** One case: what came of it, its time line, its landmarks, its consoles, its history. */
import { visible } from "../text.ts";
import { attachment, type ConsolePane, consolePane } from "./console.ts";
import type { Entry, Model, PageBoot, PageCase } from "./data.ts";
import { h, type Child } from "./dom.ts";
import { lookOf, seconds, when } from "./format.ts";
import { caseHistory } from "./history.ts";
import { artefact, copyable, sentence, verdictBadge } from "./parts.ts";
import { go, hashOf, type Route } from "./route.ts";
import { timeline } from "./timeline.ts";

export interface CaseView {
  readonly element: HTMLElement;
  /** Moves within the case that is shown. */
  show(route: Extract<Route, { view: "case" }>): void;
  /** To the next or the previous landmark from where the console stands. */
  step(by: 1 | -1): void;
}

export async function caseView(model: Model, entry: Entry): Promise<CaseView> {
  const { case: one } = entry;
  const goTo = (boot: number, line: number): void =>
    go({ view: "case", key: entry.key, boot, line }, "replace");
  const line = timeline(one, {
    onPick: (boot, offset) => pick(boot, offset),
    onMoment: (boot, ms) => {
      const at = pane.lineAtTime(boot, ms);
      if (at !== undefined) goTo(boot, at);
    },
  });
  const pane: ConsolePane = await consolePane(model, one, { onLine: goTo, onScroll: line.playhead });
  const pick = (boot: number, offset: number): void => {
    const at = pane.lineOf(boot, offset);
    if (at !== undefined) goTo(boot, at);
  };
  const stops = one.boots.flatMap((boot) =>
    boot.marks.flatMap((m) => {
      const at = pane.lineOf(boot.index, m.offset);
      return at === undefined ? [] : [{ boot: boot.index, line: at }];
    }),
  );
  let stop = -1;
  return {
    element: h(
      "article",
      { class: "case" },
      head(model, entry),
      one.report.length > 0 && story(one),
      one.boots.some((b) => b.startedMs !== null) &&
        h("section", { class: "time" }, h("h2", {}, "Time line"), legend(one), line.element),
      h(
        "div",
        { class: "split" },
        h("section", { class: "steps" }, h("h2", {}, "Landmarks"), ...one.boots.map((b) => steps(b, pick))),
        h(
          "section",
          { class: "consoles" },
          h("h2", {}, "Console"),
          pane.element,
          ...one.boots.flatMap((boot) => boot.attached.map((of) => attachment(model, boot, of))),
        ),
      ),
      caseHistory(model, one),
    ),
    show({ boot, line: at }) {
      if (boot === undefined || at === undefined) return;
      pane.goTo(boot, at);
      stop = stops.findIndex((s) => s.boot === boot && s.line === at);
    },
    step(by) {
      if (stops.length === 0) return;
      stop = Math.min(stops.length - 1, Math.max(0, stop + by));
      const next = stops[stop];
      if (next !== undefined) goTo(next.boot, next.line);
    },
  };
}

function head(model: Model, entry: Entry): HTMLElement {
  const { case: one, run } = entry;
  const facts: Child[] = [
    fact("took", seconds(one.ms)),
    one.accelerator !== "" && fact("accelerator", one.accelerator),
    one.slowMs > 0 && fact("slow", `waited ${seconds(one.slowMs)}`),
    one.flaky && fact("flaky", "another attempt came to another verdict"),
    one.cached !== null && fact("cached", `proved ${when(one.cached.at)} in ${visible(one.cached.run)}`),
    one.tolerated !== null && fact("not counted", visible(one.tolerated)),
    model.data.runs.length > 1 && fact("run", run.run),
    one.span !== null && fact("declared at", `${one.span.file}:${one.span.line}:${one.span.col}`),
    one.dir !== "" && fact("artefacts", artefact(model, one.dir)),
    one.again !== "" && fact("again", copyable(one.again)),
  ];
  const others = model.entries.filter((e) => e !== entry && e.case.proof === one.proof);
  const [other] = others.toSorted((a, b) => Number(b.case.id === one.id) - Number(a.case.id === one.id));
  return h(
    "header",
    { class: `case-head ${lookOf(one.verdict).tone}` },
    h(
      "h1",
      {},
      one.proof,
      h("span", { class: "path" }, one.id.slice(one.proof.length)),
      " ",
      verdictBadge(one.verdict),
    ),
    one.title !== "" && h("p", { class: "title" }, visible(one.title)),
    one.cause !== "" && h("p", { class: "cause" }, ...sentence(one.cause)),
    h("dl", { class: "facts" }, ...facts),
    other !== undefined &&
      h(
        "p",
        { class: "links" },
        h(
          "a",
          { href: hashOf({ view: "compare", left: other.key, right: entry.key }) },
          `Compare with ${nameIn(model, other)}`,
        ),
      ),
  );
}

export function nameIn(model: Model, entry: Entry): string {
  return model.data.runs.length > 1 ? `${entry.case.id} of ${entry.run.run}` : entry.case.id;
}

function fact(name: string, value: Child): HTMLElement {
  return h("div", {}, h("dt", {}, name), h("dd", {}, value));
}

/** The judge's words, as the terminal shows them. */
function story(one: PageCase): HTMLElement {
  // The console itself stands below.
  const end = one.report.findIndex((text) => text.startsWith("last lines of the console"));
  const told = end < 0 || one.boots.every((b) => b.console === null) ? one.report : one.report.slice(0, end);
  const lines = told
    .join("\n")
    .trimEnd()
    .split("\n")
    .map((text) => {
      const label = /^(awaited|found|nearest|last landmark|boot) {2,}/u.exec(text)?.[1] ?? "";
      const mark = /^\s+[\^~-][\^~ -]*$/u.test(text) ? "difference" : label.replace(" ", "-");
      return h("span", { class: mark }, `${visible(text)}\n`);
    });
  return h(
    "details",
    { class: "story", open: true },
    h("summary", {}, "What the judge says"),
    h("pre", {}, ...lines),
  );
}

function legend(one: PageCase): HTMLElement {
  const sources = [...new Set(one.boots.flatMap((b) => b.actions.map((a) => a.source)))];
  const key = (kind: string, text: string): HTMLElement =>
    h("li", { class: kind }, h("i", { "aria-hidden": "true" }), text);
  return h(
    "ul",
    { class: "legend" },
    key("firmware", "firmware and loader"),
    key("guest", "between landmarks"),
    key("end", "to the end"),
    ...sources.map((source) => key(`action ${source}`, source)),
  );
}

interface Step {
  readonly at: number | undefined;
  readonly kind: "landmark" | "action" | "missing" | "banner" | "end";
  readonly name: string;
  readonly detail: readonly Child[];
  readonly offset?: number;
}

function stepsOf(boot: PageBoot): readonly Step[] {
  const told: Step[] = [
    ...(boot.bannerMs === null
      ? []
      : [{ at: boot.bannerMs, kind: "banner", name: "banner", detail: [] } as const]),
    ...boot.marks.map((m): Step => ({
      at: m.wallMs,
      kind: "landmark",
      name: m.torn ? `${m.name} (torn)` : m.name,
      offset: m.offset,
      detail: Object.entries(m.captures).map(([name, value]) => capture(name, value)),
    })),
    ...boot.actions.map((a): Step => ({
      at: a.wallMs,
      kind: "action",
      name: `${a.source} ${a.name}`,
      offset: a.offset,
      detail: [a.ok ? visible(a.detail) : `not done: ${visible(a.detail)}`],
    })),
  ].toSorted((a, b) => (a.at ?? 0) - (b.at ?? 0));
  const missing = boot.missing.map((m): Step => ({
    at: undefined,
    kind: "missing",
    name: m.name,
    detail: ["never came: ", h("code", {}, visible(m.line))],
  }));
  const end: Step[] =
    boot.wallMs === null ? [] : [{ at: boot.wallMs, kind: "end", name: "end", detail: [visible(boot.how)] }];
  return [...told, ...missing, ...end];
}

function capture(name: string, value: string): HTMLElement {
  return h(
    "span",
    { class: "capture", title: visible(value) },
    `${visible(name)}=`,
    h("b", {}, visible(value)),
  );
}

function steps(boot: PageBoot, pick: (boot: number, offset: number) => void): HTMLElement {
  if (boot.startedMs === null) {
    return h("p", { class: "not-started" }, `boot ${boot.index + 1}, ${visible(boot.name)}: not started`);
  }
  let before = 0;
  const rows = stepsOf(boot).map((step) => {
    const delta = step.at === undefined ? "" : `+${(Math.max(0, step.at - before) / 1000).toFixed(3)}`;
    before = step.at ?? before;
    const { offset } = step;
    const name = visible(step.name);
    return h(
      "tr",
      { class: step.kind },
      h("td", { class: "at" }, step.at === undefined ? "–" : (step.at / 1000).toFixed(3)),
      h("td", { class: "delta" }, delta),
      h(
        "td",
        {},
        offset === undefined
          ? h("span", { class: "name" }, name)
          : h("button", { type: "button", class: "name", onclick: () => pick(boot.index, offset) }, name),
        " ",
        ...step.detail,
      ),
    );
  });
  return h(
    "table",
    { class: "steps" },
    h("caption", {}, `boot ${boot.index + 1}, ${visible(boot.name)}`),
    h("colgroup", {}, h("col", { class: "at" }), h("col", { class: "delta" }), h("col")),
    h(
      "thead",
      { class: "hidden" },
      h(
        "tr",
        {},
        h("th", { scope: "col" }, "at, s"),
        h("th", { scope: "col" }, "after, s"),
        h("th", { scope: "col" }, "what"),
      ),
    ),
    h("tbody", {}, ...rows),
  );
}
