import type { CaseRef, EventBody } from "../../events/index.ts";
import { visible } from "../text.ts";
import { noPaint, type Paint, type Tone } from "./paint.ts";

export type CaseFinished = Extract<EventBody, { type: "case-finished" }>;

/** Seconds to the millisecond, in a column that holds up to 9999 of them. */
export function seconds(ms: number): string {
  return `[${(ms / 1000).toFixed(3).padStart(8)}s]`;
}

/** Seconds of something that has not ended. */
export function moreThan(ms: number): string {
  return `[>${(ms / 1000).toFixed(1).padStart(7)}s]`;
}

/** Status words stand in one column and never change, so that they can be searched for. */
export function line(word: string, text: string, paint: Paint = noPaint, tone?: Tone): string {
  const column = word.padStart(12);
  return `${tone === undefined ? column : paint("strong", paint(tone, column))} ${text}\n`;
}

/** The column's word for a verdict: the verdict itself where twelve letters hold it. */
export function wordOf(verdict: string): string {
  return verdict === "harness-error" ? "HARNESS-ERR" : visible(verdict).toUpperCase();
}

export function toneOf(verdict: string): Tone {
  switch (verdict) {
    case "proved":
      return "good";
    case "filtered":
    case "not-run":
      return "dim";
    case "host-error":
    case "cloud-error":
      return "warn";
    default:
      return "bad";
  }
}

/** Verdicts that say neither yes nor no, because nothing was tried. */
export function isSkip(verdict: string): boolean {
  return verdict === "filtered" || verdict === "not-run";
}

/** `run-smoke@direct`, the proof's name the loudest. */
export function caseName(ref: Pick<CaseRef, "id">, paint: Paint): string {
  const id = visible(ref.id);
  const at = id.indexOf("@");
  return at < 0 ? paint("strong", id) : paint("strong", id.slice(0, at)) + paint("dim", id.slice(at));
}

export interface Place {
  /** How many cases have ended, this one included, and how many there are. */
  readonly done: number;
  readonly of: number;
}

/** What a terminal or a log shows of a finished case. */
export function verdictLine(event: CaseFinished, paint: Paint = noPaint, place?: Place): string {
  const width = String(place?.of ?? 0).length;
  const count =
    place === undefined || place.of < 2 ? "" : `(${String(place.done).padStart(width)}/${place.of}) `;
  const text = `${seconds(event.ms)} ${count}${caseName(event.case, paint)}${behindName(event)}`;
  const word = event.cached === undefined ? wordOf(event.verdict) : "CACHED";
  return line(word, text, paint, shownTone(event));
}

/** What stands behind a case's name: why it was not proved, and why that may be borne, or where its verdict is from. */
export function behindName({ cause, tolerated, cached }: CaseFinished): string {
  if (cached !== undefined) return `, proved ${visible(shownTime(cached.at))} in ${visible(cached.run)}`;
  const why = cause === "" ? "" : `: ${visible(cause)}`;
  return tolerated === undefined ? why : `${why} (not counted: ${visible(tolerated)})`;
}

/** A failure that does not fail the run is a warning. */
export function shownTone({ verdict, tolerated }: CaseFinished): Tone {
  return tolerated === undefined ? toneOf(verdict) : "warn";
}

/** `2026-01-31 12:30Z` */
function shownTime(at: string): string {
  return at.replace(/^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}).*$/u, "$1 $2Z");
}

/** The full story of a case that was not proved; nothing of one that was, or that was not tried. */
export function failureText(event: CaseFinished, paint: Paint = noPaint): string {
  if (event.verdict === "proved" || isSkip(event.verdict)) return "";
  const ways = [`artefacts: ${event.dir}`, `again:     ${event.again}`].map((l) => paint("dim", visible(l)));
  const story = event.report.map((l) => storyLine(visible(l), paint));
  const lines = story.length === 0 ? ways : [...story, "", ...ways];
  return `${lines.map((l) => (l === "" ? "" : `    ${l}`)).join("\n")}\n\n`;
}

/** The judge's report has a column of labels, and marks below the line that came nearest. */
function storyLine(text: string, paint: Paint): string {
  if (/^\s+[\^~-][\^~ -]*$/u.test(text)) return paint("warn", text);
  const label = /^(awaited|found|nearest|last landmark|boot) {2,}/u.exec(text);
  if (label === null) return text;
  const rest = text.slice(label[0].length);
  const tone =
    label[1] === "awaited" ? "good" : label[1] === "nearest" || label[1] === "found" ? "bad" : "strong";
  return `${paint("dim", label[0])}${paint(tone, rest)}`;
}

export function bootName(ref: CaseRef, boot: string): string {
  return `${visible(ref.id)} ${visible(boot)}`;
}

export function landmarkText(event: Extract<EventBody, { type: "landmark" }>): string {
  const captures = Object.entries(event.captures).map(([name, value]) => ` ${name}=${value}`);
  return visible(`${event.name}${captures.join("")}`);
}
