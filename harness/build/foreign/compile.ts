import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fail, ok, problem, type Result } from "../../base/index.ts";
import type { FileSource } from "../../manifest/index.ts";
import { runTool } from "../../process/index.ts";
import { packageVersions } from "../../toolchain/index.ts";
import { type ActionCache, runAction } from "../action.ts";
import { buildCodes } from "../codes.ts";
import type { StoredObject } from "../store.ts";
import { foreignCodes } from "./codes.ts";
import type { PackageContext } from "./packages.ts";
import { treeFile } from "./tree-file.ts";

/** Static: an initramfs has no library; stripped: what a program costs to start should not depend on its symbols. */
const flags = ["-std=c17", "-Wall", "-Wextra", "-Werror", "-O2", "-static", "-s"];

const compilerPackages = ["gcc", "libc6-dev", "linux-libc-dev", "binutils"];

export interface CompileContext extends PackageContext {
  readonly root: string;
  readonly cache: ActionCache;
  readonly onAction: (action: {
    readonly name: string;
    readonly cached: boolean;
    readonly ms: number;
  }) => void;
}

/** Versions and flags that decide, beside the source, what comes out. */
export function compilerInputs(cacheDir: string): Readonly<Record<string, string>> {
  const versions = packageVersions(cacheDir);
  const tools = compilerPackages.map((name) => [`tool ${name}`, versions.get(name) ?? "none"]);
  return { ...Object.fromEntries(tools), "C flags": flags.join(" ") };
}

/** Compiles one C file of the tree, which includes nothing but the system's headers, to a static program. */
export async function compileC(context: CompileContext, source: FileSource): Promise<Result<StoredObject>> {
  const { path, span } = source;
  const found = treeFile(context.root, context.cacheDir, path);
  if (found === undefined) {
    const message = `${path} is not a file of this tree that can be read`;
    return fail(problem(foreignCodes, "CAPOS_FOREIGN_FILE", message, { span }));
  }
  const done = await runAction(context.cache, {
    name: `cc ${path}`,
    inputs: { [path]: found.sha256, ...compilerInputs(context.cacheDir) },
    run: async () => {
      const scratch = mkdtempSync(join(context.cacheDir, "cc-"));
      try {
        const output = join(scratch, "program");
        const ran = await runTool(context.supervisor, ["/usr/bin/gcc", ...flags, "-o", output, path], {
          cwd: context.root,
          deadlineMs: 120_000,
        });
        if (!ran.ok) return ran;
        if (ran.value.succeeded) return ok({ program: readFileSync(output) });
        const detail = ran.value.stderr.text.split("\n").slice(0, 40).join("\n");
        const message = `the C compiler does not take ${path}`;
        return fail(problem(buildCodes, "CAPOS_BUILD_FAILED", message, { span, detail }));
      } finally {
        rmSync(scratch, { recursive: true, force: true });
      }
    },
  });
  if (!done.ok) return done;
  context.onAction({ name: `cc ${path}`, cached: done.value.cached, ms: done.value.ms });
  const { program } = done.value.outputs;
  if (program === undefined) throw new Error("the C compiler's action lost its program");
  return ok(program);
}
