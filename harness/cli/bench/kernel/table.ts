import type { Figures } from "./figures.ts";

/** An operation of ours, what it may cost, and what stands beside it. */
interface Known {
  readonly ours?: string;
  /** Of the table "Speed" in the design, in instructions. */
  readonly budget?: number;
  /** The nearest operation of Linux. */
  readonly linux?: string;
  readonly published?: string;
}

export interface Row {
  readonly name: string;
  readonly ours: number | undefined;
  readonly budget: number | undefined;
  readonly met: boolean | undefined;
  readonly linux: { readonly name: string; readonly cost: number } | undefined;
  readonly published: string | undefined;
}

/** In the order in which they are shown. Where sizes differ, Linux' one is the nearest that does the same work. */
const known: readonly Known[] = [
  { linux: "null-syscall" },
  { ours: "nop", budget: 250, linux: "nop" },
  { ours: "nop-full-ring", budget: 130, linux: "nop-16" },
  { linux: "nop-64" },
  { ours: "object-call", budget: 650 },
  { ours: "object-call-full-ring", budget: 400 },
  { linux: "futex-wake" },
  {
    ours: "notification-signal-and-take",
    linux: "eventfd-write-and-read",
    published: "seL4 1,485 cycles [1]",
  },
  {
    ours: "endpoint-1-word",
    budget: 1500,
    linux: "pipe-1-word",
    published: "seL4 1,421 cycles [1], 455 to 1,462 instructions [3]",
  },
  { ours: "endpoint-10-words", linux: "pipe-10-words" },
  { ours: "endpoint-with-capability", linux: "socket-with-descriptor" },
  { ours: "context-switch", linux: "context-switch", published: "L4Re 587 instructions [2]" },
  { ours: "spawn-exit-wait", budget: 150_000, linux: "spawn-bare-exit-wait" },
  { linux: "spawn-exit-wait" },
  { ours: "page-commit-and-decommit", linux: "page-map-and-unmap" },
];

/** What the column "published" says, and what it does not. */
export const sources: readonly string[] = [
  "[1] seL4 website, benchmarks of 2026-08-07, i7-4770 (Haswell), 64-bit: call 775 + reply 646 cycles between two address spaces;",
  "    signal to a thread of higher priority 1,485 cycles. Cycles of a processor are not instructions: no ratio is made of them.",
  "[2] l4re.org/perf: one IPC across tasks, one way, with its switch.",
  "[3] seL4 16.0.0-dev counted once as here, call and reply without a word: 455 on its fast path, 1,462 without it.",
];

/** Every figure of both, each once. */
export function makeTable(ours: Figures, linux: Figures): readonly Row[] {
  const rows = known.flatMap((one): readonly Row[] => {
    const cost = one.ours === undefined ? undefined : ours.get(one.ours);
    const other = one.linux === undefined ? undefined : linux.get(one.linux);
    if (cost === undefined && other === undefined) return [];
    return [
      {
        name: one.ours ?? "",
        ours: cost,
        budget: one.budget,
        met: cost === undefined || one.budget === undefined ? undefined : cost <= one.budget,
        linux: other === undefined || one.linux === undefined ? undefined : { name: one.linux, cost: other },
        published: one.published,
      },
    ];
  });
  // What the guests measure and nobody has told this table of.
  const bare = { budget: undefined, met: undefined, published: undefined };
  const mine = without(ours, "ours").map(([name, cost]) => ({ ...bare, name, ours: cost, linux: undefined }));
  const others = without(linux, "linux").map(([name, cost]) => ({
    ...bare,
    name: "",
    ours: undefined,
    linux: { name, cost },
  }));
  return [...rows, ...mine, ...others];
}

function without(figures: Figures, side: "ours" | "linux"): readonly (readonly [string, number])[] {
  const named = new Set(known.map((one) => one[side]));
  return [...figures].filter(([name]) => !named.has(name));
}

export function showTable(rows: readonly Row[]): string {
  const cells = rows.map((row) => [
    row.name,
    number(row.ours),
    number(row.budget),
    row.met === undefined ? "" : row.met ? "ok" : "MISSED",
    number(row.linux?.cost),
    row.linux?.name ?? "",
    row.ours === undefined || row.linux === undefined ? "" : (row.linux.cost / row.ours).toFixed(2),
    row.published ?? "",
  ]);
  const head = ["operation", "ours", "budget", "", "Linux", "as", "Linux/ours", "published"];
  return columns([head, ...cells], new Set([1, 2, 4, 6]));
}

export function number(value: number | undefined): string {
  return value === undefined ? "" : value.toLocaleString("en-US");
}

/** Lines of cells under each other, those of the columns `right` to the right. */
export function columns(rows: readonly (readonly string[])[], right: ReadonlySet<number>): string {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, at) => (right.has(at) ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0)))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
