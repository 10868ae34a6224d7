import { randomBytes } from "node:crypto";
import { copyFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fail, makeFolder, ok, problem, type Result } from "../../base/index.ts";
import { type BuiltForeign, type BuiltImage, type ObjectStore, readBootModule } from "../../build/index.ts";
import type { BootPath } from "../../contract/index.ts";
import { type ImageModel, loadImage, pathsOf } from "../../manifest/index.ts";
import { createSupervisor } from "../../process/index.ts";
import type { Artifact } from "../../prove/index.ts";
import { openArtifacts, openBuildCache, tellProgress } from "../artifacts.ts";
import type { BuildFlags } from "../commands/build.ts";
import type { CliContext } from "../context.ts";
import { cliCodes } from "../own-codes.ts";
import { loadOptions } from "../tree.ts";

/** What was built, by file name, with where it lies. */
type Files = Readonly<Record<string, string>>;

export async function build(this: CliContext, flags: BuildFlags, image: string): Promise<void> {
  const supervisor = createSupervisor(`build-${process.pid}-${randomBytes(4).toString("hex")}`);
  try {
    const cache = openBuildCache(this.root);
    const source = openArtifacts(this.root, supervisor, tellProgress(this), { cache });
    const model = await loadImage(this.root, image, loadOptions);
    if (!model.ok) return this.report(model.error);
    const files: Record<string, string> = {};
    let shown: Artifact | undefined;
    for (const path of pathsToBuild(model.value, flags)) {
      const artifact = await source.get(image, path);
      if (!artifact.ok) return this.report(artifact.error);
      Object.assign(files, filesOf(image, artifact.value));
      shown = artifact.value;
    }
    if (shown === undefined) return;
    const placed = flags.out === undefined ? ok(files) : copyTo(flags.out, files);
    if (!placed.ok) return this.report(placed.error);
    if (flags.json) return this.print(JSON.stringify(facts(shown, placed.value)));
    this.print(describe(shown, placed.value, cache.objects));
  } finally {
    await supervisor.close();
  }
}

/** One path for each form that the image has: BIOS and UEFI boot the same disk. */
function pathsToBuild(model: ImageModel, flags: BuildFlags): readonly BootPath[] {
  if (model.kind !== "capos") return pathsOf[model.kind].slice(0, 1);
  return flags.disk ? ["direct", "bios"] : ["direct"];
}

function filesOf(image: string, { built, system }: Artifact): Files {
  if (system.path !== "direct") return { [`${image}.raw`]: system.image };
  const { kernel, module, modules = [] } = system;
  if (built.kind === "capos") {
    return { "capos.elf": kernel, ...(module === undefined ? {} : { [`${image}.bin`]: module }) };
  }
  return {
    [`${image}.kernel`]: kernel,
    ...Object.fromEntries(modules.map((m, i) => [`${image}.module${i + 1}`, m.file])),
    ...(module === undefined ? {} : { [`${image}.initramfs`]: module }),
  };
}

function copyTo(dir: string, files: Files): Result<Files> {
  try {
    makeFolder(resolve(dir));
    const copied = Object.entries(files).map(([name, from]): [string, string] => {
      const to = join(dir, name);
      copyFileSync(from, to);
      return [name, to];
    });
    return ok(Object.fromEntries(copied));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return fail(problem(cliCodes, "CAPOS_HOST_FILE", `${dir} cannot be written: ${why}`));
  }
}

function facts({ built, image }: Artifact, files: Files): unknown {
  return {
    v: 1,
    image: built.name,
    systemDigest: built.systemDigest,
    ...(built.kind === "capos"
      ? { buildId: built.buildId }
      : { packages: Object.fromEntries(built.packages.map((p) => [p.name, p.version])) }),
    imageDigest: image.digest,
    files,
  };
}

function describe({ built, image }: Artifact, files: Files, store: ObjectStore): string {
  return [
    `${built.name}: system ${built.systemDigest}`,
    ...(built.kind === "capos" ? describeOwn(built, store) : describeForeign(built)),
    `  image   ${image.digest} (${image.recipe["kind"] ?? ""})`,
    ...Object.entries(files).map(([name, path]) => `  file    ${name} ${path}`),
  ].join("\n");
}

function describeOwn({ kernel, buildId, bootModule }: BuiltImage, store: ObjectStore): readonly string[] {
  const decoded = readBootModule(store.read(bootModule));
  const binaries = decoded.ok ? decoded.value.manifest.binaries : [];
  return [
    `  kernel  ${kernel.bytes} bytes, build id ${buildId}`,
    ...binaries.map((b) => `  program ${b.name}, ${b.length} bytes at ${b.offset}`),
  ];
}

function describeForeign({ kernel, programs, packages }: BuiltForeign): readonly string[] {
  return [
    ...packages.map((p) => `  package ${p.name} ${p.version}`),
    `  kernel  ${kernel.bytes} bytes`,
    ...Object.entries(programs).map(([name, o]) => `  program ${name}, ${o.bytes} bytes`),
  ];
}
