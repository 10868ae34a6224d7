import { canonicalJson, err, fail, ok, problem, type Problem, type Result } from "../../base/index.ts";
import { type FileSource, type ForeignModel, packagesOf, requestsOf } from "../../manifest/index.ts";
import { type ActionCache, runAction } from "../action.ts";
import type { StoredObject } from "../store.ts";
import { foreignCodes } from "./codes.ts";
import { compileC } from "./compile.ts";
import { unpacked, withUnpacked } from "./extract.ts";
import type { DebianPackage } from "./known.ts";
import { getPackage, type PackageContext } from "./packages.ts";
import { treeFile } from "./tree-file.ts";

export interface GatherContext extends PackageContext {
  readonly root: string;
  readonly cache: ActionCache;
  readonly onAction: (action: {
    readonly name: string;
    readonly cached: boolean;
    readonly ms: number;
  }) => void;
}

export interface Gathered {
  /** By what it is for: `kernel`, `module 1`, `file bin/busybox`. */
  readonly files: ReadonlyMap<string, StoredObject>;
  /** Kernel modules by name, in the order in which they must be loaded. */
  readonly drivers: readonly (readonly [name: string, object: StoredObject])[];
  /** Every package that had a part in it, metapackages too. */
  readonly packages: readonly DebianPackage[];
}

/** Brings together the files of packages and tree. A package is unpacked once, and not at all when its files are kept. */
export async function gather(context: GatherContext, model: ForeignModel): Promise<Result<Gathered>> {
  const packages = new Map<string, readonly DebianPackage[]>();
  const problems: Problem[] = [];
  for (const { name, span } of packagesOf(model)) {
    const found = await getPackage(context, name, span);
    if (found.ok) packages.set(name, found.value);
    else problems.push(...found.error);
  }
  const files = new Map<string, StoredObject>();
  for (const [use, source] of requestsOf(model)) {
    if (source.package !== undefined) continue;
    const found = await (source.compile ? compileC(context, source) : fromTree(context, source));
    if (found.ok) files.set(use, found.value);
    else problems.push(...found.error);
  }
  if (problems.length > 0) return err(problems);
  const drivers: (readonly [string, StoredObject])[] = [];
  for (const [name, chain] of packages) {
    const outputs = await filesOfPackage(context, model, name, chain);
    if (!outputs.ok) {
      problems.push(...outputs.error);
      continue;
    }
    for (const [use, object] of Object.entries(outputs.value)) {
      if (use.startsWith(driverPrefix)) drivers.push([use.slice(driverPrefix.length), object]);
      else files.set(use, object);
    }
  }
  if (problems.length > 0) return err(problems);
  return ok({ files, drivers, packages: [...packages.values()].flat() });
}

const driverPrefix = "driver ";

async function filesOfPackage(
  context: GatherContext,
  model: ForeignModel,
  name: string,
  chain: readonly DebianPackage[],
): Promise<Result<Readonly<Record<string, StoredObject>>>> {
  const deb = chain.at(-1);
  if (deb === undefined) throw new Error("a package stands at least for itself");
  const wanted = requestsOf(model).filter(([, source]) => source.package === name);
  const drivers = model.initramfs?.drivers?.package === name ? model.initramfs.drivers.names : [];
  const done = await runAction(context.cache, {
    name: `files ${model.name} ${name}`,
    inputs: {
      package: deb.sha256,
      wanted: canonicalJson(wanted.map(([use, { path, unpack }]) => [use, path, unpack])),
      drivers: canonicalJson(drivers.map((d) => d.name)),
    },
    run: () =>
      withUnpacked(context, deb, async (tree) => {
        const outputs: Record<string, Uint8Array> = {};
        const problems: Problem[] = [];
        for (const [use, source] of wanted) {
          const bytes = tree.file(source);
          if (bytes.ok) outputs[use] = bytes.value;
          else problems.push(...bytes.error);
        }
        const loaded = await tree.drivers(drivers);
        if (!loaded.ok) problems.push(...loaded.error);
        else for (const [driver, bytes] of loaded.value) outputs[`${driverPrefix}${driver}`] = bytes;
        return problems.length > 0 ? err(problems) : ok(outputs);
      }),
  });
  if (!done.ok) return done;
  context.onAction({ name: `files ${deb.name}`, cached: done.value.cached, ms: done.value.ms });
  return ok(done.value.outputs);
}

/** A file that is used as it is stays where it is; one that is unpacked goes into the store. */
function fromTree(context: GatherContext, source: FileSource): Result<StoredObject> {
  const found = treeFile(context.root, context.cacheDir, source.path);
  if (found === undefined) {
    const message = `${source.path} is not a file of this tree that can be read`;
    return fail(problem(foreignCodes, "CAPOS_FOREIGN_FILE", message, { span: source.span }));
  }
  if (source.unpack === "none") return ok(found);
  const bytes = unpacked(context.cache.store.read(found), source);
  return bytes.ok ? ok(context.cache.store.put(bytes.value)) : bytes;
}
