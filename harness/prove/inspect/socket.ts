import { basename, dirname, join, relative } from "node:path";
import type { CompanionContext } from "../companion.ts";

/**
 * Where a boot's debugger port is, from the root. A socket's name has at most 107 bytes, so it lies beside the cases
 * of its run, named by a short mark of its case.
 */
export function debuggerSocket({
  root,
  lab,
  index,
}: Pick<CompanionContext, "root" | "lab" | "index">): string {
  const mark = [...basename(lab.dir.path)].reduce((sum, c) => (sum * 31 + c.charCodeAt(0)) >>> 0, 0);
  return join(relative(root, dirname(lab.dir.path)), `gdb-${mark.toString(36)}-${index + 1}`);
}
