/** Search over everything: names, causes, landmarks, and every line of every console that the page carries. */
import { visible } from "../text.ts";
import { type Entry, type Model, plainLines } from "./data.ts";
import { h, highlighted } from "./dom.ts";
import { plural } from "./format.ts";
import { caseLink, verdictBadge } from "./parts.ts";
import { hashOf } from "./route.ts";

/** Lines shown of one boot, and of all. */
const limits = { boot: 20, all: 500 } as const;

interface Hit {
  readonly boot: number;
  readonly bootName: string;
  readonly line: number;
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
    if (boot.console === null) continue;
    let inBoot = 0;
    for (const { line, text } of plainLines(await model.console(boot.console))) {
      if (!text.toLowerCase().includes(needle)) continue;
      if (inBoot++ < limits.boot) hits.push({ boot: boot.index, bootName: boot.name, line, text });
      else more++;
    }
  }
  return { hits, more };
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
            { href: hashOf({ view: "case", key: entry.key, boot: hit.boot, line: hit.line }) },
            h("span", { class: "where" }, `${visible(hit.bootName)}:${hit.line}`),
            h("code", {}, ...highlighted(hit.text.slice(0, 400), needle)),
          ),
        ),
      ),
    ),
    more > 0 && h("p", { class: "more" }, `and ${plural(more, "more line")}`),
  );
}
