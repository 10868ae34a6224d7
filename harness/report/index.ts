import type { Renderer, Streams } from "./renderer.ts";
import { guarded } from "./renderer.ts";

export type { Renderer, Streams } from "./renderer.ts";

export type RendererName = "live" | "plain" | "json";

/** Loads and makes one renderer; the terminal library is loaded only for `live`. */
export async function openRenderer(name: RendererName, streams: Streams): Promise<Renderer> {
  switch (name) {
    case "live":
      return guarded((await import("./live.ts")).liveRenderer(streams), streams);
    case "plain":
      return guarded((await import("./plain.ts")).plainRenderer(streams), streams);
    case "json":
      return guarded((await import("./json.ts")).jsonRenderer(streams), streams);
  }
}
