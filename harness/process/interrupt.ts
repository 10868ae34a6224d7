import { lineage } from "./lineage.ts";

/** What asks the tool to end. The parent's death counts: npx passes no signal on when it is killed itself. */
export type InterruptSource = "SIGINT" | "SIGTERM" | "SIGHUP" | "parent-gone";

export type InterruptState =
  | { readonly phase: "running" }
  | { readonly phase: "stopping" | "killing"; readonly source: InterruptSource; readonly atMs: number };

/** A terminal's Ctrl-C may arrive twice, from the terminal and from a parent that passes it on. */
const duplicateMs = 1_000;
/** How long running jobs get to end after the first request. */
const patienceMs = 10_000;

/**
 * The first request stops the run, a second one or so many milliseconds of `patience` kill it. Pure: `source` is absent when only time
 * has passed; `atMs` is on any clock that does not jump.
 */
export function nextInterrupt(
  state: InterruptState,
  input: { readonly source?: InterruptSource; readonly atMs: number },
  patience = patienceMs,
): InterruptState {
  const { source, atMs } = input;
  switch (state.phase) {
    case "running":
      return source === undefined ? state : { phase: "stopping", source, atMs };
    case "stopping": {
      const passed = atMs - state.atMs;
      // That the parent is gone stays true for ever; only a signal can be a second request.
      const again = source !== undefined && source !== "parent-gone" && passed >= duplicateMs;
      return again || passed >= patience ? { ...state, phase: "killing" } : state;
    }
    case "killing":
      return state;
  }
}

export interface Interrupts {
  /** Fires at the first request: start nothing new, ask what runs to end, keep printing. */
  readonly stopping: AbortSignal;
  /** Fires at the second request, or when patience is over (ten seconds by default): kill everything now. */
  readonly killing: AbortSignal;
  /** What came first, and the exit code that the tool owes for it; nothing while undisturbed. */
  cause(): { readonly source: InterruptSource; readonly exit: 130 | 143 } | undefined;
  /** Gives the signals back. */
  dispose(): void;
}

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Takes over the process's signals and watches its parent. The only place that does: called once, by the command
 * line. What takes longer than a job's end, such as taking down machines elsewhere, asks for more
 * patience. Once it has come to killing, the handlers are gone, so a further signal ends the tool itself at once and
 * the reaper cleans up.
 */
export function watchInterrupts(patience = patienceMs): Interrupts {
  const stopping = new AbortController();
  const killing = new AbortController();
  const before = lineage();
  let state: InterruptState = { phase: "running" };

  const take = (source?: InterruptSource): void => {
    const atMs = performance.now();
    state = nextInterrupt(state, source === undefined ? { atMs } : { source, atMs }, patience);
    if (state.phase !== "running" && !stopping.signal.aborted) stopping.abort();
    if (state.phase === "killing" && !killing.signal.aborted) {
      dispose();
      killing.abort();
    }
  };
  const handlers = signals.map((signal) => ({ signal, handler: () => take(signal) }));
  for (const { signal, handler } of handlers) process.on(signal, handler);
  const watch = setInterval(() => take(lineage() === before ? undefined : "parent-gone"), 250);
  // A finished run must not wait for the watch.
  watch.unref();
  const dispose = (): void => {
    clearInterval(watch);
    for (const { signal, handler } of handlers) process.off(signal, handler);
  };

  return {
    stopping: stopping.signal,
    killing: killing.signal,
    cause() {
      if (state.phase === "running") return undefined;
      return { source: state.source, exit: state.source === "SIGINT" ? 130 : 143 };
    },
    dispose,
  };
}
