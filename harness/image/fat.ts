import { type Problem, type Result, err, fail, ok, problem } from "../base/index.ts";
import type { Piece } from "./bytes.ts";
import { imageCodes } from "./codes.ts";
import {
  type FatVolumeSpec,
  type Placement,
  encodeDirectory,
  encodeReserved,
  encodeTables,
} from "./fat-encode.ts";
import { FIRST_CLUSTER, type FatGeometry, clusterOffset, fatGeometry } from "./fat-geometry.ts";
import { DIR_ENTRY_BYTES, entriesFor } from "./fat-names.ts";
import { type DirectoryNode, type FatFile, type TreeNode, buildTree, nodeName, walk } from "./fat-tree.ts";

const MAX_FILE_BYTES = 0xffff_ffff;
const MAX_DIRECTORY_BYTES = 65_536 * DIR_ENTRY_BYTES;

/** A planned volume. All offsets count from the start of the volume. */
export interface FatPlan {
  readonly pieces: readonly Piece[];
  /** Where each file's bytes start; a file's bytes are contiguous, an empty file has none. */
  readonly files: ReadonlyMap<string, number>;
}

/**
 * Lays out a FAT32 volume. Directories come first, then files, both in order of their names, each in one
 * run of clusters; so the plan is the same for the same files, in whatever order they are given.
 */
export function planFat(spec: FatVolumeSpec, files: readonly FatFile[]): Result<FatPlan> {
  const geometry = fatGeometry(spec.sectors);
  if (geometry === undefined) return sizeFault(`a FAT32 volume cannot have ${spec.sectors} sectors`);
  const tree = buildTree(files);
  if (!tree.ok) return tree;
  const nodes = walk(tree.value);
  const tooLarge = nodes.flatMap(limitFault);
  if (tooLarge.length > 0) return err(tooLarge);

  const placement = placeNodes(geometry, nodes);
  if (placement.next - FIRST_CLUSTER > geometry.clusters) {
    const needed = (placement.next - FIRST_CLUSTER) * geometry.clusterBytes;
    return sizeFault(
      `the files need ${needed} bytes of a volume of ${geometry.clusters * geometry.clusterBytes}`,
    );
  }
  const data = placement.placed.map(({ node, first }) => ({
    what: nodeName(node),
    offset: clusterOffset(geometry, first),
    bytes: node.kind === "file" ? node.content : encodeDirectory(node, placement, spec.label, geometry),
  }));
  return ok({
    pieces: [...encodeReserved(spec, geometry, placement), ...encodeTables(geometry, placement), ...data],
    files: new Map(
      placement.placed
        .filter(({ node }) => node.kind === "file")
        .map(({ node, first }) => [node.path, clusterOffset(geometry, first)]),
    ),
  });
}

/** Bytes of data clusters that the files need on a volume with the given clusters; for choosing its size. */
export function fatDataBytes(files: readonly FatFile[], clusterBytes: number): Result<number> {
  const tree = buildTree(files);
  if (!tree.ok) return tree;
  return ok(
    walk(tree.value).reduce((sum, n) => sum + Math.ceil(nodeBytes(n) / clusterBytes) * clusterBytes, 0),
  );
}

function placeNodes(geometry: FatGeometry, nodes: readonly TreeNode[]): Placement {
  const placed: { node: TreeNode; first: number; clusters: number }[] = [];
  let next = FIRST_CLUSTER;
  for (const kind of ["directory", "file"] as const) {
    for (const node of nodes) {
      const clusters = Math.ceil(nodeBytes(node) / geometry.clusterBytes);
      if (node.kind !== kind || clusters === 0) continue;
      placed.push({ node, first: next, clusters });
      next += clusters;
    }
  }
  return { placed, firstOf: new Map(placed.map((p) => [p.node.path, p.first])), next };
}

/** Bytes of a node's content; those of a directory are its entries. */
function nodeBytes(node: TreeNode): number {
  return node.kind === "file" ? node.content.length : directoryEntries(node) * DIR_ENTRY_BYTES;
}

function directoryEntries(directory: DirectoryNode): number {
  // The root has the volume's label, every other directory the two entries `.` and `..`.
  const own = directory.path === "" ? 1 : 2;
  return directory.entries.reduce((sum, e) => sum + entriesFor(e.name, e.short), own);
}

function limitFault(node: TreeNode): Problem[] {
  const limit = node.kind === "file" ? MAX_FILE_BYTES : MAX_DIRECTORY_BYTES;
  const bytes = nodeBytes(node);
  if (bytes <= limit) return [];
  return [
    problem(imageCodes, "CAPOS_IMAGE_SIZE", `"${node.path}" has ${bytes} bytes; FAT32 allows ${limit}`),
  ];
}

function sizeFault(message: string): Result<never> {
  return fail(problem(imageCodes, "CAPOS_IMAGE_SIZE", message));
}
