import { join } from "node:path";
import { type ActionCache, type ObjectStore, openStore } from "../build/index.ts";
import type { Supervisor } from "../process/index.ts";
import { type ArtifactContext, type ArtifactSource, artifactSource } from "../prove/index.ts";
import type { CliContext } from "./context.ts";
import { loadOptions } from "./tree.ts";

/** Where a checkout keeps what it has built. */
export interface BuildCache {
  /** `.capos/cache` */
  readonly dir: string;
  readonly actions: ActionCache;
  readonly objects: ObjectStore;
}

export function openBuildCache(root: string): BuildCache {
  const dir = join(root, ".capos", "cache");
  const objects = openStore(join(dir, "objects"));
  return { dir, objects, actions: { dir: join(dir, "actions"), store: objects } };
}

/** What is told of a build. */
export type BuildEmit = ArtifactContext["emit"];

/** The images of a checkout, each built when it is asked for; what their builds run belongs to the supervisor. */
export function openArtifacts(
  root: string,
  supervisor: Supervisor,
  emit: BuildEmit,
  {
    cache = openBuildCache(root),
    cancel,
  }: { readonly cache?: BuildCache; readonly cancel?: AbortSignal } = {},
): ArtifactSource {
  const build = { root, supervisor, cacheDir: cache.dir, cache: cache.actions };
  return artifactSource({
    build: cancel === undefined ? build : { ...build, cancel },
    load: loadOptions,
    emit,
  });
}

/** For a command that shows no other event: the compiler's own lines as they come, beside what it prints. */
export function tellProgress({ process }: Pick<CliContext, "process">): BuildEmit {
  return (event) => {
    if (event.type === "build-progress") process.stderr.write(`${event.line}\n`);
  };
}
