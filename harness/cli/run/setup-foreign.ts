import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { err, ok, type Problem, type Result } from "../../base/index.ts";
import { getPackage, knownPackage } from "../../build/index.ts";
import { listImages, loadImage, packagesOf } from "../../manifest/index.ts";
import { createSupervisor } from "../../process/index.ts";
import type { CliContext } from "../context.ts";
import { loadOptions } from "../tree.ts";

type Wanted = ReturnType<typeof packagesOf>;

/**
 * Fetches the Debian packages from which the tree's images are made, so that they are built without a network later.
 * `prefix` is what gives root's rights, for the one case that needs them: apt does not know the packages yet.
 */
export async function setupForeign(
  context: CliContext,
  options: { readonly dryRun: boolean; readonly prefix: readonly string[] },
): Promise<void> {
  const cacheDir = join(context.root, ".capos", "cache");
  const wanted = await wantedPackages(context.root);
  if (!wanted.ok) return context.report(wanted.error);
  const missing = wanted.value.filter(({ name }) => knownPackage(cacheDir, name) === undefined);
  if (missing.length === 0) return context.print("Every Debian package that an image is made from is here.");
  for (const { name } of missing) context.print(`apt-get download ${name}`);
  if (options.dryRun) return;
  let problems = await fetchAll(context, cacheDir, missing);
  if (problems.length > 0) {
    const [program = "", ...rest] = [...options.prefix, "apt-get", "update"];
    context.print([program, ...rest].join(" "));
    const { status } = spawnSync(program, rest, { stdio: ["ignore", "inherit", "inherit"] });
    if (status === 0) problems = await fetchAll(context, cacheDir, missing);
  }
  if (problems.length > 0) context.report(problems);
}

/** Every package that some image names, where it is first named. */
async function wantedPackages(root: string): Promise<Result<Wanted>> {
  const wanted = new Map<string, Wanted[number]>();
  const problems: Problem[] = [];
  for (const image of listImages(root)) {
    const model = await loadImage(root, image, loadOptions);
    if (!model.ok) problems.push(...model.error);
    else if (model.value.kind !== "capos") {
      for (const one of packagesOf(model.value)) if (!wanted.has(one.name)) wanted.set(one.name, one);
    }
  }
  return problems.length > 0 ? err(problems) : ok([...wanted.values()]);
}

async function fetchAll(
  context: CliContext,
  cacheDir: string,
  packages: Wanted,
): Promise<readonly Problem[]> {
  const supervisor = createSupervisor(`setup-${process.pid}-${randomBytes(4).toString("hex")}`);
  try {
    const problems: Problem[] = [];
    for (const { name, span } of packages) {
      const progress = (line: string): void => void context.process.stderr.write(`${line}\n`);
      const got = await getPackage({ cacheDir, supervisor, progress }, name, span);
      if (!got.ok) problems.push(...got.error);
    }
    return problems;
  } finally {
    await supervisor.close();
  }
}
