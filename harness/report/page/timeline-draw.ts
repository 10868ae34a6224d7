/** Draws the rows of a time line; what happens when they are used is timeline.ts. */
import { visible } from "../text.ts";
import type { PageBoot } from "./data.ts";
import { s } from "./dom.ts";
import { seconds } from "./format.ts";

export interface TimelineEvents {
  /** A landmark or an action was chosen. */
  readonly onPick: (boot: number, offset: number) => void;
  /** A moment of a boot was chosen, in milliseconds since its power-on. */
  readonly onMoment: (boot: number, wallMs: number) => void;
}

/** From milliseconds to pixels, and what of the time is in sight. */
export interface Scale {
  readonly from: number;
  readonly to: number;
  readonly width: number;
  x(ms: number): number;
  ms(x: number): number;
}

const left = 8;
// Room for the label of a landmark at the very end.
const right = 72;
const labelRow = 13;
const levels = 3;
const barTop = labelRow * levels + 8;
const barHeight = 16;
const rowHeight = barTop + barHeight + 36;

export function scaleOf(from: number, to: number, width: number): Scale {
  const inner = Math.max(100, width - left - right);
  return {
    from,
    to,
    width,
    x: (ms) => left + ((ms - from) * inner) / (to - from),
    ms: (x) => from + ((x - left) * (to - from)) / inner,
  };
}

export interface Drawing {
  readonly svg: SVGElement;
  /** By index of the boot. */
  readonly playheads: ReadonlyMap<number, SVGElement>;
}

export function drawTimeline(boots: readonly PageBoot[], scale: Scale, events: TimelineEvents): Drawing {
  const playheads = new Map<number, SVGElement>();
  const rows = boots.map((boot, i) => {
    const y = { y1: barTop - 6, y2: barTop + barHeight + 6 };
    const head = s("line", { class: "playhead", ...y, visibility: "hidden" });
    playheads.set(boot.index, head);
    return s(
      "g",
      { transform: `translate(0 ${i * rowHeight})` },
      ...phases(boot, scale, (ms) => events.onMoment(boot.index, ms)),
      ...ticks(boot, scale, events.onPick),
      ...marks(boot, scale, events.onPick),
      head,
      s("text", { class: "boot", x: left, y: barTop + barHeight + 25 }, bootLabel(boot)),
    );
  });
  const height = boots.length * rowHeight + 22;
  const { width } = scale;
  const svg = s(
    "svg",
    { width, height, viewBox: `0 0 ${width} ${height}`, role: "group", "aria-label": "Time line" },
    ...axis(scale, boots.length * rowHeight),
    ...rows,
  );
  return { svg, playheads };
}

function bootLabel(boot: PageBoot): string {
  const end = boot.wallMs === null ? "no end" : `${visible(boot.how)}, ${seconds(boot.wallMs)}`;
  return `boot ${boot.index + 1}, ${visible(boot.name)}: ${end}`;
}

/** When the boot ended, or the last that is known of it. */
export function lengthOf(boot: PageBoot): number {
  return (
    boot.wallMs ??
    Math.max(boot.bannerMs ?? 0, ...boot.marks.map((m) => m.wallMs), ...boot.actions.map((a) => a.wallMs))
  );
}

/** From power-on to the banner, from landmark to landmark, and from the last one to the end. */
function phases(boot: PageBoot, scale: Scale, onMoment: (ms: number) => void): SVGElement[] {
  const end = lengthOf(boot);
  const borders: { readonly at: number; readonly name: string; readonly kind: string }[] = [];
  if (boot.bannerMs !== null)
    borders.push({ at: boot.bannerMs, name: "firmware and loader", kind: "firmware" });
  for (const m of boot.marks) borders.push({ at: m.wallMs, name: `to ${m.name}`, kind: "guest" });
  borders.push({ at: end, name: boot.marks.length > 0 ? "to the end" : "no landmark", kind: "end" });
  let before = 0;
  let even = false;
  return borders.flatMap(({ at, name, kind }) => {
    const [begin, length] = [before, at - before];
    before = Math.max(before, at);
    even = !even;
    const [x0, x1] = [scale.x(Math.max(begin, scale.from)), scale.x(Math.min(at, scale.to))];
    if (x1 <= x0) return [];
    const look = `phase ${kind} ${even ? "even" : "odd"}`;
    const bar = s(
      "rect",
      { class: look, x: x0, y: barTop, width: x1 - x0, height: barHeight },
      s("title", {}, `${visible(name)}: ${seconds(length)}`),
    );
    bar.addEventListener("click", (event) => {
      const svg = bar.ownerSVGElement?.getBoundingClientRect();
      if (svg !== undefined) onMoment(scale.ms(event.clientX - svg.left));
    });
    return [bar];
  });
}

type Pick = TimelineEvents["onPick"];

function inSight(scale: Scale): (one: { readonly wallMs: number }) => boolean {
  return ({ wallMs }) => wallMs >= scale.from && wallMs <= scale.to;
}

/**
 * Labels are placed from the right, each on the lowest level with room: so the line of a tick never runs through the
 * label of another. Where no level has room, the tick's title still tells.
 */
function ticks(boot: PageBoot, scale: Scale, onPick: Pick): SVGElement[] {
  const edge = scale.width - left;
  // Where the leftmost label or line of each level begins, of those that are further right.
  const taken = Array.from({ length: levels }, () => Number.POSITIVE_INFINITY);
  return boot.marks
    .filter(inSight(scale))
    .toReversed()
    .map((mark) => {
      const at = scale.x(mark.wallMs);
      const name = visible(mark.name);
      const width = name.length * 6.6 + 8;
      const start = Math.min(at, edge - width);
      const level = taken.findIndex((from) => start + width <= from);
      // Its line rises through the levels below its label.
      for (let l = 0; l <= level; l++) taken[l] = start;
      const y = barTop - 6 - Math.max(0, level) * labelRow;
      const captures = Object.entries(mark.captures).map(
        ([key, value]) => `\n${visible(key)} = ${visible(value)}`,
      );
      return pickable(
        `${name}, ${seconds(mark.wallMs)}`,
        () => onPick(boot.index, mark.offset),
        s("line", {
          class: "tick",
          x1: at,
          x2: at,
          y1: level >= 0 ? y + 2 : barTop - 6,
          y2: barTop + barHeight,
        }),
        level >= 0 && s("text", { class: "label", x: start + 2, y }, name),
        s("rect", { class: "hit", x: at - 4, y: barTop - 8, width: 8, height: barHeight + 8 }),
        s("title", {}, `${name}: ${seconds(mark.wallMs)}${captures.join("")}`),
      );
    });
}

function marks(boot: PageBoot, scale: Scale, onPick: Pick): SVGElement[] {
  const y = barTop + barHeight + 2;
  return boot.actions.filter(inSight(scale)).map((action) => {
    const at = scale.x(action.wallMs);
    const text = visible(
      `${action.source} ${action.name}${action.ok ? "" : " (not done)"}: ${action.detail}`,
    );
    return pickable(
      `${text}, ${seconds(action.wallMs)}`,
      () => onPick(boot.index, action.offset),
      s("path", { class: `action ${action.source} ${action.ok ? "" : "failed"}`, d: `M${at} ${y}l5 8h-10z` }),
      s("title", {}, `${text}\n${seconds(action.wallMs)}`),
    );
  });
}

function pickable(label: string, pick: () => void, ...children: (SVGElement | false)[]): SVGElement {
  const group = s("g", { class: "pick", tabindex: 0, role: "button", "aria-label": label }, ...children);
  group.addEventListener("click", pick);
  group.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    pick();
  });
  return group;
}

function axis({ from, to, x }: Scale, top: number): SVGElement[] {
  const step = stepFor(to - from);
  const out: SVGElement[] = [];
  for (let i = Math.ceil(from / step); i * step <= to; i++) {
    const ms = i * step;
    const text = step < 1000 ? `${Number(ms.toFixed(1))} ms` : `${ms / 1000} s`;
    out.push(
      s("line", { class: "grid", x1: x(ms), x2: x(ms), y1: 0, y2: top }),
      s("text", { class: "axis", x: x(ms) + 2, y: top + 14 }, text),
    );
  }
  return out;
}

/** The first of 1, 2, 5 times a power of ten that gives at most eight steps; a tenth of a millisecond at least. */
function stepFor(length: number): number {
  for (let power = 0.1; ; power *= 10) {
    for (const factor of [1, 2, 5]) if (length / (factor * power) <= 8) return factor * power;
  }
}
