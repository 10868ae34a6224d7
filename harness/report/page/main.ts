/** The page: a header, the list of cases, and the view that the address names. */
import { caseView, type CaseView } from "./case.ts";
import { compareView } from "./compare.ts";
import { loadModel, type Model } from "./data.ts";
import { h } from "./dom.ts";
import { keys } from "./keys.ts";
import { hasMutants, mutantsView } from "./mutants.ts";
import { notesView } from "./notes.ts";
import { overview } from "./overview.ts";
import { go, hashOf, parseRoute, type Route } from "./route.ts";
import { search } from "./search.ts";
import { sidebar } from "./sidebar.ts";
import { themeButton } from "./theme.ts";

async function start(): Promise<void> {
  const model = await loadModel();
  const app = document.getElementById("app") ?? document.body;
  const main = h("main", { id: "main", tabindex: -1 });
  const cases = sidebar(model);
  const field = searchField();
  app.replaceChildren(
    h("a", { class: "skip", href: "#main", onclick: (event) => skip(event, main) }, "Skip to the content"),
    header(model, field),
    h("div", { class: "columns" }, cases.element, main),
  );
  document.title = `capos: ${model.run.run}`;

  let shown: { readonly key: string; readonly view: CaseView } | undefined;
  let turn = 0;
  const show = async (): Promise<void> => {
    const mine = ++turn;
    const route = parseRoute(location.hash);
    if (route.view === "case" && shown?.key === route.key) return shown.view.show(route);
    const view = await viewOf(model, route, () => mine !== turn);
    if (mine !== turn) return;
    shown = view.of;
    main.className = route.view;
    if (view.element !== undefined) main.replaceChildren(view.element);
    cases.select(route.view === "case" ? route.key : undefined);
    field.value = route.view === "search" ? route.words : "";
    if (route.view === "case") shown?.view.show(route);
    else scrollTo(0, 0);
  };
  const holder = h("article", { class: "search" });
  const viewOf = async (of: Model, route: Route, isStale: () => boolean): Promise<View> => {
    switch (route.view) {
      case "overview":
        return { element: overview(of) };
      case "mutants":
        return { element: mutantsView(of) };
      case "notes":
        return { element: notesView(of) };
      case "compare":
        return { element: await compareView(of, route.left, route.right) };
      case "search":
        void search(of, route.words, holder, isStale);
        return { element: holder };
      case "case": {
        const entry = of.entry(route.key);
        if (entry === undefined) return { element: h("p", {}, "There is no such case in this report.") };
        const view = await caseView(of, entry);
        return { element: view.element, of: { key: route.key, view } };
      }
    }
  };
  addEventListener("hashchange", () => void show());
  addEventListener(
    "keydown",
    keys({
      search: () => field.focus(),
      case: (by) => {
        const list = cases.shown();
        const at = list.findIndex((e) => e.key === shown?.key);
        const next = list[at < 0 ? 0 : Math.min(list.length - 1, Math.max(0, at + by))];
        if (next !== undefined) go({ view: "case", key: next.key });
      },
      landmark: (by) => shown?.view.step(by),
      overview: () => go({ view: "overview" }),
    }),
  );
  await show();
}

interface View {
  readonly element?: HTMLElement;
  readonly of?: { readonly key: string; readonly view: CaseView };
}

function header(model: Model, field: HTMLElement): HTMLElement {
  const { run, data } = model;
  const link = (route: Route, text: string): HTMLElement => h("a", { href: hashOf(route) }, text);
  return h(
    "header",
    { class: "top" },
    h("a", { class: "brand", href: hashOf({ view: "overview" }) }, h("strong", {}, "capos"), ` ${run.run}`),
    h(
      "nav",
      { "aria-label": "Views" },
      link({ view: "overview" }, "Matrix"),
      link({ view: "compare" }, data.runs.length > 1 ? "Compare runs" : "Compare"),
      hasMutants(model) && link({ view: "mutants" }, "Mutants"),
      link({ view: "notes" }, "Notes"),
    ),
    h("div", { class: "find" }, field),
    themeButton(),
  );
}

function searchField(): HTMLInputElement {
  let wait: number | undefined;
  const field = h("input", {
    type: "search",
    class: "search",
    placeholder: "Search consoles and cases  /",
    "aria-label": "Search all consoles and cases",
    autocomplete: "off",
    spellcheck: "false",
    oninput: () => {
      clearTimeout(wait);
      wait = setTimeout(() => {
        const route = parseRoute(location.hash);
        if (field.value === "" && route.view !== "search") return;
        go({ view: "search", words: field.value }, route.view === "search" ? "replace" : "push");
      }, 150);
    },
  });
  return field;
}

function skip(event: Event, main: HTMLElement): void {
  event.preventDefault();
  main.focus();
}

void start();
