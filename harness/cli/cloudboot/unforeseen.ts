import type { Interrupts } from "../../process/index.ts";

export interface Guard {
  readonly interrupts: Interrupts;
  /** What was thrown first where nobody catches it. */
  fault(): { readonly error: unknown } | undefined;
  dispose(): void;
}

/**
 * A fault in code that has nothing to do with a run would end the process, and leave standing what costs money. Here it
 * stops the run as Ctrl-C does: nothing more is made, and what was made is taken down. `tell` is called for each.
 */
export function guardRun(interrupts: Interrupts, tell: (error: unknown) => void): Guard {
  const stop = new AbortController();
  let first: { readonly error: unknown } | undefined;
  const meet = (error: unknown): void => {
    first ??= { error };
    stop.abort();
    tell(error);
  };
  // Node raises a rejection that nobody handles as one of these.
  process.on("uncaughtException", meet);
  return {
    interrupts: { ...interrupts, stopping: AbortSignal.any([interrupts.stopping, stop.signal]) },
    fault: () => first,
    dispose: () => process.off("uncaughtException", meet),
  };
}
