/**
 * The time axis of a case: one row a boot, its phases as bars, landmarks as ticks, faults and other actions as marks
 * below. All rows share one scale, so that lengths can be compared. Ticks lead to the console; a stretch that is drawn
 * over with the pointer, or the buttons, bring a part nearer.
 */
import type { PageCase } from "./data.ts";
import { h, s } from "./dom.ts";
import { drawTimeline, lengthOf, type Scale, scaleOf, type TimelineEvents } from "./timeline-draw.ts";

export interface Timeline {
  readonly element: HTMLElement;
  /** Shows which moment the console stands at. */
  playhead(boot: number, wallMs: number | undefined): void;
}

/** Shorter strokes of the pointer are clicks, in pixels. */
const stroke = 6;

export function timeline(one: PageCase, events: TimelineEvents): Timeline {
  const boots = one.boots.filter((b) => b.startedMs !== null);
  const longest = Math.max(1, ...boots.map(lengthOf));
  const holder = h("div", { class: "timeline" });
  let scale = scaleOf(0, longest, 600);
  let playheads: ReadonlyMap<number, SVGElement> = new Map();
  let moment: { readonly boot: number; readonly wallMs: number } | undefined;

  const draw = (next: Scale): void => {
    scale = next;
    const drawing = drawTimeline(boots, scale, events);
    playheads = drawing.playheads;
    selectable(drawing.svg, (a, b) => look(scale.ms(a), scale.ms(b)));
    holder.replaceChildren(drawing.svg);
    movePlayhead();
  };
  const look = (from: number, to: number): void => {
    const length = Math.min(longest, Math.max(longest / 1000, to - from));
    const start = Math.max(0, Math.min(longest - length, from));
    draw(scaleOf(start, start + length, scale.width));
  };
  const zoom = (factor: number): void => {
    const length = (scale.to - scale.from) * factor;
    const middle = moment?.wallMs ?? (scale.from + scale.to) / 2;
    look(middle - length / 2, middle + length / 2);
  };
  const movePlayhead = (): void => {
    for (const [index, head] of playheads) {
      const at = moment?.boot === index ? moment.wallMs : undefined;
      const shown = at !== undefined && at >= scale.from && at <= scale.to;
      head.setAttribute("visibility", shown ? "visible" : "hidden");
      if (shown) head.setAttribute("transform", `translate(${scale.x(at).toFixed(1)} 0)`);
    }
  };
  new ResizeObserver(([entry]) => {
    draw(scaleOf(scale.from, scale.to, Math.floor(entry?.contentRect.width ?? 600)));
  }).observe(holder);
  const button = (label: string, text: string, act: () => void): HTMLElement =>
    h("button", { type: "button", "aria-label": label, title: label, onclick: act }, text);
  return {
    element: h(
      "div",
      {},
      h(
        "div",
        { class: "zoom" },
        button("Nearer", "+", () => zoom(0.4)),
        button("Farther", "−", () => zoom(2.5)),
        button("The whole time", "all", () => look(0, longest)),
      ),
      holder,
    ),
    playhead(boot, wallMs) {
      moment = wallMs === undefined ? undefined : { boot, wallMs };
      movePlayhead();
    },
  };
}

/** Calls back with the left and the right end of a stretch that the pointer draws, in pixels. */
function selectable(svg: SVGElement, onSelect: (from: number, to: number) => void): void {
  let begun: number | undefined;
  const shade = s("rect", { class: "selection", y: 0, height: "100%", width: 0, visibility: "hidden" });
  svg.append(shade);
  const at = (event: PointerEvent): number => event.clientX - svg.getBoundingClientRect().left;
  svg.addEventListener("pointerdown", (event) => {
    if (event.button === 0) begun = at(event);
  });
  svg.addEventListener("pointermove", (event) => {
    if (begun === undefined || Math.abs(at(event) - begun) < stroke) return;
    // Only a stroke takes the pointer: a click must still reach what is below it.
    svg.setPointerCapture(event.pointerId);
    shade.setAttribute("visibility", "visible");
    shade.setAttribute("x", String(Math.min(begun, at(event))));
    shade.setAttribute("width", String(Math.abs(at(event) - begun)));
  });
  svg.addEventListener("pointerup", (event) => {
    const from = begun;
    begun = undefined;
    if (from === undefined || Math.abs(at(event) - from) < stroke) return;
    onSelect(Math.min(from, at(event)), Math.max(from, at(event)));
  });
  svg.addEventListener("pointercancel", () => {
    begun = undefined;
    shade.setAttribute("visibility", "hidden");
  });
}
