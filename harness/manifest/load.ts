import { type Result, err, ok } from "../base/index.ts";
import { packageKey, readCached, writeCached } from "./cache.ts";
import type { Evaluation } from "./evaluate.ts";
import { type CuePackage, type PackageKind, type Roots, readPackage } from "./package.ts";
import { PositionIndex } from "./positions.ts";

/** An evaluated package. */
export interface Loaded {
  readonly value: unknown;
  readonly index: PositionIndex;
  /** Every CUE file that took part: path below the root, SHA-256. */
  readonly sources: readonly { readonly path: string; readonly sha256: string }[];
}

/** Loads a package by name, from the cache when nothing that it is made of has changed. */
export async function loadPackage(roots: Roots, kind: PackageKind, name: string): Promise<Result<Loaded>> {
  const pkg = readPackage(roots, kind, name);
  if (!pkg.ok) return pkg;
  const key = packageKey(pkg.value);
  const cached = readCached(roots.root, key);
  if (cached !== undefined) return ok(loaded(pkg.value, cached));
  // Evaluation, and with it everything about engines, is loaded only when it is needed.
  const [{ evaluatePackage }, { sharedEngines }] = await Promise.all([
    import("./evaluate.ts"),
    import("./engines.ts"),
  ]);
  const evaluation = await evaluatePackage(pkg.value, sharedEngines(roots.toolRoot));
  if (!evaluation.ok) return err(evaluation.error);
  writeCached(roots.root, key, evaluation.value);
  return ok(loaded(pkg.value, evaluation.value));
}

function loaded(pkg: CuePackage, { value, positions }: Evaluation): Loaded {
  const files = [...pkg.files, ...pkg.imported.flatMap((p) => p.files)];
  return {
    value,
    index: new PositionIndex(positions),
    sources: files.map(({ path, sha256 }) => ({ path, sha256 })),
  };
}
