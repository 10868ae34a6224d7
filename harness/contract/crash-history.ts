/**
 * What a guest did to one disk, in order, and what a crash at any place of it may have left: the rules of a disk with
 * a volatile cache. A write is durable once a flush is done that was asked for after the write was done, or once it is
 * done itself if it forced its way (`fua`). Everything else that was asked for may be lost, kept, or torn between
 * sectors, independently of all others. What was not yet asked for is not there.
 */

export const sectorBytes = 512;

/** A part of one request of the guest that reached the disk as a whole. Sectors count from 0. */
export interface Write {
  readonly request: number;
  readonly sector: number;
  /** Whole sectors. */
  readonly data: Uint8Array;
  readonly fua: boolean;
}

/** `at`: bytes that the guest had printed by then. */
export type DiskEvent =
  /** The guest asks for a write; all its parts are pending from now on. */
  | { readonly kind: "write"; readonly at: number; readonly request: number }
  | { readonly kind: "flush"; readonly at: number; readonly request: number }
  /** The guest is told that a request is done; a failed one promises nothing. */
  | { readonly kind: "done"; readonly at: number; readonly request: number; readonly ok: boolean };

export interface DiskHistory {
  readonly writes: readonly Write[];
  readonly events: readonly DiskEvent[];
}

/**
 * A crash in front of the event `position`. The numbers are places in `writes`, in the order in which they were asked
 * for: of two that touch the same sector the later one is on top. (Of two that are under way at once either may be; a
 * guest that does that has no claim to anything, and only this one order is tried.)
 */
export interface Crashed {
  readonly durable: readonly number[];
  readonly pending: readonly number[];
  /** By pending write: the durable ones that were asked for later and lie on top of it if they touch the same sectors. */
  readonly above: ReadonlyMap<number, readonly number[]>;
}

/** The number of events that came before the guest had printed so many bytes. */
export function positionOf(history: DiskHistory, bytes: number): number {
  const first = history.events.findIndex((event) => event.at >= bytes);
  return first < 0 ? history.events.length : first;
}

export function crashAt(history: DiskHistory, position: number): Crashed {
  const replay = new Replay(history);
  for (const event of history.events.slice(0, position)) replay.step(event);
  return replay.crashed();
}

/** Follows a history event by event. */
class Replay {
  readonly #history: DiskHistory;
  readonly #partsOf = new Map<number, number[]>();
  readonly #asked: number[] = [];
  /** Grows only, so that what a flush promises is the length that it had. */
  readonly #done: number[] = [];
  readonly #promises = new Map<number, number>();
  readonly #forced = new Set<number>();
  #durable = 0;

  constructor(history: DiskHistory) {
    this.#history = history;
    for (const [i, { request }] of history.writes.entries()) {
      const parts = this.#partsOf.get(request);
      if (parts === undefined) this.#partsOf.set(request, [i]);
      else parts.push(i);
    }
  }

  /** Whether something becomes durable by this event. */
  hardens(event: DiskEvent): boolean {
    if (event.kind !== "done" || !event.ok) return false;
    const parts = this.#partsOf.get(event.request) ?? [];
    return (
      (this.#promises.get(event.request) ?? 0) > this.#durable ||
      parts.some((part) => this.#history.writes[part]?.fua === true)
    );
  }

  step(event: DiskEvent): void {
    const parts = this.#partsOf.get(event.request) ?? [];
    switch (event.kind) {
      case "write":
        this.#asked.push(...parts);
        break;
      case "flush":
        this.#promises.set(event.request, this.#done.length);
        break;
      case "done":
        if (!event.ok) break;
        this.#durable = Math.max(this.#durable, this.#promises.get(event.request) ?? 0);
        for (const part of parts) {
          this.#done.push(part);
          if (this.#history.writes[part]?.fua === true) this.#forced.add(part);
        }
        break;
    }
  }

  crashed(): Crashed {
    const sure = new Set([...this.#done.slice(0, this.#durable), ...this.#forced]);
    const durable = this.#asked.filter((write) => sure.has(write));
    const pending = this.#asked.filter((write) => !sure.has(write));
    const places = new Map(this.#asked.map((write, i) => [write, i]));
    const place = (write: number): number => places.get(write) ?? 0;
    const above = new Map<number, number[]>();
    for (const write of pending) {
      const later = durable.filter(
        (other) => place(other) > place(write) && touch(this.#history, write, other),
      );
      if (later.length > 0) above.set(write, later);
    }
    return { durable, pending, above };
  }
}

function touch(history: DiskHistory, a: number, b: number): boolean {
  const [x, y] = [history.writes[a], history.writes[b]];
  if (x === undefined || y === undefined) return false;
  return x.sector < endOf(y) && y.sector < endOf(x);
}

/** The sector behind a write's last. */
export function endOf(write: Write): number {
  return write.sector + write.data.length / sectorBytes;
}

/** A place where a crash is tried, and which of the marks the guest had printed by then. */
export interface CrashMoment extends Crashed {
  readonly position: number;
  /** Of the marks that were given, those that were wholly printed. */
  readonly passed: ReadonlySet<number>;
}

/**
 * The places in a window of the console at which all its crashes can be tried: what may be left grows with each write
 * that is asked for and changes otherwise only when something becomes durable, or when the guest has printed a mark,
 * so the last place before each of these has all states of the places before it. `from`, `until` and the marks are
 * bytes of the console.
 */
export function crashMoments(
  history: DiskHistory,
  from: number,
  until: number,
  marks: readonly number[],
): readonly CrashMoment[] {
  const [start, end] = [positionOf(history, from), positionOf(history, until)];
  const inside = marks.filter((mark) => mark > from && mark <= until).toSorted((a, b) => a - b);
  const passed = new Set(marks.filter((mark) => mark <= from));
  const moments: CrashMoment[] = [];
  const replay = new Replay(history);
  const add = (position: number): number =>
    moments.push({ position, passed: new Set(passed), ...replay.crashed() });
  for (const [position, event] of history.events.slice(0, end).entries()) {
    if (position >= start) {
      // A mark was printed before the event at its position.
      for (const mark of inside.filter((m) => positionOf(history, m) === position)) {
        add(position);
        passed.add(mark);
      }
      if (replay.hardens(event)) add(position);
    }
    replay.step(event);
  }
  for (const mark of inside.filter((m) => positionOf(history, m) === end)) {
    add(end);
    passed.add(mark);
  }
  add(end);
  return moments;
}
