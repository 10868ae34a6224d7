import { canonicalJson, err, fail, ok, problem, type Problem, type Result, sha256 } from "../base/index.ts";
import { type ImageModel, lower, type SystemModel } from "../manifest/index.ts";
import { type Action, type ActionCache, changedInputs, type Outcome, runAction } from "./action.ts";
import { interfaceIds, packBootModule, systemDigest } from "./bootmanifest/index.ts";
import { cargoBuild, type CargoContext, compilerInputs, loadable } from "./cargo.ts";
import { buildCodes } from "./codes.ts";
import { foreignAction, foreignInputs } from "./foreign/inputs.ts";
import { sourceDigests } from "./sources.ts";
import { keepSymbols } from "./symbols.ts";
import type { StoredObject } from "./store.ts";

/** What evidence says of an image, whoever made its kernel. */
export interface BuiltSystem {
  readonly name: string;
  readonly kernel: StoredObject;
  /** User programs by binary name; of a kernel from elsewhere the files that it is handed. */
  readonly programs: Readonly<Record<string, StoredObject>>;
  /** The message that lists what is booted, by digest. */
  readonly bootManifest: StoredObject;
  /** Hexadecimal; what a kernel that knows of it must print as `system=`. */
  readonly systemDigest: string;
  /** Everything that decided the bytes above, by name; what staleness compares. */
  readonly inputs: Readonly<Record<string, string>>;
}

/** The direct-boot pair of an image and what is known of its parts; a disk is made of the same two. */
export interface BuiltImage extends BuiltSystem {
  readonly kind: "capos";
  /** Its first part is the boot manifest. */
  readonly bootModule: StoredObject;
  readonly buildId: string;
}

export interface BuildContext extends CargoContext {
  readonly cache: ActionCache;
  /** Told after each action. */
  readonly onAction: (action: {
    readonly name: string;
    readonly cached: boolean;
    readonly ms: number;
  }) => void;
}

const kernelBinary = "capos-kernel";

/** Builds an image, or finds it built. When nothing has changed, neither cargo nor the packer is started. */
export async function buildImage(context: BuildContext, model: SystemModel): Promise<Result<BuiltImage>> {
  const sources = sourceDigests(context.root);
  const { binaries, ...step } = programsAction(context, model, sources);
  const compiled = await act(context, { ...step, run: () => compile(context, binaries) });
  if (!compiled.ok) return compiled;
  const { [kernelBinary]: kernel, "build-id": buildId, ...programs } = compiled.value.outputs;
  if (kernel === undefined || buildId === undefined) throw new Error("the programs action lost the kernel");
  const packed = await act(context, packAction(context, model, { kernel, buildId, programs }));
  if (!packed.ok) return packed;
  const {
    "boot.bin": bootModule,
    "manifest.bin": bootManifest,
    "system-digest": digest,
  } = packed.value.outputs;
  if (bootModule === undefined || bootManifest === undefined || digest === undefined) {
    throw new Error("the boot module action lost an output");
  }
  const text = (object: StoredObject): string =>
    Buffer.from(context.cache.store.read(object)).toString("latin1");
  return ok({
    kind: "capos",
    name: model.name,
    kernel,
    programs,
    bootModule,
    bootManifest,
    systemDigest: text(digest),
    buildId: text(buildId),
    inputs: imageInputs(context, model, sources),
  });
}

/** What an image is made from, by name, each a SHA-256: for staleness and for `explain`. */
export function imageInputs(
  context: Pick<BuildContext, "root" | "cacheDir">,
  model: ImageModel,
  sources?: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  if (model.kind !== "capos") return foreignInputs(context, model);
  const trees = new Map<string, string[]>();
  for (const [path, digest] of Object.entries(sources ?? sourceDigests(context.root))) {
    const top = path.split("/")[0] ?? path;
    trees.set(top, [...(trees.get(top) ?? []), `${path} ${digest}`]);
  }
  return {
    ...Object.fromEntries(model.sources.map((s) => [s.path, s.sha256])),
    ...Object.fromEntries([...trees].map(([top, lines]) => [top, sha256(lines.join("\n"))])),
    ...Object.fromEntries(Object.entries(compilerInputs(context.cacheDir)).map(([n, v]) => [n, sha256(v)])),
  };
}

/** Files and tools that differ from those of the image's newest build; undefined when it was never built here. */
export function changedSince(
  context: Pick<BuildContext, "root" | "cacheDir" | "cache">,
  model: ImageModel,
): readonly string[] | undefined {
  if (model.kind !== "capos") {
    return changedInputs(context.cache, foreignAction(model.name), foreignInputs(context, model));
  }
  const { name, inputs } = programsAction(context, model, sourceDigests(context.root));
  return changedInputs(context.cache, name, inputs);
}

async function act(context: BuildContext, action: Action): Promise<Result<Outcome>> {
  const done = await runAction(context.cache, action);
  if (done.ok) context.onAction({ name: action.name, cached: done.value.cached, ms: done.value.ms });
  return done;
}

/** What decides the kernel and the image's programs: every source that the compiler may read, its version and flags. */
function programsAction(
  context: Pick<BuildContext, "root" | "cacheDir">,
  model: SystemModel,
  sources: Readonly<Record<string, string>>,
): Pick<Action, "name" | "inputs"> & { readonly binaries: readonly string[] } {
  const binaries = model.binaries.map((b) => b.name).toSorted();
  const inputs = {
    ...sources,
    ...compilerInputs(context.cacheDir),
    binaries: binaries.join(","),
  };
  return { name: `programs ${model.name}`, inputs, binaries };
}

/** Compiles, strips for loading, and notes the kernel's build id. */
async function compile(context: BuildContext, binaries: readonly string[]): ReturnType<Action["run"]> {
  const linked = await cargoBuild(context, [kernelBinary, ...binaries]);
  if (!linked.ok) return linked;
  const outputs: Record<string, Uint8Array> = {};
  const problems: Problem[] = [];
  for (const [name, elf] of Object.entries(linked.value)) {
    const stripped = loadable(name, elf);
    if (!stripped.ok) {
      problems.push(...stripped.error);
      continue;
    }
    outputs[name] = stripped.value.elf;
    keepSymbols(context.cacheDir, stripped.value.elf, elf);
    if (name !== kernelBinary) continue;
    const { buildId } = stripped.value;
    if (buildId?.length !== 20) {
      return fail(problem(buildCodes, "CAPOS_BUILD_NO_BUILD_ID", "the kernel has no build id of 20 bytes"));
    }
    outputs["build-id"] = Buffer.from(Buffer.from(buildId).toString("hex"));
  }
  return problems.length > 0 ? err(problems) : ok(outputs);
}

interface Compiled {
  readonly kernel: StoredObject;
  readonly buildId: StoredObject;
  readonly programs: Readonly<Record<string, StoredObject>>;
}

/** The boot module: the boot manifest message and, page by page behind it, the programs. */
function packAction(context: BuildContext, model: SystemModel, compiled: Compiled): Action {
  const { store } = context.cache;
  const programs = Object.entries(compiled.programs).map(([name, o]) => [`program ${name}`, o.sha256]);
  return {
    name: `boot-module ${model.name}`,
    inputs: {
      model: modelDigest(model),
      interfaces: sha256(Object.entries(interfaceIds).join("\n")),
      "build id": compiled.buildId.sha256,
      ...Object.fromEntries(programs),
    },
    async run() {
      const files = Object.entries(compiled.programs).map(([name, object]) => ({
        name,
        bytes: store.read(object),
      }));
      const packed = packBootModule(lower(model, interfaceIds), files);
      if (!packed.ok) return packed;
      const id = Buffer.from(Buffer.from(store.read(compiled.buildId)).toString("latin1"), "hex");
      return ok({
        "boot.bin": Buffer.concat(packed.value.chunks),
        "manifest.bin": packed.value.manifest,
        "system-digest": Buffer.from(systemDigest(id, packed.value.manifest)),
      });
    },
  };
}

/** Digest of what a manifest says, wherever in its files it says so. */
export function modelDigest(model: ImageModel): string {
  const meaning: unknown = JSON.parse(
    JSON.stringify(model, (key, value: unknown) =>
      key === "span" || key === "spans" || key === "sources" || key === "warnings" ? undefined : value,
    ),
  );
  return sha256(canonicalJson(meaning));
}
