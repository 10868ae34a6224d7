import { type Problem, type Result, err, ok, problem } from "../base/index.ts";
import { imageCodes } from "./codes.ts";
import { nameFault, shortNames } from "./fat-names.ts";

/** A file to be stored. `path` has forward slashes and none in front: `EFI/BOOT/BOOTX64.EFI`. */
export interface FatFile {
  readonly path: string;
  readonly content: Uint8Array;
}

export interface FileNode extends FatFile {
  readonly kind: "file";
}

export interface DirectoryNode {
  readonly kind: "directory";
  /** Empty for the root. */
  readonly path: string;
  /** In order of their names. */
  readonly entries: readonly TreeEntry[];
}

export type TreeNode = FileNode | DirectoryNode;

export interface TreeEntry {
  readonly name: string;
  /** The 11-byte form, blanks included. */
  readonly short: string;
  readonly node: TreeNode;
}

/** What a path leads to while the tree grows: a file, or names of a directory by their upper-case form. */
type Growing = FatFile | GrowingDirectory;
type GrowingDirectory = Map<string, { readonly name: string; readonly child: Growing }>;

/**
 * Makes the directory tree of a set of files. FAT ignores case, so paths that differ in case only are the
 * same to it and are refused, as is a path that goes through a file.
 */
export function buildTree(files: readonly FatFile[]): Result<DirectoryNode> {
  const faults: Problem[] = [];
  const root: GrowingDirectory = new Map();
  for (const file of files.toSorted((a, b) => compareNames(a.path, b.path))) {
    const fault = insert(root, file);
    if (fault !== undefined)
      faults.push(problem(imageCodes, "CAPOS_IMAGE_FILE_NAME", `"${file.path}" cannot be stored: ${fault}`));
  }
  return faults.length > 0 ? err(faults) : ok(finishDirectory("", root));
}

/** All nodes below and including a directory, parents first, in order of their names. */
export function walk(directory: DirectoryNode): readonly TreeNode[] {
  return [
    directory,
    ...directory.entries.flatMap(({ node }) => (node.kind === "file" ? [node] : walk(node))),
  ];
}

/** How a node is named to a person: `file grub.cfg`, `directory /EFI`. */
export function nodeName(node: Pick<TreeNode, "kind" | "path">): string {
  return node.kind === "file" ? `file ${node.path}` : `directory /${node.path}`;
}

/** The order of everything in an image: by code unit, never by the host's locale. */
export function compareNames(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function insert(root: GrowingDirectory, file: FatFile): string | undefined {
  const names = file.path.split("/");
  const last = names.pop() ?? "";
  let here = root;
  for (const name of names) {
    const fault = nameFault(name);
    if (fault !== undefined) return fault;
    const found = here.get(name.toUpperCase());
    if (found === undefined) {
      const child: GrowingDirectory = new Map();
      here.set(name.toUpperCase(), { name, child });
      here = child;
    } else if (found.name !== name) {
      return `"${found.name}" is there already and differs in case only`;
    } else if (found.child instanceof Map) {
      here = found.child;
    } else {
      return `"${name}" is a file`;
    }
  }
  const fault = nameFault(last);
  if (fault !== undefined) return fault;
  const found = here.get(last.toUpperCase());
  if (found !== undefined) return `"${found.name}" is there already, and FAT ignores case`;
  here.set(last.toUpperCase(), { name: last, child: file });
  return undefined;
}

function finishDirectory(path: string, directory: GrowingDirectory): DirectoryNode {
  const children = [...directory.values()].toSorted((a, b) => compareNames(a.name, b.name));
  const shorts = shortNames(children.map((c) => c.name));
  return {
    kind: "directory",
    path,
    entries: children.map(({ name, child }) => ({
      name,
      short: shorts.get(name) ?? "",
      node:
        child instanceof Map
          ? finishDirectory(path === "" ? name : `${path}/${name}`, child)
          : { kind: "file", path: child.path, content: child.content },
    })),
  };
}
