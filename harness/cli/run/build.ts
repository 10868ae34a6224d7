import { randomBytes } from "node:crypto";
import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { openStore, readBootModule } from "../../build/index.ts";
import type { BootPath } from "../../contract/index.ts";
import { createSupervisor } from "../../process/index.ts";
import { type Artifact, artifactSource } from "../../prove/index.ts";
import type { BuildFlags } from "../commands/build.ts";
import type { CliContext } from "../context.ts";
import { loadOptions } from "../tree.ts";

/** What was built, by file name, with where it lies. */
type Files = Readonly<Record<string, string>>;

export async function build(this: CliContext, flags: BuildFlags, image: string): Promise<void> {
  const cacheDir = join(this.root, ".capos", "cache");
  const supervisor = createSupervisor(`build-${process.pid}-${randomBytes(4).toString("hex")}`);
  try {
    const cache = { dir: join(cacheDir, "actions"), store: openStore(join(cacheDir, "objects")) };
    const source = artifactSource({
      build: { root: this.root, cacheDir, supervisor, cache },
      load: loadOptions,
      emit: (event) => {
        if (event.type === "build-progress") this.process.stderr.write(`${event.line}\n`);
      },
    });
    const files: Record<string, string> = {};
    let shown: Artifact | undefined;
    for (const path of ["direct", ...(flags.disk ? ["bios" as const] : [])] satisfies BootPath[]) {
      const artifact = await source.get(image, path);
      if (!artifact.ok) return this.report(artifact.error);
      Object.assign(files, filesOf(image, artifact.value));
      shown = artifact.value;
    }
    if (shown === undefined) return;
    const placed = flags.out === undefined ? files : copyTo(flags.out, files);
    if (flags.json) return this.print(JSON.stringify(facts(shown, placed)));
    this.print(describe(shown, placed, cache.store.read(shown.built.bootModule)));
  } finally {
    await supervisor.close();
  }
}

function filesOf(image: string, { system }: Artifact): Files {
  if (system.path !== "direct") return { [`${image}.raw`]: system.image };
  return {
    "capos.elf": system.kernel,
    ...(system.module === undefined ? {} : { [`${image}.bin`]: system.module }),
  };
}

function copyTo(dir: string, files: Files): Files {
  mkdirSync(dir, { recursive: true });
  const copied = Object.entries(files).map(([name, from]): [string, string] => {
    const to = join(dir, name);
    copyFileSync(from, to);
    return [name, to];
  });
  return Object.fromEntries(copied);
}

function facts({ built, image }: Artifact, files: Files): unknown {
  return {
    v: 1,
    image: built.name,
    systemDigest: built.systemDigest,
    buildId: built.buildId,
    imageDigest: image.digest,
    files,
  };
}

function describe({ built, image }: Artifact, files: Files, module: Uint8Array): string {
  const decoded = readBootModule(module);
  const binaries = decoded.ok ? decoded.value.manifest.binaries : [];
  return [
    `${built.name}: system ${built.systemDigest}`,
    `  kernel  ${built.kernel.bytes} bytes, build id ${built.buildId}`,
    ...binaries.map((b) => `  program ${b.name}, ${b.length} bytes at ${b.offset}`),
    `  image   ${image.digest} (${image.recipe["kind"] ?? ""})`,
    ...Object.entries(files).map(([name, path]) => `  file    ${name} ${path}`),
  ].join("\n");
}
