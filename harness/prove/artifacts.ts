import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import {
  canonicalJson,
  err,
  ok,
  problem,
  type Problem,
  type Result,
  sha256,
  writeFileAtomic,
} from "../base/index.ts";
import type { BootPath } from "../contract/index.ts";
import type { EventBody } from "../events/index.ts";
import {
  type BuildContext,
  buildCodes,
  buildHostTool,
  type BuiltForeign,
  buildImage,
  type BuiltImage,
  modelDigest,
} from "../build/index.ts";
import {
  type ForeignModel,
  type ImageModel,
  loadImage,
  type LoadOptions,
  type SystemModel,
} from "../manifest/index.ts";
import type { System } from "../machine/index.ts";
import { runTool } from "../process/index.ts";
import { packageVersions } from "../toolchain/index.ts";

/** Everything that a boot of an image on one path needs, and what evidence says of it. */
export interface Artifact {
  readonly model: ImageModel;
  readonly modelDigest: string;
  readonly built: BuiltImage | BuiltForeign;
  readonly system: System;
  readonly image: { readonly digest: string; readonly recipe: Readonly<Record<string, string>> };
}

export interface ArtifactSource {
  get(image: string, path: BootPath): Promise<Result<Artifact>>;
  /** Absolute path of a program of `kernel/hosttools`. */
  hostTool(name: string): Promise<Result<string>>;
}

export interface ArtifactContext {
  readonly build: Omit<BuildContext, "onAction" | "onCargo" | "progress">;
  readonly load: LoadOptions;
  readonly emit: (event: Extract<EventBody, { type: `build-${string}` }>) => void;
}

/** Builds each image once, however many cases and boot paths ask for it. */
export function artifactSource(context: ArtifactContext): ArtifactSource {
  const images = new Map<string, Promise<Result<Pair>>>();
  const systems = new Map<string, Promise<Result<Artifact>>>();
  const tools = new Map<string, Promise<Result<string>>>();
  const pair = (name: string): Promise<Result<Pair>> => memo(images, name, () => buildPair(context, name));
  return {
    get: (name, path) =>
      memo(systems, `${name}@${path}`, async () => {
        const began = process.hrtime.bigint();
        context.emit({ type: "build-started", image: name, path });
        const built = await pair(name);
        if (!built.ok) return built;
        const artifact = await systemOn(context, built.value, path);
        if (artifact.ok) {
          const ms = Math.round(Number(process.hrtime.bigint() - began) / 1e6);
          context.emit({
            type: "build-finished",
            image: name,
            path,
            digest: artifact.value.image.digest,
            ms,
          });
        }
        return artifact;
      }),
    hostTool: (name) => memo(tools, name, () => buildHostTool(buildContextOf(context, name), name)),
  };
}

/** The context of one build, which tells of it as the image's, or the tool's, own. */
function buildContextOf(context: ArtifactContext, image: string): BuildContext {
  const { emit } = context;
  return {
    ...context.build,
    onCargo: (ms) => emit({ type: "build-action", image, action: "cargo", cached: false, ms }),
    progress: (line) => emit({ type: "build-progress", image, line }),
    onAction: ({ name: action, cached, ms }) => emit({ type: "build-action", image, action, cached, ms }),
  };
}

/** An image and what was built of it. */
type Pair = Native | Foreign;

interface Native {
  readonly model: SystemModel;
  readonly built: BuiltImage;
}

export interface Foreign {
  readonly model: ForeignModel;
  readonly built: BuiltForeign;
}

function isNative(pair: Pair): pair is Native {
  return pair.built.kind === "capos";
}

async function buildPair(context: ArtifactContext, name: string): Promise<Result<Pair>> {
  const loaded = await loadImage(context.build.root, name, context.load);
  if (!loaded.ok) return loaded;
  const model = loaded.value;
  const build = buildContextOf(context, name);
  if (model.kind === "capos") {
    const built = await buildImage(build, model);
    return built.ok ? ok({ model, built: built.value }) : built;
  }
  // Loaded here: a proof of this tree's kernel never pays for it.
  const built = await (await import("./foreign.ts")).gatherForeign(build, model);
  return built.ok ? ok({ model, built: built.value }) : built;
}

async function systemOn(context: ArtifactContext, pair: Pair, path: BootPath): Promise<Result<Artifact>> {
  if (!isNative(pair)) return (await import("./foreign.ts")).foreignArtifact(pair, path);
  return path === "direct" ? ok(directSystem(pair)) : diskSystem(context, pair, path);
}

function directSystem({ model, built }: Native): Artifact {
  const recipe = { kind: "direct pair", kernel: built.kernel.sha256, module: built.bootModule.sha256 };
  return {
    model,
    modelDigest: modelDigest(model),
    built,
    system: { path: "direct", kernel: built.kernel.path, module: built.bootModule.path },
    image: { digest: sha256(canonicalJson(recipe)), recipe },
  };
}

/** One disk serves BIOS and UEFI. It is kept under the digest of all that decides its bytes. */
async function diskSystem(
  context: ArtifactContext,
  pair: Native,
  path: Exclude<BootPath, "direct">,
): Promise<Result<Artifact>> {
  const { model, built } = pair;
  const recipe = diskRecipe(context, built);
  const dir = join(context.build.cacheDir, "disks");
  const key = sha256(canonicalJson(recipe));
  const file = join(dir, `${key}.raw`);
  const note = join(dir, `${key}.json`);
  let digest = existsSync(file) ? readDigest(note) : undefined;
  if (digest === undefined) {
    const made = await makeDisk(context, built, file);
    if (!made.ok) return made;
    digest = made.value;
    writeFileAtomic(note, JSON.stringify({ digest, recipe }));
  }
  return ok({
    model,
    modelDigest: modelDigest(model),
    built,
    system: { path, image: file },
    image: { digest, recipe },
  });
}

function diskRecipe(context: ArtifactContext, built: BuiltImage): Record<string, string> {
  const versions = packageVersions(context.build.cacheDir);
  const grub = ["grub-common", "grub-pc-bin", "grub-efi-amd64-bin"].map((name) => [
    name,
    versions.get(name) ?? "none",
  ]);
  return {
    kind: "hybrid disk 1",
    name: built.name,
    kernel: built.kernel.sha256,
    module: built.bootModule.sha256,
    ...Object.fromEntries(grub),
  };
}

async function makeDisk(context: ArtifactContext, built: BuiltImage, file: string): Promise<Result<string>> {
  // Loaded here: a proof on the direct path never pays for it.
  const { hybridDisk, makeGrubParts, writeToFile } = await import("../image/index.ts");
  const scratch = mkdtempSync(join(context.build.cacheDir, "grub-"));
  try {
    const run = async (argv: readonly string[]): Promise<Result<unknown>> => {
      const [program = "", ...rest] = argv;
      const ran = await runTool(context.build.supervisor, [program, ...rest], { deadlineMs: 60_000 });
      if (!ran.ok || ran.value.succeeded) return ran;
      return err([toolFailed(argv, ran.value.stderr.text)]);
    };
    const grub = await makeGrubParts(run, scratch);
    if (!grub.ok) return grub;
    const { store } = context.build.cache;
    const kernel = store.read(built.kernel);
    const disk = hybridDisk({
      name: built.name,
      kernel,
      bootModule: store.read(built.bootModule),
      grub: grub.value,
    });
    if (!disk.ok) return disk;
    const written = writeToFile(disk.value, file);
    return written.ok ? ok(written.value.digest) : written;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function toolFailed(argv: readonly string[], stderr: string): Problem {
  return problem(buildCodes, "CAPOS_BUILD_FAILED", `${argv[0] ?? "a tool"} failed`, { detail: stderr });
}

function readDigest(note: string): string | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(note, "utf8"));
    const digest =
      typeof value === "object" && value !== null && "digest" in value ? value.digest : undefined;
    return typeof digest === "string" ? digest : undefined;
  } catch {
    return undefined;
  }
}

function memo<T>(map: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const kept = map.get(key);
  if (kept !== undefined) return kept;
  const made = make();
  map.set(key, made);
  return made;
}
