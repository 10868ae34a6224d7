import { unreachable } from "../base/index.ts";
import type { Renderer, Streams } from "./renderer.ts";
import { bootName, failureText, line, seconds, summaryLine, verdictLine } from "./words.ts";

/** Lines for a log or a pipe: no colour, no cursor movement, each line whole. */
export function plainRenderer(streams: Streams): Renderer {
  return {
    close: async () => {},
    on(event) {
      switch (event.type) {
        case "run-started":
          return streams.progress(line("RUN", `${event.run}: ${event.cases.map((c) => c.id).join(", ")}`));
        case "accelerator":
          return streams.progress(line("ACCEL", `${event.accelerator}: ${event.reason}`));
        case "build-started":
        case "build-progress":
        case "boot-ended":
          return;
        case "build-action":
          return event.cached
            ? undefined
            : streams.progress(line("BUILT", `${seconds(event.ms)} ${event.action}`));
        case "build-finished":
          return streams.progress(
            line(
              "IMAGE",
              `${seconds(event.ms)} ${event.image} for ${event.path}, ${event.digest.slice(0, 16)}`,
            ),
          );
        case "case-started":
          return streams.progress(line("PROOF", `${event.case.id}: ${event.title}`));
        case "boot-started":
          return streams.progress(line("BOOT", bootName(event.case, event.boot)));
        case "banner":
          return streams.progress(
            line("BANNER", `${seconds(event.wallMs)} ${bootName(event.case, event.boot)}`),
          );
        case "landmark": {
          const captures = Object.entries(event.captures).map(([name, value]) => ` ${name}=${value}`);
          const text = `${seconds(event.wallMs)} ${bootName(event.case, event.boot)} ${event.name}${captures.join("")}`;
          return streams.progress(line("SEEN", text));
        }
        case "slow":
          return streams.progress(
            line("SLOW", `${seconds(event.ms)} ${bootName(event.case, event.boot)} awaits ${event.awaiting}`),
          );
        case "action": {
          const done = event.ok ? "" : " failed";
          const text = `${seconds(event.wallMs)} ${bootName(event.case, event.boot)} ${event.name}${done}: ${event.detail}`;
          return streams.progress(line(event.source.toUpperCase(), text));
        }
        case "case-finished":
          streams.out(verdictLine(event));
          return event.verdict === "proved" ? undefined : streams.out(failureText(event));
        case "notice":
          return streams.progress(line(event.level === "warning" ? "WARNING" : "NOTE", event.text));
        case "problem":
          return streams.progress(event.text);
        case "run-finished":
          return streams.out(summaryLine(event));
        default:
          return unreachable(event);
      }
    },
  };
}
