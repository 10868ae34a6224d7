/**
 * The time axis of a case: one row a boot, its phases as bars, landmarks as ticks, faults and other actions as marks
 * below. All rows share one scale, so that lengths can be compared. Ticks lead to the console.
 */
import { visible } from "../text.ts";
import type { PageBoot, PageCase } from "./data.ts";
import { h, s } from "./dom.ts";
import { seconds } from "./format.ts";

export interface TimelineEvents {
  /** A landmark or an action was chosen. */
  readonly onPick: (boot: number, offset: number) => void;
  /** A moment of a boot was chosen, in milliseconds since its power-on. */
  readonly onMoment: (boot: number, wallMs: number) => void;
}

export interface Timeline {
  readonly element: HTMLElement;
  /** Shows which moment the console stands at. */
  playhead(boot: number, wallMs: number | undefined): void;
}

const left = 8;
const right = 16;
const labelRow = 13;
const levels = 3;
const barTop = labelRow * levels + 8;
const barHeight = 16;
const rowHeight = barTop + barHeight + 26;

export function timeline(one: PageCase, events: TimelineEvents): Timeline {
  const boots = one.boots.filter((b) => b.startedMs !== null);
  const longest = Math.max(1, ...boots.map(lengthOf));
  const holder = h("div", { class: "timeline" });
  const playheads = new Map<number, SVGElement>();
  let moment: { readonly boot: number; readonly wallMs: number | undefined } | undefined;
  const draw = (width: number): void => {
    const inner = Math.max(100, width - left - right);
    const x = (ms: number): number => left + (ms * inner) / longest;
    playheads.clear();
    const rows = boots.map((boot, i) => {
      const head = s("line", {
        class: "playhead",
        y1: barTop - 6,
        y2: barTop + barHeight + 6,
        visibility: "hidden",
      });
      playheads.set(boot.index, head);
      return s(
        "g",
        { transform: `translate(0 ${i * rowHeight})` },
        ...phases(boot, x, (ms) => events.onMoment(boot.index, ms)),
        ...ticks(boot, x, width - right, events.onPick),
        ...marks(boot, x, events.onPick),
        head,
        s("text", { class: "boot", x: left, y: barTop + barHeight + 16 }, bootLabel(boot)),
      );
    });
    const height = boots.length * rowHeight + 22;
    const svg = s(
      "svg",
      { width, height, viewBox: `0 0 ${width} ${height}`, role: "group", "aria-label": "Time line" },
      ...axis(longest, x, boots.length * rowHeight),
      ...rows,
    );
    holder.replaceChildren(svg);
    if (moment !== undefined) place(moment.boot, moment.wallMs);
    function place(boot: number, wallMs: number | undefined): void {
      for (const [index, head] of playheads) {
        const shown = index === boot && wallMs !== undefined;
        head.setAttribute("visibility", shown ? "visible" : "hidden");
        if (shown) head.setAttribute("transform", `translate(${x(wallMs).toFixed(1)} 0)`);
      }
    }
    move = place;
  };
  let move: (boot: number, wallMs: number | undefined) => void = () => {};
  new ResizeObserver(([entry]) => draw(Math.floor(entry?.contentRect.width ?? 600))).observe(holder);
  return {
    element: holder,
    playhead(boot, wallMs) {
      moment = { boot, wallMs };
      move(boot, wallMs);
    },
  };
}

function bootLabel(boot: PageBoot): string {
  const end = boot.wallMs === null ? "no end" : `${visible(boot.how)}, ${seconds(boot.wallMs)}`;
  return `boot ${boot.index + 1}, ${visible(boot.name)}: ${end}`;
}

/** When the boot ended, or the last that is known of it. */
function lengthOf(boot: PageBoot): number {
  return (
    boot.wallMs ??
    Math.max(boot.bannerMs ?? 0, ...boot.marks.map((m) => m.wallMs), ...boot.actions.map((a) => a.wallMs))
  );
}

type Scale = (ms: number) => number;

/** From power-on to the banner, from landmark to landmark, and from the last one to the end. */
function phases(boot: PageBoot, x: Scale, onMoment: (ms: number) => void): SVGElement[] {
  const end = lengthOf(boot);
  const borders: { readonly at: number; readonly name: string; readonly kind: string }[] = [];
  if (boot.bannerMs !== null)
    borders.push({ at: boot.bannerMs, name: "firmware and loader", kind: "firmware" });
  for (const m of boot.marks) borders.push({ at: m.wallMs, name: `to ${m.name}`, kind: "guest" });
  borders.push({ at: end, name: boot.marks.length > 0 ? "to the end" : "no landmark", kind: "end" });
  let from = 0;
  let even = false;
  return borders.map(({ at, name, kind }) => {
    const [x0, x1] = [x(from), Math.max(x(from), x(at))];
    const length = at - from;
    from = Math.max(from, at);
    even = !even;
    const bar = s(
      "rect",
      {
        class: `phase ${kind} ${even ? "even" : "odd"}`,
        x: x0,
        y: barTop,
        width: x1 - x0,
        height: barHeight,
      },
      s("title", {}, `${visible(name)}: ${seconds(length)}`),
    );
    bar.addEventListener("click", (event) => {
      const box = bar.getBoundingClientRect();
      const share = box.width === 0 ? 0 : (event.clientX - box.left) / box.width;
      onMoment(at - length + share * length);
    });
    return bar;
  });
}

type Pick = TimelineEvents["onPick"];

/**
 * Labels are placed from the right, each on the lowest level with room: so the line of a tick never runs through the
 * label of another. Where no level has room, the tick's title still tells.
 */
function ticks(boot: PageBoot, x: Scale, edge: number, onPick: Pick): SVGElement[] {
  const taken = Array.from({ length: levels }, () => Number.POSITIVE_INFINITY);
  return boot.marks.toReversed().map((mark) => {
    const at = x(mark.wallMs);
    const name = visible(mark.name);
    const width = name.length * 6.6 + 8;
    const start = Math.min(at, edge - width);
    const level = taken.findIndex((from) => start + width <= from);
    if (level >= 0) taken[level] = start;
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

function marks(boot: PageBoot, x: Scale, onPick: Pick): SVGElement[] {
  const y = barTop + barHeight + 2;
  return boot.actions.map((action) => {
    const at = x(action.wallMs);
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

function axis(longest: number, x: Scale, top: number): SVGElement[] {
  const step = stepFor(longest);
  const out: SVGElement[] = [];
  for (let ms = 0; ms <= longest; ms += step) {
    const at = x(ms);
    const text = step < 1000 ? `${Math.round(ms)} ms` : `${ms / 1000} s`;
    out.push(
      s("line", { class: "grid", x1: at, x2: at, y1: 0, y2: top }),
      s("text", { class: "axis", x: at + 2, y: top + 14 }, text),
    );
  }
  return out;
}

/** The first of 1, 2, 5 times a power of ten that gives at most eight steps. */
function stepFor(longest: number): number {
  for (let power = 1; ; power *= 10) {
    for (const factor of [1, 2, 5]) if (longest / (factor * power) <= 8) return factor * power;
  }
}
