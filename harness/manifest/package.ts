import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Problem, type Result, type Span, err, nearest, ok, problem, sha256 } from "../base/index.ts";
import { manifestCodes } from "./codes.ts";
import { type Header, type Import, readHeader } from "./header.ts";
import { LineTable } from "./positions.ts";

export interface SourceFile {
  /** Relative to the project root, with forward slashes. */
  readonly path: string;
  readonly text: string;
  readonly sha256: string;
  readonly header: Header;
}

export interface ImportedPackage {
  /** As it is imported: `capos.org/manifests/schema`. */
  readonly path: string;
  readonly name: string;
  readonly files: readonly SourceFile[];
}

/** The files of one image or proof, and every package of this tree that they import, directly or not. */
export interface CuePackage {
  /** The module's name, under which packages of this tree are imported. */
  readonly module: string;
  readonly files: readonly SourceFile[];
  readonly imported: readonly ImportedPackage[];
  /** A line of CUE, added to the package, that puts the schema over it. */
  readonly binding: SourceFile;
}

/** Which tree a package belongs to, and what it is for. */
export interface PackageKind {
  /** Folder of the packages, and of their `schema` package. */
  readonly folder: "manifests" | "proofs";
  /** The field under which the package declares things by name. */
  readonly field: "image" | "proof";
  /** The schema's definition of that field. */
  readonly definition: string;
  readonly unknown: "CAPOS_MANIFEST_UNKNOWN" | "CAPOS_PROOF_UNKNOWN";
}

/** A package and its imports are source that people wrote, not data. */
const limits = { bytes: 2 << 20, files: 64 };
const namePattern = /^[a-z0-9][a-z0-9-]{0,63}$/u;
const moduleFile = "cue.mod/module.cue";
const defaultModule = "capos.org";

export interface Roots {
  readonly root: string;
  /** Its `schema` packages stand in for those that the tree at `root` does not have. */
  readonly toolRoot: string;
}

/** Names of the packages of a kind: files `<name>.cue` and folders of `.cue` files. Sorted; reads no file. */
export function listPackages(root: string, kind: PackageKind): readonly string[] {
  const names = new Set<string>();
  for (const entry of readFolder(join(root, kind.folder))) {
    if (entry.isDirectory() && !reserved.has(entry.name)) {
      if (cueFiles(join(root, kind.folder, entry.name)).length > 0) names.add(entry.name);
    } else if (isSource(entry.name)) names.add(entry.name.slice(0, -".cue".length));
  }
  return [...names].toSorted();
}

/** What both engines have of CUE's own packages; none of them reaches outside the evaluation. */
const standardPackages = new Set(
  (
    "crypto/md5 crypto/sha1 crypto/sha256 crypto/sha512 encoding/base64 encoding/csv encoding/hex encoding/json " +
    "encoding/yaml html list math math/bits net path regexp strconv strings struct text/tabwriter text/template " +
    "time uuid"
  ).split(" "),
);

/** Folders that hold packages for others to import. */
const reserved = new Set(["schema", "profiles"]);

/** Reads a package and what it imports. Nothing is evaluated, and nothing but headers is parsed. */
export function readPackage(roots: Roots, kind: PackageKind, name: string): Result<CuePackage> {
  const paths = packagePaths(roots.root, kind, name);
  if (!paths.ok) return paths;
  const reader = new PackageReader(roots);
  const files = reader.files(roots.root, paths.value);
  const binding = bindingOf(kind, reader.module);
  reader.oneName(files);
  reader.follow([...files, binding], []);
  if (reader.problems.length > 0) return err(reader.problems);
  const imported = [...reader.imported.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1));
  return ok({ module: reader.module, files, imported, binding });
}

function packagePaths(root: string, kind: PackageKind, name: string): Result<readonly string[]> {
  const known = listPackages(root, kind);
  if (!known.includes(name)) {
    const like = nearest(name, known);
    const hint = like === undefined ? {} : { next: `did you mean \`${like}\`?` };
    return err([problem(manifestCodes, kind.unknown, `there is no ${kind.field} \`${name}\``, hint)]);
  }
  if (!namePattern.test(name)) {
    const message = `\`${name}\` cannot be the name of ${kind.field === "image" ? "an image" : "a proof"}`;
    const next = "rename the file: lower-case letters, digits and -, at most 64";
    return err([problem(manifestCodes, "CAPOS_MANIFEST_NAME", message, { next })]);
  }
  const file = `${kind.folder}/${name}.cue`;
  const folder = `${kind.folder}/${name}`;
  const inFolder = cueFiles(join(root, folder)).map((f) => `${folder}/${f}`);
  if (inFolder.length === 0) return ok([file]);
  if (!isFile(join(root, file))) return ok(inFolder);
  const message = `the ${kind.field} \`${name}\` is both the file ${file} and the folder ${folder}/`;
  return err([problem(manifestCodes, "CAPOS_MANIFEST_NAME", message, { next: "remove one of the two" })]);
}

/** The schema is applied by the tool, so that no file can forget it. */
function bindingOf(kind: PackageKind, module: string): SourceFile {
  const text = `import "${module}/${kind.folder}/schema"\n\n${kind.field}: [string]: schema.${kind.definition}\n`;
  return { path: "binding.cue", text, sha256: sha256(text), header: readHeader(text) };
}

class PackageReader {
  readonly problems: Problem[] = [];
  readonly imported = new Map<string, ImportedPackage>();
  readonly module: string;
  private readonly roots: Roots;
  private bytes = 0;

  constructor(roots: Roots) {
    this.roots = roots;
    const declared = /^\s*module:\s*"([^"\\]+)"/mu.exec(readText(join(roots.root, moduleFile)) ?? "");
    this.module = declared?.[1] ?? defaultModule;
  }

  files(root: string, paths: readonly string[]): readonly SourceFile[] {
    if (paths.length > limits.files) {
      const message = `${paths[0]} is one of ${paths.length} files in its package; ${limits.files} are allowed`;
      this.problems.push(problem(manifestCodes, "CAPOS_CUE_LIMIT", message));
      return [];
    }
    return paths.flatMap((path) => {
      const read = readSource(root, path);
      if (!read.ok) {
        this.problems.push(read.error);
        return [];
      }
      this.bytes += read.value.text.length;
      if (this.bytes > limits.bytes && !this.problems.some((p) => p.code === "CAPOS_CUE_LIMIT")) {
        const message = `with ${path} the package and its imports pass ${limits.bytes} characters`;
        this.problems.push(problem(manifestCodes, "CAPOS_CUE_LIMIT", message, { span: start(path) }));
      }
      return [read.value];
    });
  }

  /** Files of one package have one package clause, or none. */
  oneName(files: readonly SourceFile[]): void {
    const [first, ...rest] = files;
    for (const file of rest) {
      if (file.header.packageName === first?.header.packageName) continue;
      const message = `${first?.path} and ${file.path} are of one package and must begin with the same package clause`;
      this.problems.push(problem(manifestCodes, "CAPOS_CUE_IMPORT", message, { span: start(file.path) }));
    }
  }

  /** Reads what the files import. `above` are the packages on the way here, none of which may come again. */
  follow(files: readonly SourceFile[], above: readonly string[]): void {
    for (const file of files) {
      for (const used of file.header.imports) {
        if (isStandard(used.path)) {
          if (!standardPackages.has(used.path)) this.unusable(file, used, [...standardPackages]);
        } else if (above.includes(used.path)) {
          const ring = [...above.slice(above.indexOf(used.path)), used.path].join(" → ");
          this.problems.push(importProblem(file, used, `packages import each other: ${ring}`));
        } else if (!this.imported.has(used.path)) this.add(file, used, above);
      }
    }
  }

  private add(from: SourceFile, used: Import, above: readonly string[]): void {
    const folder = this.folderOf(used.path);
    const files = folder === undefined ? [] : this.packageFiles(folder);
    if (files.length === 0) {
      this.unusable(from, used, this.packagesAround(used.path));
      return;
    }
    const other = files.find((f) => f.header.packageName !== used.packageName);
    if (other !== undefined) {
      const clause =
        other.header.packageName === undefined
          ? "has no package clause"
          : `is package ${other.header.packageName}`;
      const message = `"${used.path}" is imported as package ${used.packageName}, but ${other.path} ${clause}`;
      this.problems.push(importProblem(from, used, message, `write: package ${used.packageName}`));
      return;
    }
    this.imported.set(used.path, { path: used.path, name: used.packageName, files });
    this.follow(files, [...above, used.path]);
  }

  private unusable(from: SourceFile, used: Import, known: readonly string[]): void {
    const near = nearest(used.path, known);
    const next = near === undefined ? undefined : `did you mean "${near}"?`;
    this.problems.push(importProblem(from, used, `there is no package "${used.path}"`, next));
  }

  private packageFiles(folder: string): readonly SourceFile[] {
    const inTree = cueFiles(join(this.roots.root, folder));
    if (inTree.length > 0)
      return this.files(
        this.roots.root,
        inTree.map((f) => `${folder}/${f}`),
      );
    if (!folder.endsWith("/schema")) return [];
    const own = cueFiles(join(this.roots.toolRoot, folder));
    return this.files(
      this.roots.toolRoot,
      own.map((f) => `${folder}/${f}`),
    );
  }

  /** The folder of an imported package, below the root; undefined when the path leads elsewhere. */
  private folderOf(path: string): string | undefined {
    if (!path.startsWith(`${this.module}/`)) return undefined;
    const folder = path.slice(this.module.length + 1);
    return folder.split("/").every((part) => /^[\w-][\w.-]*$/u.test(part)) ? folder : undefined;
  }

  /** Packages beside the one that was meant, for a suggestion. */
  private packagesAround(path: string): readonly string[] {
    const folders = ["manifests", "proofs"];
    const parent = path
      .slice(this.module.length + 1)
      .split("/")
      .slice(0, -1)
      .join("/");
    if (parent !== "" && this.folderOf(path) !== undefined) folders.push(parent);
    return folders.flatMap((folder) =>
      readFolder(join(this.roots.root, folder))
        .filter((entry) => entry.isDirectory())
        .map((entry) => `${this.module}/${folder}/${entry.name}`),
    );
  }
}

function importProblem(from: SourceFile, used: Import, message: string, next?: string): Problem {
  const span = new LineTable(from.text).span(from.path, used.at, used.end);
  return problem(manifestCodes, "CAPOS_CUE_IMPORT", message, {
    span,
    ...(next === undefined ? {} : { next }),
  });
}

/** Reads one file; a link to nowhere, a pipe or bytes that are no text are told as such. */
function readSource(root: string, path: string): Result<SourceFile, Problem> {
  const refuse = (message: string) =>
    err(problem(manifestCodes, "CAPOS_CUE_READ", message, { span: start(path) }));
  const full = join(root, path);
  try {
    const { size } = statSync(full);
    if (!isFile(full)) return refuse(`${path} is not a file`);
    if (size > limits.bytes) {
      const message = `${path} has ${size} bytes; ${limits.bytes} are allowed`;
      return err(problem(manifestCodes, "CAPOS_CUE_LIMIT", message, { span: start(path) }));
    }
    const bytes = readFileSync(full);
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return ok({ path, text, sha256: sha256(bytes), header: readHeader(text) });
  } catch (error) {
    if (error instanceof TypeError) return refuse(`${path} is not UTF-8 text`);
    return refuse(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function start(file: string): Span {
  return { file, line: 1, col: 1 };
}

/** Packages of CUE itself: the first element of their path has no dot. */
function isStandard(path: string): boolean {
  return !(path.split("/")[0] ?? "").includes(".");
}

/** Files that make up a package when its folder is imported: CUE leaves out those that begin with `.` or `_`. */
function cueFiles(folder: string): readonly string[] {
  return readFolder(folder)
    .filter((entry) => !entry.isDirectory() && isSource(entry.name))
    .map((entry) => entry.name)
    .toSorted();
}

function isSource(name: string): boolean {
  return /^[^._].*\.cue$/u.test(name) && !/_(?:tool|test)\.cue$/u.test(name);
}

function readFolder(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
