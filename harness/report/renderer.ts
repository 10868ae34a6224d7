import type { Problem } from "../base/index.ts";
import type { Event } from "../events/index.ts";

/** Consumes events and shows them. What it throws is caught by whoever feeds it and never stops a run. */
export interface Renderer {
  on(event: Event): void;
  /** Resolves when everything has been shown, with what could not be. */
  close(): Promise<readonly Problem[]>;
}

/** Where a renderer writes: results to `out`, progress to `progress`. */
export interface Streams {
  readonly out: (text: string) => void;
  readonly progress: (text: string) => void;
  /** Whether each is a terminal; neither is unless said. */
  readonly isTTY?: { readonly out: boolean; readonly progress: boolean };
  /** The terminal's size at this moment, where there is one. */
  readonly size?: () => Size;
  /** Calls back whenever the size has changed; returns how to stop that. */
  readonly onResize?: (changed: () => void) => () => void;
}

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

export type Env = Readonly<Record<string, string | undefined>>;

/** A renderer whose faults are kept to itself: reported once on the progress stream. */
export function guarded(renderer: Renderer, streams: Pick<Streams, "progress">): Renderer {
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
        return await renderer.close();
      } catch (error) {
        report(error);
        return [];
      }
    },
  };
}

/** Several renderers of one run; each is guarded by itself. */
export function together(renderers: readonly Renderer[]): Renderer {
  return {
    on(event) {
      for (const renderer of renderers) renderer.on(event);
    },
    async close() {
      const problems: Problem[] = [];
      for (const renderer of renderers) problems.push(...(await renderer.close()));
      return problems;
    },
  };
}
