import { canonicalJson, fail, ok, problem, type Result } from "../../base/index.ts";
import type { ForeignModel } from "../../manifest/index.ts";
import { runAction } from "../action.ts";
import type { BuiltSystem } from "../image.ts";
import type { StoredObject } from "../store.ts";
import { foreignCodes } from "./codes.ts";
import { gather, type Gathered, type GatherContext } from "./gather.ts";
import { foreignAction, foreignInputs } from "./inputs.ts";
import { headBytes, misfit } from "./kinds.ts";
import type { DebianPackage } from "./known.ts";
import { readHead } from "./tree-file.ts";

/** One entry of an initramfs, ready to be packed. */
export interface InitramfsEntry {
  readonly path: string;
  readonly mode: number;
  readonly content:
    | { readonly kind: "file"; readonly bytes: Uint8Array }
    | { readonly kind: "link"; readonly to: string }
    | { readonly kind: "directory" };
}

export interface ForeignContext extends GatherContext {
  /** Makes the bytes of an initramfs; a pure function, of the image writers. */
  readonly packInitramfs: (entries: readonly InitramfsEntry[]) => Uint8Array;
}

/** An image with a kernel from elsewhere. Its system digest is that of its boot manifest, which states all by digest. */
export interface BuiltForeign extends BuiltSystem {
  readonly kind: "foreign";
  readonly modules: readonly { readonly file: StoredObject; readonly commandLine: string }[];
  readonly initramfs: StoredObject | undefined;
  readonly packages: readonly DebianPackage[];
}

/** Gathers the files of an image, or finds them gathered. When nothing has changed, nothing is fetched or unpacked. */
export async function buildForeign(
  context: ForeignContext,
  model: ForeignModel,
): Promise<Result<BuiltForeign>> {
  const gathered = await gather(context, model);
  if (!gathered.ok) return gathered;
  const kernel = demand(gathered.value, "kernel");
  const fault = misfit(model.kind, readHead(kernel.path, headBytes), kernel.bytes);
  if (fault !== undefined) {
    const { path, span } = model.kernel;
    return fail(problem(foreignCodes, "CAPOS_FOREIGN_KERNEL", `${path} ${fault}`, { span }));
  }
  const modules = model.modules.map(({ commandLine }, i) => ({
    file: demand(gathered.value, `module ${i + 1}`),
    commandLine,
  }));
  const entries = initramfsEntries(context, model, gathered.value);
  const initramfs = entries === undefined ? ok(undefined) : await pack(context, model, entries);
  if (!initramfs.ok) return initramfs;
  const files = (entries ?? []).flatMap((e) => (e.object === undefined ? [] : [[e.path, e.object] as const]));
  const bootManifest = context.cache.store.put(
    Buffer.from(
      canonicalJson({
        v: 1,
        kind: model.kind,
        kernel: stated(kernel),
        commandLine: model.commandLine,
        modules: modules.map((m) => ({ ...stated(m.file), commandLine: m.commandLine })),
        ...(initramfs.value === undefined ? {} : { initramfs: stated(initramfs.value) }),
      }),
    ),
  );
  const inputs = foreignInputs(context, model);
  // Makes nothing: it notes what the image was made from, for `capos explain`.
  const noted = await runAction(context.cache, {
    name: foreignAction(model.name),
    inputs,
    run: async () => ok({}),
  });
  if (!noted.ok) return noted;
  return ok({
    kind: "foreign",
    name: model.name,
    kernel,
    modules,
    initramfs: initramfs.value,
    programs: Object.fromEntries([...files, ...modules.map((m, i) => [`module ${i + 1}`, m.file] as const)]),
    bootManifest,
    systemDigest: bootManifest.sha256,
    packages: gathered.value.packages,
    inputs,
  });
}

interface KeptEntry extends InitramfsEntry {
  /** Of a file. */
  readonly object: StoredObject | undefined;
}

function initramfsEntries(
  context: ForeignContext,
  model: ForeignModel,
  gathered: Gathered,
): readonly KeptEntry[] | undefined {
  if (model.initramfs === undefined) return undefined;
  const { store } = context.cache;
  const file = (path: string, mode: number, object: StoredObject): KeptEntry => ({
    path,
    mode,
    object,
    content: { kind: "file", bytes: store.read(object) },
  });
  const files = model.initramfs.files.map(({ path, mode, content }): KeptEntry => {
    switch (content.kind) {
      case "source":
        return file(path, mode, demand(gathered, `file ${path}`));
      case "text":
        return file(path, mode, store.put(Buffer.from(content.text)));
      case "link":
      case "directory":
        return { path, mode, content, object: undefined };
    }
  });
  // Numbered, so that `for driver in /drivers/*` loads them in an order that works.
  const drivers = gathered.drivers.map(([name, object], i) =>
    file(`drivers/${String(i).padStart(2, "0")}-${name}.ko`, 0o644, object),
  );
  return [...files, ...drivers];
}

async function pack(
  context: ForeignContext,
  model: ForeignModel,
  entries: readonly KeptEntry[],
): Promise<Result<StoredObject>> {
  const packed = await runAction(context.cache, {
    name: `initramfs ${model.name}`,
    inputs: {
      format: "newc 1",
      entries: canonicalJson(
        entries.map(({ path, mode, content, object }) => [path, mode, object?.sha256 ?? content]),
      ),
    },
    run: async () => ok({ initramfs: context.packInitramfs(entries) }),
  });
  if (!packed.ok) return packed;
  context.onAction({ name: "initramfs", cached: packed.value.cached, ms: packed.value.ms });
  const { initramfs } = packed.value.outputs;
  if (initramfs === undefined) throw new Error("the initramfs action lost its output");
  return ok(initramfs);
}

function demand({ files }: Gathered, use: string): StoredObject {
  const found = files.get(use);
  if (found === undefined) throw new Error(`nothing was gathered for ${use}`);
  return found;
}

function stated({ bytes, sha256: digest }: StoredObject): { bytes: number; sha256: string } {
  return { bytes, sha256: digest };
}
