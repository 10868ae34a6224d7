import type { Event } from "../events/index.ts";

/** Consumes events and shows them. What it throws is caught by whoever feeds it and never stops a run. */
export interface Renderer {
  on(event: Event): void;
  /** Resolves when everything has been shown. */
  close(): Promise<void>;
}

/** Where a renderer writes: results to `out`, progress to `progress`. */
export interface Streams {
  readonly out: (text: string) => void;
  readonly progress: (text: string) => void;
}

/** A renderer whose faults are kept to itself: reported once on the progress stream. */
export function guarded(renderer: Renderer, streams: Streams): Renderer {
  let broken = false;
  const report = (error: unknown): void => {
    if (broken) return;
    broken = true;
    streams.progress(
      `the display stopped, the run goes on: ${error instanceof Error ? error.message : String(error)}\n`,
    );
  };
  return {
    on(event) {
      if (broken) return;
      try {
        renderer.on(event);
      } catch (error) {
        report(error);
      }
    },
    async close() {
      try {
        await renderer.close();
      } catch (error) {
        report(error);
      }
    },
  };
}
