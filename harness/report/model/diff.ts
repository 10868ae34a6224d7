/** Lines of two texts aligned: Myers' algorithm over lines, with a bound. Pure, and free of Node. */

export interface DiffRow {
  /** Index of the line on each side; absent where the other side has a line of its own. */
  readonly left?: number;
  readonly right?: number;
  readonly same: boolean;
}

/** Beyond this many differences the rest is told as removed and added: a full alignment would take too long. */
const maxEdits = 2000;

/**
 * Aligns lines that are equal, then pairs what is left between two equal ones, in order, where `likeness` holds them
 * for the same line with other values.
 */
export function diffLines(
  left: readonly string[],
  right: readonly string[],
  likeness: (line: string) => string = (line) => line,
): readonly DiffRow[] {
  const [l, r] = [left.map(likeness), right.map(likeness)];
  return paired(align(l, r), left, right).map((row) =>
    row.left === undefined || row.right === undefined
      ? row
      : { ...row, same: left[row.left] === right[row.right] },
  );
}

/** Where lines were removed and others added in their place, those that are much alike stand side by side. */
function paired(
  rows: readonly DiffRow[],
  left: readonly string[],
  right: readonly string[],
): readonly DiffRow[] {
  const out: DiffRow[] = [];
  for (let at = 0; at < rows.length;) {
    let end = at;
    while (end < rows.length && (rows[end]?.left === undefined || rows[end]?.right === undefined)) end++;
    const removed = rows.slice(at, end).flatMap((row) => row.left ?? []);
    const added = rows.slice(at, end).flatMap((row) => row.right ?? []);
    while (removed.length > 0 && added.length > 0) {
      const [a = 0, b = 0] = [removed.shift(), added.shift()];
      if (areAlike(left[a] ?? "", right[b] ?? "")) out.push({ left: a, right: b, same: false });
      else out.push({ left: a, same: false }, { right: b, same: false });
    }
    out.push(
      ...removed.map((a) => ({ left: a, same: false })),
      ...added.map((b) => ({ right: b, same: false })),
    );
    const next = rows[end];
    if (next !== undefined) out.push(next);
    at = end + 1;
  }
  return out;
}

/** Whether the common beginning and end of two lines are at least half of the longer one. */
function areAlike(a: string, b: string): boolean {
  const most = Math.min(a.length, b.length);
  let head = 0;
  while (head < most && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < most - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++;
  return (head + tail) * 2 >= Math.max(a.length, b.length);
}

/** A line without what differs between any two runs: numbers, hexadecimal digits, times. */
export function withoutValues(line: string): string {
  return line.replace(/[0-9a-f]{8,}|\d+(?:\.\d+)?/giu, "#");
}

function align(a: readonly string[], b: readonly string[]): readonly DiffRow[] {
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head++;
  let tail = 0;
  while (
    tail < a.length - head &&
    tail < b.length - head &&
    a[a.length - 1 - tail] === b[b.length - 1 - tail]
  )
    tail++;
  const rows: DiffRow[] = [];
  for (let i = 0; i < head; i++) rows.push({ left: i, right: i, same: true });
  const middle = myers(a.slice(head, a.length - tail), b.slice(head, b.length - tail));
  for (const row of middle) {
    rows.push({
      ...(row.left === undefined ? {} : { left: row.left + head }),
      ...(row.right === undefined ? {} : { right: row.right + head }),
      same: row.same,
    });
  }
  for (let i = tail; i > 0; i--) rows.push({ left: a.length - i, right: b.length - i, same: true });
  return rows;
}

/** `reach` is how far each diagonal has come: entry `k + edits` of the edits-th is diagonal k's. */
function myers(a: readonly string[], b: readonly string[]): readonly DiffRow[] {
  const bound = Math.min(a.length + b.length, maxEdits);
  const trace: Int32Array[] = [];
  for (let edits = 0; edits <= bound; edits++) {
    const before = trace.at(-1);
    const reach = new Int32Array(2 * edits + 1);
    trace.push(reach);
    for (let k = -edits; k <= edits; k += 2) {
      let x = before === undefined ? 0 : startOf(before, edits, k);
      let y = x - k;
      while (x < a.length && y < b.length && a[x] === b[y]) {
        x++;
        y++;
      }
      reach[k + edits] = x;
      if (x >= a.length && y >= b.length) return backtrack(trace, a.length, b.length);
    }
  }
  return [
    ...a.map((_, left): DiffRow => ({ left, same: false })),
    ...b.map((_, right): DiffRow => ({ right, same: false })),
  ];
}

/** Whether diagonal k is reached by a line of the right rather than of the left. */
function comesDown(before: Int32Array, edits: number, k: number): boolean {
  const at = (diagonal: number): number => before[diagonal + edits - 1] ?? -1;
  return k === -edits || (k !== edits && at(k - 1) < at(k + 1));
}

function startOf(before: Int32Array, edits: number, k: number): number {
  const at = (diagonal: number): number => before[diagonal + edits - 1] ?? 0;
  return comesDown(before, edits, k) ? at(k + 1) : at(k - 1) + 1;
}

function backtrack(trace: readonly Int32Array[], width: number, height: number): readonly DiffRow[] {
  const rows: DiffRow[] = [];
  let [x, y] = [width, height];
  for (let edits = trace.length - 1; edits > 0; edits--) {
    const before = trace[edits - 1];
    if (before === undefined) break;
    const k = x - y;
    const down = comesDown(before, edits, k);
    const start = startOf(before, edits, k);
    while (x > start) rows.push({ left: --x, right: --y, same: true });
    if (down) rows.push({ right: --y, same: false });
    else rows.push({ left: --x, same: false });
  }
  while (x > 0) rows.push({ left: --x, right: --y, same: true });
  return rows.toReversed();
}
