import { canonicalJson, fail, ok, problem, type Result, sha256 } from "../base/index.ts";
import { type BuildContext, buildForeign, type BuiltForeign, modelDigest } from "../build/index.ts";
import type { BootPath } from "../contract/index.ts";
import { measureImage, packCpio, withImageFile } from "../image/index.ts";
import type { System } from "../machine/index.ts";
import { type ForeignModel, pathsOf } from "../manifest/index.ts";
import type { Artifact, Foreign } from "./artifacts.ts";
import { proveCodes } from "./codes.ts";

/** Gathers the files of an image whose kernel this tree does not build. */
export function gatherForeign(context: BuildContext, model: ForeignModel): Promise<Result<BuiltForeign>> {
  return buildForeign({ ...context, packInitramfs: packCpio }, model);
}

/** What a boot of it needs on one path, and what evidence says of it. */
export function foreignArtifact({ model, built }: Foreign, path: BootPath): Result<Artifact> {
  if (!pathsOf[model.kind].includes(path)) {
    const message = `${model.name} is an image of kind ${model.kind}, which does not boot on ${path}`;
    const next = `boot it on ${pathsOf[model.kind].join(" or ")}`;
    return fail(problem(proveCodes, "CAPOS_PROVE_NO_PATH", message, { span: model.span, next }));
  }
  const artifact = (system: System, image: Artifact["image"]): Artifact => ({
    model,
    modelDigest: modelDigest(model),
    built,
    system,
    image,
  });
  const packages = Object.fromEntries(
    built.packages.map((p) => [`package ${p.name}`, `${p.version} sha256 ${p.sha256}`]),
  );
  if (path !== "direct") {
    const measured = withImageFile(built.kernel.path, (source) => ok(measureImage(source)));
    if (!measured.ok) return measured;
    const recipe = { kind: "disk", disk: built.kernel.sha256, ...packages };
    return ok(artifact({ path, image: built.kernel.path }, { digest: measured.value.digest, recipe }));
  }
  const recipe = {
    kind: `${model.kind} kernel`,
    kernel: built.kernel.sha256,
    ...(built.initramfs === undefined ? {} : { initramfs: built.initramfs.sha256 }),
    ...Object.fromEntries(built.modules.map((m, i) => [`module ${i + 1}`, m.file.sha256])),
    ...packages,
  };
  return ok(artifact(directSystem(model, built), { digest: sha256(canonicalJson(recipe)), recipe }));
}

function directSystem(model: ForeignModel, built: BuiltForeign): System {
  const modules = built.modules.map((m) => ({ file: m.file.path, commandLine: m.commandLine }));
  const [only] = modules;
  const module = built.initramfs?.path ?? (model.kind === "multiboot" ? undefined : only?.file);
  return {
    path: "direct",
    kernel: built.kernel.path,
    ...(module === undefined ? {} : { module }),
    ...(model.kind === "multiboot" ? { modules } : {}),
    ...(model.commandLine === "" ? {} : { commandLine: model.commandLine }),
    ...(model.identity === "none" ? {} : { identity: model.identity }),
  };
}
