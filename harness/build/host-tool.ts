import { chmodSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ok, type Result } from "../base/index.ts";
import { runAction } from "./action.ts";
import { cargoBuildHost, compilerInputs } from "./cargo.ts";
import type { BuildContext } from "./image.ts";
import { sourceDigests } from "./sources.ts";

/** What a host tool is compiled from; none of them knows anything of the kernel or of user programs. */
const trees = ["Cargo.toml", "Cargo.lock", "kernel/core/", "kernel/formats/", "kernel/hosttools/"];

/**
 * A program of `kernel/hosttools` that shares code with the system and runs on this host, such as the checker of an
 * on-disk format. Gives the absolute path of the executable, which is built at most once for equal sources.
 */
export async function buildHostTool(context: BuildContext, name: string): Promise<Result<string>> {
  const sources = Object.entries(sourceDigests(context.root));
  const action = {
    name: `host-tool ${name}`,
    inputs: {
      ...Object.fromEntries(sources.filter(([path]) => trees.some((tree) => path.startsWith(tree)))),
      ...compilerInputs(context.cacheDir),
    },
    run: async () => {
      const built = await cargoBuildHost(context, name);
      return built.ok ? ok({ program: built.value }) : built;
    },
  };
  const done = await runAction(context.cache, action);
  if (!done.ok) return done;
  context.onAction({ name: action.name, cached: done.value.cached, ms: done.value.ms });
  const { program } = done.value.outputs;
  if (program === undefined) throw new Error("the host tool's action lost its program");
  return ok(
    executable(join(context.cacheDir, "tools"), program.sha256, () => context.cache.store.read(program)),
  );
}

/** Objects of the store are not executable; this one is, from the moment it has its name. */
function executable(dir: string, digest: string, content: () => Uint8Array): string {
  const path = join(dir, digest);
  if (existsSync(path)) return path;
  mkdirSync(dir, { recursive: true });
  const made = join(dir, `${digest}.${process.pid}`);
  try {
    writeFileSync(made, content());
    chmodSync(made, 0o755);
    renameSync(made, path);
  } finally {
    rmSync(made, { force: true });
  }
  return path;
}
