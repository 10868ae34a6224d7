import { unreachable } from "../../base/index.ts";
import type { Event } from "../../events/index.ts";
import type { Env, Renderer, Streams } from "../renderer.ts";
import { visible, visibleLines } from "../text.ts";
import { type Paint, paintFor } from "./paint.ts";
import { Tally } from "./tally.ts";
import {
  bootName,
  caseName,
  failureText,
  landmarkText,
  line,
  moreThan,
  seconds,
  verdictLine,
} from "./words.ts";

/** Lines for a log or a pipe: no cursor movement, each line whole, results on `out` and progress on `progress`. */
export function plainRenderer(streams: Streams, env: Env = {}): Renderer {
  const result = paintFor(env, streams.isTTY?.out === true);
  const paint = paintFor(env, streams.isTTY?.progress === true);
  const tally = new Tally();
  return {
    close: async () => [],
    on(event) {
      tally.on(event);
      const said = progressLine(event, tally, paint);
      // A score is a result, not progress.
      if (said !== "") (event.type === "mutants" ? streams.out : streams.progress)(said);
      if (event.type === "case-finished") {
        const place = { done: tally.finished.length, of: tally.planned };
        streams.out(verdictLine(event, result, place));
        const story = failureText(event, result);
        if (story !== "") streams.out(story);
      } else if (event.type === "run-finished") {
        for (const text of tally.summary(event, result)) streams.out(text);
      }
    },
  };
}

/**
 * The line that an event is worth while the run goes on, or the empty text. The steps of a boot are told where
 * one proof is watched; among many they would bury what matters.
 */
export function progressLine(event: Event, tally: Tally, paint: Paint): string {
  const step = (word: string, text: string): string =>
    tally.isOfOneProof ? line(word, text, paint, "info") : "";
  switch (event.type) {
    case "run-started": {
      const ids = event.cases.map((c) => c.id);
      const what = ids.length > 4 ? `${ids.length} cases` : ids.join(", ");
      return line("RUN", visible(`${event.run}: ${what}`), paint, "info");
    }
    case "accelerator":
      return line("ACCEL", visible(`${event.accelerator}: ${event.reason}`), paint, "info");
    case "build-started":
    case "build-progress":
    case "boot-ended":
    case "case-finished":
    case "run-finished":
      return "";
    case "build-action":
      return event.cached
        ? ""
        : line("BUILT", `${seconds(event.ms)} ${visible(event.action)}`, paint, "info");
    case "build-finished":
      return step(
        "IMAGE",
        visible(`${seconds(event.ms)} ${event.image} for ${event.path}, ${event.digest.slice(0, 16)}`),
      );
    case "case-started":
      return step("PROOF", `${caseName(event.case, paint)}: ${visible(event.title)}`);
    case "boot-started":
      return step("BOOT", bootName(event.case, event.boot));
    case "banner":
      return step("BANNER", `${seconds(event.wallMs)} ${bootName(event.case, event.boot)}`);
    case "landmark":
      return step(
        "SEEN",
        `${seconds(event.wallMs)} ${bootName(event.case, event.boot)} ${landmarkText(event)}`,
      );
    case "action":
      return event.ok
        ? step(event.source.toUpperCase(), actionText(event))
        : line("NOT-DONE", actionText(event), paint, "warn");
    case "slow":
      return line(
        "SLOW",
        `${moreThan(event.ms)} ${bootName(event.case, event.boot)} awaits ${visible(event.awaiting)}`,
        paint,
        "warn",
      );
    case "mutants":
      return mutantLines(event, paint).join("");
    case "notice":
      return event.level === "warning"
        ? line("WARNING", visible(event.text), paint, "warn")
        : line("NOTE", visible(event.text), paint, "info");
    case "problem":
      return visibleLines(event.text);
    default:
      return unreachable(event);
  }
}

/** The score, and what lowers it; what nothing compares is told where one proof is watched. */
function mutantLines(event: Extract<Event, { type: "mutants" }>, paint: Paint): readonly string[] {
  const { total, killed, survivors, dead, untried, loose } = event;
  const tone = survivors.length + dead.length > 0 ? "bad" : "info";
  const score = `${seconds(event.ms)} ${caseName(event.case, paint)}: ${killed} of ${total} were noticed`;
  const more = (what: string, names: readonly string[]): readonly string[] =>
    names.map((name) => line("", visible(`  ${what}: ${name}`), paint, tone));
  return [
    line("MUTANTS", score, paint, tone),
    ...more("not noticed", survivors),
    ...more("dead landmark", dead),
    ...more("not tried, torn in this run", untried),
    ...more("compared with nothing", loose),
  ];
}

function actionText(event: Extract<Event, { type: "action" }>): string {
  const detail = event.detail === "" ? "" : `: ${visible(event.detail)}`;
  return `${seconds(event.wallMs)} ${bootName(event.case, event.boot)} ${visible(event.name)}${detail}`;
}
