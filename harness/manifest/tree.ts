import { type Problem, problem } from "../base/index.ts";
import type { Proof } from "../contract/index.ts";
import { manifestCodes } from "./codes.ts";
import { type LoadOptions, listImages, loadImage } from "./image.ts";
import { type ForeignModel, pathsOf } from "./foreign-model.ts";
import type { ImageModel } from "./model.ts";
import { listProofs, loadProof } from "./proof.ts";

export interface TreeCheck {
  readonly errors: readonly Problem[];
  readonly warnings: readonly Problem[];
}

/** Loads every image and proof of a tree, and checks each proof against its image. Boots nothing. */
export async function checkTree(root: string, options: LoadOptions): Promise<TreeCheck> {
  const errors: Problem[] = [];
  const warnings: Problem[] = [];
  const models = new Map<string, ImageModel>();
  for (const name of listImages(root)) {
    const image = await loadImage(root, name, options);
    if (image.ok) {
      models.set(name, image.value);
      warnings.push(...image.value.warnings);
    } else errors.push(...image.error);
  }
  for (const name of listProofs(root)) {
    const proof = await loadProof(root, name, options);
    if (!proof.ok) errors.push(...proof.error);
    else {
      const model = models.get(proof.value.image);
      if (model !== undefined) errors.push(...proofFitsImage(proof.value, model));
    }
  }
  return { errors, warnings };
}

/** What a proof's machine lacks of what its image needs: a block device without a disk, a path that it can boot on. */
export function proofFitsImage(proof: Proof, model: ImageModel): readonly Problem[] {
  if (model.kind !== "capos") return pathsFit(proof, model);
  const disks = Object.keys(proof.disks);
  return model.services.flatMap((service) =>
    service.grants.flatMap(({ source, spans }) => {
      if (source.kind !== "block" || disks.includes(source.serial)) return [];
      const span = proof.spans.get("disks") ?? proof.spans.get("image") ?? proof.spans.get("");
      const message = `${proof.name} has no disk \`${source.serial}\`, which its image grants to \`${service.name}\``;
      const next = `declare it: disks: ${JSON.stringify(source.serial)}: size: "16Mi"`;
      const related = [{ span: spans.source, message: "the image grants it here" }];
      return [
        problem(manifestCodes, "CAPOS_PROOF_REFERENCE", message, {
          ...(span === undefined ? {} : { span }),
          next,
          related,
        }),
      ];
    }),
  );
}

function pathsFit(proof: Proof, model: ForeignModel): readonly Problem[] {
  const possible = pathsOf[model.kind];
  return proof.machine.boot.flatMap((path, i) => {
    if (possible.includes(path)) return [];
    // A proof that names no path means `direct`.
    const span = ["machine.boot." + i, "machine.boot", "image"]
      .map((at) => proof.spans.get(at))
      .find((s) => s !== undefined);
    const message = `the image ${model.name} is of kind ${model.kind}, which does not boot on ${path}`;
    const next = `name ${possible.map((p) => `"${p}"`).join(" or ")} in machine.boot`;
    const related = [{ span: model.kernel.span, message: "its kernel is declared here" }];
    return [
      problem(manifestCodes, "CAPOS_PROOF_PATH", message, {
        ...(span === undefined ? {} : { span }),
        next,
        related,
      }),
    ];
  });
}
