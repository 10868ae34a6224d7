import { sha256 } from "../../base/index.ts";
import { type ForeignModel, packagesOf, requestsOf } from "../../manifest/index.ts";
import { compilerInputs } from "./compile.ts";
import { knownPackage } from "./known.ts";
import { treeFile } from "./tree-file.ts";

/** The action whose inputs are all that an image is made from. */
export const foreignAction = (image: string): string => `system ${image}`;

/** What an image is made from, by name, each a SHA-256. A package or file that is not here counts as `none`. */
export function foreignInputs(
  context: { readonly root: string; readonly cacheDir: string },
  model: ForeignModel,
): Readonly<Record<string, string>> {
  const none = sha256("none");
  const packages = packagesOf(model).flatMap(({ name }) =>
    (knownPackage(context.cacheDir, name) ?? [{ name, sha256: none }]).map((p) => [
      `package ${p.name}`,
      p.sha256,
    ]),
  );
  const files = requestsOf(model).flatMap(([, { package: from, path }]) =>
    from === undefined ? [[path, treeFile(context.root, context.cacheDir, path)?.sha256 ?? none]] : [],
  );
  const sources = model.sources.map((s) => [s.path, s.sha256]);
  const compiler = requestsOf(model).some(([, source]) => source.compile)
    ? Object.entries(compilerInputs(context.cacheDir)).map(([name, version]) => [name, sha256(version)])
    : [];
  return Object.fromEntries([...sources, ...packages, ...files, ...compiler]);
}
