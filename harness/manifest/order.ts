import type { Problem } from "../base/index.ts";

/** Problems in the order of the source that they are about; those without a place last. */
export function inSourceOrder(problems: readonly Problem[]): readonly Problem[] {
  return problems.toSorted((a, b) => {
    const [x, y] = [a.span, b.span];
    if (x === undefined || y === undefined) return x === y ? 0 : x === undefined ? 1 : -1;
    if (x.file !== y.file) return x.file < y.file ? -1 : 1;
    return x.line - y.line || x.col - y.col;
  });
}
