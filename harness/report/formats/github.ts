/**
 * GitHub's two ways to be told: commands on the output, which become annotations at the line of the proof, and a page
 * of Markdown for the job. Guest text goes through both, so each form escapes what would mean something in it.
 */
import { appendFileSync } from "node:fs";
import type { Event } from "../../events/index.ts";
import type { Env, Renderer, Streams } from "../renderer.ts";
import { Tally } from "../terminal/tally.ts";
import { noPaint } from "../terminal/paint.ts";
import { isSkip, type CaseFinished } from "../terminal/words.ts";
import { visible } from "../text.ts";

/** GitHub cuts a job's page at 1 MiB and shows ten errors a step; the report's own file has all. */
const pageLimit = 900_000;

export function githubRenderer(streams: Streams, env: Env): Renderer {
  const tally = new Tally();
  return {
    close: async () => [],
    on(event) {
      tally.on(event);
      const said = commandOf(event);
      if (said !== undefined) streams.out(`${said}\n`);
      if (event.type !== "run-finished") return;
      const page = env["GITHUB_STEP_SUMMARY"];
      if (page !== undefined && page !== "") appendFileSync(page, summaryPage(tally, event));
    },
  };
}

/** The command that an event is worth, if any. */
export function commandOf(event: Event): string | undefined {
  switch (event.type) {
    case "case-finished": {
      if (event.verdict === "proved" || isSkip(event.verdict)) return undefined;
      const { file = `proofs/${event.case.proof}.cue`, line = 1, col = 1, endCol } = event.span ?? {};
      const place = { file, line, col, ...(endCol === undefined ? {} : { endColumn: endCol }) };
      const message = [
        event.cause,
        ...(event.tolerated === undefined ? [] : [`not counted: ${event.tolerated}`]),
        "",
        ...event.report,
        "",
        `again: ${event.again}`,
      ].join("\n");
      return command(
        event.tolerated === undefined ? "error" : "warning",
        { ...place, title: `${event.case.id} ${event.verdict}` },
        message,
      );
    }
    case "problem":
      return command("error", { title: event.code }, event.text);
    case "notice":
      return event.level === "warning" ? command("warning", {}, event.text) : undefined;
    default:
      return undefined;
  }
}

function command(
  name: string,
  properties: Readonly<Record<string, string | number>>,
  message: string,
): string {
  const list = Object.entries(properties).map(([key, value]) => `${key}=${escapeProperty(String(value))}`);
  return `::${name}${list.length > 0 ? ` ${list.join(",")}` : ""}::${escapeData(message)}`;
}

/** A message is one line; per cent begins an escape. */
function escapeData(text: string): string {
  const lines = text.trimEnd().split("\n").map(visible).join("\n");
  return lines.replaceAll("%", "%25").replaceAll("\n", "%0A");
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}

/** The job's page: counts, a row a case that matters, their stories folded away. */
export function summaryPage(tally: Tally, end: Extract<Event, { type: "run-finished" }>): string {
  const failed = tally.finished.filter((f) => f.verdict !== "proved" && !isSkip(f.verdict));
  const lines = [
    `### capos: ${tally.counts(noPaint)}`,
    "",
    `${(end.ms / 1000).toFixed(1)} s, exit code ${end.exit}`,
    "",
  ];
  if (failed.length > 0)
    lines.push("| case | verdict | cause |", "| --- | --- | --- |", ...failed.map(row), "");
  let size = 0;
  for (const one of failed) {
    const story = storyOf(one);
    size += story.length;
    if (size > pageLimit) {
      lines.push("More failures are left out; the reports among the artefacts have all.", "");
      break;
    }
    lines.push(story, "");
  }
  return `${lines.join("\n")}\n`;
}

function row(one: CaseFinished): string {
  return `| ${cell(one.case.id)} | ${cell(one.verdict)} | ${cell(one.cause)} |`;
}

function storyOf(one: CaseFinished): string {
  const text = [...one.report, "", `again: ${one.again}`].map(visible).join("\n");
  return `<details><summary>${html(one.case.id)} ${html(one.verdict)}</summary>\n\n<pre>${html(text)}</pre>\n</details>`;
}

function cell(text: string): string {
  return html(visible(text))
    .replaceAll("|", "&#124;")
    .replaceAll("`", "&#96;")
    .replace(/[*_[\]~\\]/gu, "\\$&");
}

function html(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
