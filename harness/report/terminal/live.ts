import type { CaseRef, Event } from "../../events/index.ts";
import type { Env, Renderer, Size, Streams } from "../renderer.ts";
import { visible } from "../text.ts";
import { paintFor, type Paint } from "./paint.ts";
import { progressLine } from "./plain.ts";
import { Tally } from "./tally.ts";
import { caseName, failureText, line, verdictLine } from "./words.ts";
import { reflows, Window } from "./window.ts";

/** How often the window is drawn: seldom enough to cost nothing, often enough to look alive. */
const everyMs = 100;
/** Running cases shown at once. */
const shownCases = 8;

interface Running {
  readonly ref: CaseRef;
  readonly since: number;
  doing: string;
}

export interface LiveClock {
  readonly now: () => number;
  /** Calls back again and again; returns how to stop it. */
  readonly every: (ms: number, tick: () => void) => () => void;
}

const wallClock: LiveClock = {
  now: () => performance.now(),
  every(ms, tick) {
    const timer = setInterval(tick, ms);
    timer.unref();
    return () => clearInterval(timer);
  },
};

/**
 * The view for a terminal: finished cases and failures are printed for good, and below them stands a window with what
 * runs now. There are no signal handlers here and the cursor stays visible, so an interrupt leaves nothing to repair.
 */
export function liveRenderer(streams: Streams, env: Env = {}, clock: LiveClock = wallClock): Renderer {
  const paint = paintFor(env, streams.isTTY?.out ?? true);
  const size = streams.size ?? ((): Size => ({ columns: 80, rows: 24 }));
  const window = new Window({ write: streams.out, size, reflows: reflows(env) });
  const view = new View(paint, clock);
  const redraw = (): void => window.draw(view.lines(size()));
  const stopClock = clock.every(everyMs, redraw);
  const stopResize = streams.onResize?.(redraw);
  return {
    on(event) {
      const said = view.on(event);
      if (said !== "") window.print(said, view.lines(size()));
    },
    async close() {
      stopClock();
      stopResize?.();
      window.clear();
      return [];
    },
  };
}

/** What the window shows, and what each event prints above it. */
class View {
  readonly #tally = new Tally();
  readonly #running = new Map<string, Running>();
  /** By image. */
  readonly #building = new Map<string, { readonly since: number; doing: string }>();
  readonly #paint: Paint;
  readonly #clock: LiveClock;
  #since: number | undefined;
  #over = false;

  constructor(paint: Paint, clock: LiveClock) {
    this.#paint = paint;
    this.#clock = clock;
  }

  on(event: Event): string {
    this.#tally.on(event);
    const now = this.#clock.now();
    switch (event.type) {
      case "run-started":
        this.#since = now;
        break;
      case "build-started":
        if (!this.#building.has(event.image)) this.#building.set(event.image, { since: now, doing: "" });
        break;
      case "build-progress": {
        const build = this.#building.get(event.image);
        if (build !== undefined) build.doing = event.line;
        break;
      }
      case "build-finished":
        this.#building.delete(event.image);
        break;
      case "case-started":
        this.#running.set(event.case.id, { ref: event.case, since: now, doing: "waits for its image" });
        break;
      case "boot-started":
        this.#does(event.case, `${event.boot}: power on`);
        break;
      case "banner":
        this.#does(event.case, `${event.boot}: the kernel speaks`);
        break;
      case "landmark":
        this.#does(event.case, `${event.boot}: ${event.name} (${event.seen}/${event.of})`);
        break;
      case "action":
        this.#does(event.case, `${event.boot}: ${event.name}`);
        break;
      case "slow":
        this.#does(event.case, `${event.boot}: awaits ${event.awaiting}`);
        break;
      case "case-finished": {
        this.#running.delete(event.case.id);
        const place = { done: this.#tally.finished.length, of: this.#tally.planned };
        return verdictLine(event, this.#paint, place) + failureText(event, this.#paint);
      }
      case "run-finished":
        this.#over = true;
        return this.#tally.summary(event, this.#paint).join("");
      default:
        break;
    }
    return progressLine(event, this.#tally, this.#paint);
  }

  lines(size: Size): readonly string[] {
    if (this.#since === undefined || this.#over) return [];
    const now = this.#clock.now();
    const out = [
      this.#paint("dim", "─".repeat(Math.max(1, Math.min(size.columns - 1, 60)))),
      line("Running", `${clockTime(now - this.#since)} ${this.#progress()}`, this.#paint, "info").trimEnd(),
    ];
    for (const [image, build] of this.#building) {
      const doing = build.doing === "" ? "" : `: ${visible(build.doing)}`;
      out.push(line("building", `${elapsed(now - build.since)} ${visible(image)}${doing}`).trimEnd());
    }
    const running = [...this.#running.values()];
    // The longest running first: it is the one that somebody waits for.
    const room = Math.max(1, Math.min(shownCases, size.rows - 3 - out.length));
    for (const one of running.slice(0, room)) {
      const doing = this.#paint("dim", visible(one.doing));
      out.push(line("", `${elapsed(now - one.since)} ${caseName(one.ref, this.#paint)} ${doing}`).trimEnd());
    }
    if (running.length > room)
      out.push(line("", this.#paint("dim", `… and ${running.length - room} more`)).trimEnd());
    return out;
  }

  #does(ref: CaseRef, doing: string): void {
    const running = this.#running.get(ref.id);
    if (running !== undefined) running.doing = doing;
  }

  #progress(): string {
    const { planned, finished } = this.#tally;
    const counts = finished.length === 0 ? "" : `: ${this.#tally.soFar(this.#paint)}`;
    const cases = planned === 1 ? "case" : "cases";
    return `${finished.length}/${planned} ${cases}, ${this.#running.size} running${counts}`;
  }
}

/** Time of something that runs, in the width of a finished time. */
function elapsed(ms: number): string {
  return `[${(ms / 1000).toFixed(1).padStart(8)}s]`;
}

function clockTime(ms: number): string {
  const s = Math.floor(ms / 1000);
  const two = (n: number): string => String(n).padStart(2, "0");
  return `[ ${two(Math.floor(s / 3600))}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}]`;
}
