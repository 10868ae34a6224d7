import type { LineEvent } from "./reading.ts";
import type { LogicalLine, Stretch } from "./tear.ts";

/** One way to read a stretch of console in which lines may have been cut. */
export interface Reading {
  /** Lines that say something. */
  readonly lines: readonly LogicalLine[];
  /** How many lines it puts together. */
  readonly joins: number;
  /** Forbidden texts in lines that were put together. */
  readonly joinedHits: ReadonlySet<number>;
  /** What is there of a line that was cut and has not gone on. */
  readonly open: Uint8Array | undefined;
  /** A foreign line within that tear, itself cut by another. */
  readonly foreign: Uint8Array | undefined;
  readonly openAt: number;
  /** How often the open line has been cut. */
  readonly cuts: number;
  /** It takes every line for cut that may have been cut. */
  readonly isMaximal: boolean;
}

type Choice = Pick<Stretch, "lines" | "forbidden" | "unclear">;

/**
 * Decides between the ways to read a stretch. The rules follow from two demands: foreign lines that are put into
 * a console at any place must never make something of it that it was not, and may at worst make it unclear.
 *
 * - What the plain reading says must be what every other reading says: else a line that is only the end of
 *   another one would become a landmark by a foreign line before it.
 * - If the plain reading says nothing, what counts is the reading that takes every line for cut that may have
 *   been; the others, which take some of the tears only, must say the same or nothing. Lines that could be cut in
 *   several places must say the same in every reading.
 * - Forbidden text in every torn reading was printed; in some only, it may have been, which is unclear.
 *
 * A line of a closed name space that is no landmark is no obstacle where it is a piece of a torn line that says
 * something: that is what a torn landmark looks like. In any other line it may have been printed, which is unclear: a
 * foreign line before it may just look cut, and then it would hide by being that one's rest.
 */
export function chooseReading(
  readings: readonly Reading[],
  physical: readonly number[],
  isDoubtful: boolean,
): Choice {
  const plain = readings.find((r) => r.joins === 0);
  const torn = readings.filter((r) => r.joins > 0);
  const sayings = new Set(torn.map(sayingOf));
  const plainSaying = plain === undefined ? nothing : sayingOf(plain);
  const maximal = torn.find((r) => r.isMaximal);
  const wanted = maximal === undefined ? nothing : sayingOf(maximal);

  const isTornClear = [...sayings].every((s) => s === wanted || (s === nothing && !isDoubtful));
  const isPlainClear = plainSaying === nothing || (sayings.size === 1 && sayings.has(plainSaying));
  if (!isTornClear || !isPlainClear) return unclear(readings, physical);

  const hits = [...new Set(torn.flatMap((r) => [...r.joinedHits]))].filter((hit) => !physical.includes(hit));
  if (hits.some((hit) => !torn.every((r) => r.joinedHits.has(hit)))) {
    return unclear(
      readings,
      physical,
      "lines cut by foreign ones can be read so that they hold forbidden text",
    );
  }
  const forbidden = [...physical, ...hits];
  const alike = readings.filter((r) => sayingOf(r) === wanted);
  const best = plainSaying === nothing ? alike.toSorted((a, b) => unknowns(a) - unknowns(b)).at(0) : plain;
  const isSpared = best !== undefined && unknowns(best) === 0;
  if (isSpared && readings.some((r) => unknowns(r) > (r.isMaximal ? 0 : explained(r, best)))) {
    return unclear(
      readings,
      physical,
      "lines cut by foreign ones can be read so that one is no declared landmark of its closed name space",
    );
  }
  return { lines: best?.lines ?? [], forbidden };
}

const nothing = "[]";

function sayingOf(reading: Reading): string {
  return JSON.stringify(reading.lines.flatMap((l) => l.events).filter((e) => e.kind !== "unknown"));
}

function unknowns(reading: Reading): number {
  return reading.lines.flatMap((l) => l.events).filter((e) => e.kind === "unknown").length;
}

/** How many lines of a reading that are no landmarks are pieces of what another one puts together to say something. */
function explained(reading: Reading, by: Reading): number {
  const whole = by.lines.filter((l) => l.torn && l.events.some((e) => e.kind !== "unknown"));
  return reading.lines
    .filter(({ offset }) => whole.some((w) => w.offset <= offset && offset < w.offset + w.length))
    .flatMap((l) => l.events)
    .filter((e) => e.kind === "unknown").length;
}

function unclear(readings: readonly Reading[], forbidden: readonly number[], why?: string): Choice {
  const events = readings.flatMap((r) => r.lines).flatMap((l) => l.events);
  const ways = new Set(readings.map((r) => describe(r)));
  const sentence =
    why ?? `lines cut by foreign ones can be read in more than one way: ${[...ways].join(", or ")}`;
  return {
    lines: [],
    forbidden,
    unclear: { sentence, mayBeBanner: events.some((e) => e.kind === "banner") },
  };
}

function describe(reading: Reading): string {
  const events = reading.lines.flatMap((l) => l.events).filter((e) => e.kind !== "unknown");
  return events.length === 0 ? "nothing" : events.map(describeEvent).join(" and ");
}

function describeEvent(event: LineEvent): string {
  if (event.kind !== "landmark") return `a ${event.kind} line`;
  const captures = Object.entries(event.captures).map(([name, value]) => `${name}=${value.slice(0, 60)}`);
  return captures.length === 0 ? `\`${event.name}\`` : `\`${event.name}\` with ${captures.join(" ")}`;
}
