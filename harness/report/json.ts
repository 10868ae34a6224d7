import type { Renderer, Streams } from "./renderer.ts";

/** One event a line and nothing else on the result stream. */
export function jsonRenderer(streams: Streams): Renderer {
  return {
    on: (event) => streams.out(`${JSON.stringify(event)}\n`),
    close: async () => [],
  };
}
