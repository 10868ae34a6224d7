import { type Dirent, lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { err, fail, nearest, ok, problem, type Problem, type Result, type Span } from "../../base/index.ts";
import type { FileSource } from "../../manifest/index.ts";
import { runTool } from "../../process/index.ts";
import { foreignCodes } from "./codes.ts";
import { moduleName, modulesNeededBy } from "./modinfo.ts";
import type { DebianPackage } from "./known.ts";
import type { PackageContext } from "./packages.ts";

/** A package, unpacked for the time of `use`. */
export async function withUnpacked<T>(
  context: PackageContext,
  deb: DebianPackage,
  use: (tree: Unpacked) => Promise<Result<T>>,
): Promise<Result<T>> {
  const scratch = mkdtempSync(join(context.cacheDir, "packages", "unpack-"));
  try {
    const ran = await runTool(context.supervisor, ["dpkg-deb", "--extract", deb.file, scratch], {
      deadlineMs: 300_000,
      ...(context.cancel === undefined ? {} : { cancel: context.cancel }),
    });
    if (!ran.ok) return ran;
    if (!ran.value.succeeded) {
      const detail = ran.value.stderr.text.trim();
      const message = `${basename(deb.file)} cannot be unpacked`;
      return fail(problem(foreignCodes, "CAPOS_PACKAGE_DAMAGED", message, { detail }));
    }
    return await use(new Unpacked(context, deb, scratch));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

export class Unpacked {
  readonly #context: PackageContext;
  readonly #deb: DebianPackage;
  readonly #root: string;
  /** Kernel modules by name: where they lie. */
  #drivers: ReadonlyMap<string, string> | undefined;

  constructor(context: PackageContext, deb: DebianPackage, root: string) {
    this.#context = context;
    this.#deb = deb;
    this.#root = root;
  }

  /** The bytes of one plain file. No link is followed: a package must not reach outside of itself. */
  file(source: FileSource): Result<Uint8Array> {
    const matches = this.#matches(source.path.split("/"));
    const [found] = matches;
    const { name } = this.#deb;
    if (found === undefined) return fail(refused(source.span, `${name} holds no file ${source.path}`));
    if (matches.length > 1) {
      const detail = matches.map((path) => path.slice(this.#root.length + 1)).join("\n");
      return fail(refused(source.span, `${source.path} means ${matches.length} files of ${name}`, detail));
    }
    if (!lstatSync(found).isFile()) {
      return fail(refused(source.span, `${source.path} of ${name} is not a plain file`));
    }
    return unpacked(readFileSync(found), source);
  }

  /** Kernel modules with all that they need, each behind what it needs. */
  async drivers(
    wanted: readonly { readonly name: string; readonly span: Span }[],
  ): Promise<Result<readonly (readonly [name: string, bytes: Uint8Array])[]>> {
    const loaded = new Map<string, Uint8Array>();
    const problems: Problem[] = [];
    // Told from `loaded`, so that two that need each other end somewhere.
    const begun = new Set<string>();
    const load = async (name: string, span: Span): Promise<void> => {
      const known = moduleName(name);
      if (begun.has(known)) return;
      begun.add(known);
      const bytes = await this.#driver(known, span);
      if (!bytes.ok) return void problems.push(...bytes.error);
      for (const needed of modulesNeededBy(bytes.value)) await load(needed, span);
      loaded.set(known, bytes.value);
    };
    for (const { name, span } of wanted) await load(name, span);
    return problems.length > 0 ? err(problems) : ok([...loaded]);
  }

  async #driver(name: string, span: Span): Promise<Result<Uint8Array>> {
    this.#drivers ??= driversBelow(this.#root);
    const path = this.#drivers.get(name);
    if (path === undefined) {
      const like = nearest(name, [...this.#drivers.keys()]);
      const next = like === undefined ? {} : { next: `did you mean \`${like}\`?` };
      const message = `${this.#deb.name} holds no kernel module ${name}`;
      return fail(problem(foreignCodes, "CAPOS_FOREIGN_DRIVER", message, { span, ...next }));
    }
    if (!path.endsWith(".xz")) return ok(readFileSync(path));
    const ran = await runTool(this.#context.supervisor, ["xz", "--decompress", path]);
    if (!ran.ok) return ran;
    if (ran.value.succeeded) return ok(readFileSync(path.slice(0, -".xz".length)));
    const detail = ran.value.stderr.text.trim();
    return fail(
      problem(foreignCodes, "CAPOS_FOREIGN_UNPACK", `${basename(path)} cannot be unpacked`, { span, detail }),
    );
  }

  #matches(names: readonly string[]): readonly string[] {
    return names.reduce<readonly string[]>(
      (folders, name) =>
        folders.flatMap((folder) =>
          namesIn(folder)
            .filter(fits(name))
            .map((e) => join(folder, e.name)),
        ),
      [this.#root],
    );
  }
}

/** Takes a file out of what it is wrapped in. */
export function unpacked(bytes: Uint8Array, source: FileSource): Result<Uint8Array> {
  if (source.unpack === "none") return ok(bytes);
  try {
    return ok(gunzipSync(bytes));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const message = `${source.path} is not what gzip made: ${why}`;
    return fail(problem(foreignCodes, "CAPOS_FOREIGN_UNPACK", message, { span: source.span }));
  }
}

/** The first match of a name in the order of folders wins; a package has each module once. */
function driversBelow(folder: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const entry of namesIn(folder)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) for (const [name, at] of driversBelow(path)) found.set(name, at);
    else if (/\.ko(?:\.xz)?$/u.test(entry.name))
      found.set(moduleName(entry.name.replace(/\.xz$/u, "")), path);
  }
  return found;
}

function namesIn(folder: string): readonly Dirent[] {
  return lstatSync(folder).isDirectory()
    ? readdirSync(folder, { withFileTypes: true }).toSorted((a, b) => (a.name < b.name ? -1 : 1))
    : [];
}

function fits(pattern: string): (entry: Dirent) => boolean {
  const [before = "", ...after] = pattern.split("*");
  if (after.length === 0) return (entry) => entry.name === pattern;
  const behind = after.join("*");
  return ({ name }) =>
    name.length >= before.length + behind.length && name.startsWith(before) && name.endsWith(behind);
}

function refused(span: Span, message: string, detail?: string): Problem {
  return problem(foreignCodes, "CAPOS_PACKAGE_FILE", message, {
    span,
    ...(detail === undefined ? {} : { detail }),
  });
}
