/** What the run says of itself: accelerator, images, warnings, problems. */
import { visible, visibleLines } from "../text.ts";
import type { Model } from "./data.ts";
import { h } from "./dom.ts";
import { seconds } from "./format.ts";
import { artefact } from "./parts.ts";

export function notesView(model: Model): HTMLElement {
  return h(
    "article",
    { class: "notes" },
    ...model.data.runs.map((run) =>
      h(
        "section",
        {},
        h("h1", {}, `Run ${run.run}`),
        h(
          "p",
          {},
          "Artefacts in ",
          artefact(model, run.dir),
          `, capos ${run.capos}, began ${run.startedAt}.`,
        ),
        ...run.problems.map((p) => h("pre", { class: "problem" }, visibleLines(p.text))),
        list(
          "Accelerator",
          run.accelerators.map((a) => `${a.accelerator}: ${a.reason}`),
        ),
        list(
          "Notices",
          run.notices.map((n) => (n.level === "warning" ? `warning: ${n.text}` : n.text)),
        ),
        list(
          "Images",
          run.builds.map((b) => `${b.image} for ${b.path}: ${b.digest} in ${seconds(b.ms)}`),
        ),
        list(
          "Events that this version does not know",
          Object.entries(run.strange).map(([type, n]) => `${type}: ${n}`),
        ),
      ),
    ),
    keysHelp(),
  );
}

function keysHelp(): HTMLElement {
  const keys = [
    ["/", "search all consoles and cases"],
    ["j, k", "next and previous case"],
    ["n, p", "next and previous landmark"],
    ["m", "matrix"],
  ] as const;
  const rows = keys.map(([key, what]) => h("div", {}, h("dt", {}, h("kbd", {}, key)), h("dd", {}, what)));
  return h("section", {}, h("h2", {}, "Keys"), h("dl", { class: "keys" }, ...rows));
}

function list(title: string, lines: readonly string[]): HTMLElement | null {
  if (lines.length === 0) return null;
  return h(
    "section",
    {},
    h("h2", {}, title),
    h("ul", {}, ...lines.map((text) => h("li", {}, visible(text)))),
  );
}
