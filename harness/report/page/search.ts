/** Search over everything: names, causes, landmarks, and every line of every console that the page carries. */
import { visible } from "../text.ts";
import { type Entry, type Model, plainLines } from "./data.ts";
import { h, highlighted } from "./dom.ts";
import { plural } from "./format.ts";
import { caseLink, verdictBadge } from "./parts.ts";
import { hashOf, type Route } from "./route.ts";

/** Lines shown of one boot, and of all. */
const limits = { boot: 20, all: 500 } as const;

interface Hit {
  readonly boot: number;
  /** Undefined in what is attached, which has no place in the console. */
  readonly line: number | undefined;
  readonly where: string;
  readonly text: string;
}

/** Draws into `holder` as results come; stops when `isStale` says that something else is looked for. */
export async function search(
  model: Model,
  words: string,
  holder: HTMLElement,
  isStale: () => boolean,
): Promise<void> {
  const needle = words.toLowerCase();
  const status = h("p", { role: "status" }, "Searching…");
  const results = h("div", { class: "results" });
  holder.replaceChildren(h("h1", {}, "Search: ", words), status, results);
  if (needle.trim() === "") {
    status.textContent = "Type something to look for in cases and consoles.";
    return;
  }
  let lines = 0;
  let cases = 0;
  for (const entry of model.entries) {
    const { hits, more } = await hitsIn(model, entry, needle);
    if (isStale()) return;
    const named = namesOf(entry).filter((text) => text.toLowerCase().includes(needle));
    if (hits.length === 0 && named.length === 0) continue;
    cases++;
    if (lines < limits.all) results.append(result(entry, hits, more, named, needle));
    lines += hits.length + more;
  }
  status.textContent =
    cases === 0 ? "Nothing found." : `${plural(lines, "line")} and ${plural(cases, "case")} hold it.`;
  if (lines >= limits.all) status.append(" Only the first are shown.");
}

async function hitsIn(model: Model, entry: Entry, needle: string): Promise<{ hits: Hit[]; more: number }> {
  const hits: Hit[] = [];
  let more = 0;
  for (const boot of entry.case.boots) {
    let inBoot = 0;
    for (const of of [...(boot.console === null ? [] : [boot.console]), ...boot.attached]) {
      const name = of === boot.console ? boot.name : (of.file.split("/").at(-1) ?? "");
      for (const { line, text } of plainLines(await model.console(of))) {
        if (!text.toLowerCase().includes(needle)) continue;
        const place = of === boot.console ? line : undefined;
        if (inBoot++ < limits.boot)
          hits.push({ boot: boot.index, line: place, where: `${name}:${line}`, text });
        else more++;
      }
    }
  }
  return { hits, more };
}

function placeOf(entry: Entry, { boot, line }: Hit): Route {
  return { view: "case", key: entry.key, ...(line === undefined ? {} : { boot, line }) };
}

/** What of a case is not in its consoles. */
function namesOf({ case: one }: Entry): readonly string[] {
  return [
    one.id,
    one.title,
    one.cause,
    ...one.boots.flatMap((b) => [
      ...b.missing.map((m) => m.line),
      ...b.actions.map((a) => `${a.name} ${a.detail}`),
    ]),
  ]
    .filter((text) => text !== "")
    .map(visible);
}

function result(
  entry: Entry,
  hits: readonly Hit[],
  more: number,
  named: readonly string[],
  needle: string,
): HTMLElement {
  return h(
    "section",
    { class: "result" },
    h("h2", {}, caseLink(entry), " ", verdictBadge(entry.case.verdict)),
    ...named
      .filter((text) => text !== entry.case.id)
      .map((text) => h("p", { class: "named" }, ...highlighted(text, needle))),
    h(
      "ol",
      {},
      ...hits.map((hit) =>
        h(
          "li",
          {},
          h(
            "a",
            { href: hashOf(placeOf(entry, hit)) },
            h("span", { class: "where" }, visible(hit.where)),
            h("code", {}, ...highlighted(hit.text.slice(0, 400), needle)),
          ),
        ),
      ),
    ),
    more > 0 && h("p", { class: "more" }, `and ${plural(more, "more line")}`),
  );
}
