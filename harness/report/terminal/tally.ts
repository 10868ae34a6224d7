import type { CaseRef, Event } from "../../events/index.ts";
import { visible } from "../text.ts";
import type { Paint } from "./paint.ts";
import {
  behindName,
  type CaseFinished,
  caseName,
  isSkip,
  line,
  moreThan,
  seconds,
  shownTone,
  toneOf,
  wordOf,
} from "./words.ts";

/** What the closing summary needs to remember of a run while its events pass. */
export class Tally {
  readonly finished: CaseFinished[] = [];
  #cases: readonly CaseRef[] = [];
  /** By case, the longest that something was awaited. */
  readonly #slow = new Map<string, { readonly ref: CaseRef; readonly ms: number }>();

  on(event: Event): void {
    if (event.type === "run-started") this.#cases = event.cases;
    else if (event.type === "case-finished") this.finished.push(event);
    else if (event.type === "slow") {
      const known = this.#slow.get(event.case.id);
      if (known === undefined || known.ms < event.ms) {
        this.#slow.set(event.case.id, { ref: event.case, ms: event.ms });
      }
    }
  }

  get planned(): number {
    return this.#cases.length;
  }

  /** A run of one proof is watched landmark by landmark; of many, case by case. */
  get isOfOneProof(): boolean {
    return new Set(this.#cases.map((c) => c.proof)).size <= 1;
  }

  count(verdict: string): number {
    return this.finished.filter((f) => f.verdict === verdict).length;
  }

  /** `36 proved (1 slow), 1 refuted, 2 not run`; what is zero is left out, but for the proved. */
  counts(paint: Paint): string {
    const notRun = this.planned - this.finished.length + this.count("not-run");
    return [this.soFar(paint), ...(notRun > 0 ? [paint("warn", `${notRun} not run`)] : [])].join(", ");
  }

  /** The same of what has ended, while cases still run. */
  soFar(paint: Paint): string {
    const slow = this.#slow.size;
    const notes = slow === 0 ? "" : ` (${paint("warn", `${slow} slow`)})`;
    const cached = this.finished.filter((f) => f.cached !== undefined).length;
    const kept = cached === 0 ? "" : `, ${cached} of them cached`;
    const proved = paint("good", `${this.count("proved")} proved`) + kept + notes;
    const others = [...new Set(this.finished.map((f) => f.verdict))]
      .filter((v) => v !== "proved" && v !== "not-run")
      .toSorted((a, b) => this.count(b) - this.count(a))
      .map((v) => paint(toneOf(v), `${this.count(v)} ${visible(v)}`));
    const tolerated = this.finished.filter((f) => f.tolerated !== undefined).length;
    return [proved, ...others, ...(tolerated > 0 ? [`${tolerated} not counted`] : [])].join(", ");
  }

  /** The last lines of a run: its counts, then again only the cases that somebody must look at. */
  summary(event: Extract<Event, { type: "run-finished" }>, paint: Paint): readonly string[] {
    const tone = event.exit === 0 ? "good" : "bad";
    const use = this.planned < 2 ? "" : usage(event);
    const lines = [line("SUMMARY", `${seconds(event.ms)} ${this.counts(paint)}${use}`, paint, tone)];
    // After a single case its own line is still in sight.
    if (this.planned < 2) return lines;
    for (const f of this.finished) {
      if (f.verdict === "proved" || isSkip(f.verdict)) continue;
      const text = `${seconds(f.ms)} ${caseName(f.case, paint)}${behindName(f)}`;
      lines.push(line(wordOf(f.verdict), text, paint, shownTone(f)));
    }
    for (const { ref, ms } of this.#slow.values())
      lines.push(line("SLOW", `${moreThan(ms)} ${caseName(ref, paint)}`, paint, "warn"));
    return lines;
  }
}

/** How well the host was used: the guests' time in the run's, and what was busy of its processors. */
function usage({ ms, guestMs, cpuMs, cpus, flaky }: Extract<Event, { type: "run-finished" }>): string {
  const parts = flaky === undefined ? [] : [`${flaky} flaky: passed after the same inputs had failed`];
  if (guestMs !== undefined && guestMs > 0) {
    const busy =
      cpuMs === undefined || cpus === undefined || ms === 0
        ? ""
        : `, ${cpus} processors ${Math.min(100, Math.round((100 * cpuMs) / (ms * cpus)))} % busy`;
    parts.push(`guests ran ${(guestMs / 1000).toFixed(1)} s in ${(ms / 1000).toFixed(1)} s${busy}`);
  }
  return parts.map((part) => `; ${part}`).join("");
}
