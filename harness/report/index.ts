import type { Env, Renderer, Streams } from "./renderer.ts";
import { guarded } from "./renderer.ts";

export type { Env, Renderer, Size, Streams } from "./renderer.ts";

export type RendererName = "live" | "plain" | "json";

/** Loads and makes one renderer for a terminal or a pipe. */
export async function openRenderer(name: RendererName, streams: Streams, env: Env = {}): Promise<Renderer> {
  switch (name) {
    case "live":
      return guarded((await import("./terminal/live.ts")).liveRenderer(streams, env), streams);
    case "plain":
      return guarded((await import("./terminal/plain.ts")).plainRenderer(streams, env), streams);
    case "json":
      return guarded((await import("./json.ts")).jsonRenderer(streams), streams);
  }
}
