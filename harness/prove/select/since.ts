/**
 * Which proofs a change can touch. Each rule may name too many, never too few: a file that no rule knows touches
 * everything.
 */
import type { Proof } from "../../contract/index.ts";
import { type Crate, ownerOf, reached } from "./crates.ts";

/** What a change is traced through. */
export interface TreeShape {
  readonly crates: readonly Crate[];
  readonly images: readonly ImageShape[];
}

export interface ImageShape {
  readonly name: string;
  /** CUE files that decide it. */
  readonly sources: readonly string[];
  /** Packages of its programs; undefined for an image that this tree's kernel is not in. */
  readonly crates: readonly string[] | undefined;
  /** It cannot be read, so that nobody knows what touches it. */
  readonly broken?: boolean;
}

/** Nothing that is proved is made from these. */
const without = [
  /\.md$/u,
  /\.test\.ts$/u,
  /^(?:docs|tasks|cloud|tools|\.github|\.ci)\//u,
  /^harness\/(?:contract\/corpus|[^/]+\/(?:.+\/)?testing|cli\/bench)\//u,
  /^kernel\/hosttests\//u,
  /^(?:\.gitignore|LICENSE|Makefile|tsconfig\.json|vitest\.config\.ts)$/u,
];
/** The kernel, which is in every image of this tree, and what decides how anything of it is compiled. */
const ofKernel = /^(?:kernel\/|Cargo\.(?:toml|lock)$|\.cargo\/)/u;

/** Why a proof is touched by the changed files: the first of them that does it; undefined when none does. */
export function touchedBy(
  changed: readonly string[],
  shape: TreeShape,
): (proof: Proof) => string | undefined {
  const causes = changed
    .filter((file) => !without.some((pattern) => pattern.test(file)))
    .map((file) => ({ file, touches: ruleOf(file, shape) }));
  return (proof) => {
    const cause = causes.find(({ touches }) => touches(proof));
    return cause === undefined ? undefined : `${cause.file} changed`;
  };
}

type Rule = (proof: Proof) => boolean;

const everything: Rule = () => true;

function ruleOf(file: string, shape: TreeShape): Rule {
  const [top = "", second = ""] = file.split("/");
  const stem = second.replace(/\.cue$/u, "");
  const ofImages = (touched: (image: ImageShape) => boolean): Rule => {
    const names = new Set(
      shape.images.filter((i) => i.broken === true || touched(i)).map((image) => image.name),
    );
    return (proof) => names.has(proof.image);
  };
  if (top === "proofs" && second !== "schema") return (proof) => proof.name === stem;
  if (top === "manifests") {
    const known = (image: ImageShape): boolean => image.sources.includes(file) || image.name === stem;
    // What no image has now may have been part of one before; but a file of its own name was only its own image.
    const isGone = file === `manifests/${stem}.cue` || shape.images.some(known);
    return isGone ? ofImages(known) : everything;
  }
  if (ofKernel.test(file)) return ofImages((image) => image.crates !== undefined);
  if (top === "userspace") {
    const owner = ownerOf(shape.crates, file);
    if (owner === undefined) return ofImages((image) => image.crates !== undefined);
    const touched = reached(shape.crates, new Set([owner.name]));
    return ofImages((image) => image.crates?.some((crate) => touched.has(crate)) ?? false);
  }
  // The tool itself, by which every verdict is found, the proofs' schema, and what nobody has thought of.
  return everything;
}
