/** Reports: renderers of events, and what is made of stored runs. Each is loaded only when it is asked for. */
import { type Result, err, ok } from "../base/index.ts";
import type { FileTarget, RunPlace } from "./files.ts";
import { type Env, guarded, type Renderer, type Streams, together } from "./renderer.ts";

export { reportCodes } from "./codes.ts";
export type { FileKind, FileTarget, RunPlace } from "./files.ts";
export type { Env, Renderer, Size, Streams } from "./renderer.ts";
export type { CaseReport, RunReport } from "./model/types.ts";

/** Renderers that write to the command's own streams. */
export type RendererName = "live" | "plain" | "json" | "github";

export type RendererWanted = { readonly kind: RendererName } | FileTarget;

/** Makes the renderers of one run. Fails before the run begins when a file could not be written after it. */
export async function openRenderers(
  wanted: readonly RendererWanted[],
  streams: Streams,
  env: Env,
  place: RunPlace,
): Promise<Result<Renderer>> {
  const renderers: Renderer[] = [];
  for (const one of wanted) {
    if ("file" in one) {
      const { checkTarget, fileRenderer } = await import("./files.ts");
      const target = checkTarget(one);
      if (!target.ok) return err(target.error);
      renderers.push(guarded(fileRenderer(one, place), streams));
    } else renderers.push(guarded(await openRenderer(one.kind, streams, env), streams));
  }
  return ok(together(renderers));
}

async function openRenderer(name: RendererName, streams: Streams, env: Env): Promise<Renderer> {
  switch (name) {
    case "live":
      return (await import("./terminal/live.ts")).liveRenderer(streams, env);
    case "plain":
      return (await import("./terminal/plain.ts")).plainRenderer(streams, env);
    case "json":
      return (await import("./json.ts")).jsonRenderer(streams);
    case "github":
      return (await import("./formats/github.ts")).githubRenderer(streams, env);
  }
}

/** What the commands on stored runs use; a run that is only shown as it goes does not load it. */
export const openStored = async () => import("./stored.ts");
