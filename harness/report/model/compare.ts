/** Two runs side by side, aligned by case, boot and landmark. Pure, and free of Node: the page uses it too. */
import type { BootReport, CaseReport, Mark } from "./types.ts";

/** A case without its consoles, which are compared where they are shown. */
export type ComparedCase = Omit<CaseReport, "boots"> & { readonly boots: readonly ComparedBoot[] };
export type ComparedBoot = Omit<BootReport, "console" | "attached">;

export interface CaseComparison {
  readonly id: string;
  readonly left: ComparedCase | undefined;
  readonly right: ComparedCase | undefined;
  readonly boots: readonly BootComparison[];
}

export interface BootComparison {
  readonly name: string;
  readonly left: ComparedBoot | undefined;
  readonly right: ComparedBoot | undefined;
  readonly marks: readonly MarkComparison[];
}

export interface MarkComparison {
  readonly name: string;
  readonly left: Mark | undefined;
  readonly right: Mark | undefined;
  readonly captures: readonly CaptureComparison[];
}

export interface CaptureComparison {
  readonly name: string;
  readonly left: string | undefined;
  readonly right: string | undefined;
}

/** Cases of both runs, those of the left in their order and then those that only the right has. */
export function compareRuns(
  left: { readonly cases: readonly ComparedCase[] },
  right: { readonly cases: readonly ComparedCase[] },
): readonly CaseComparison[] {
  return joined(left.cases, right.cases, (c) => c.id).map(([l, r]) => compareCases(l, r));
}

/** Two cases, which need not be of the same path. */
export function compareCases(
  left: ComparedCase | undefined,
  right: ComparedCase | undefined,
): CaseComparison {
  const boots = joined(left?.boots ?? [], right?.boots ?? [], (b) => b.name);
  return {
    id: left?.id ?? right?.id ?? "",
    left,
    right,
    boots: boots.map(([l, r]) => ({
      name: l?.name ?? r?.name ?? "",
      left: l,
      right: r,
      marks: joined(counted(l), counted(r), (m) => m.key).map(([a, b]) => compareMarks(a?.mark, b?.mark)),
    })),
  };
}

/** Whether anything but times differs. */
export function differs(one: CaseComparison): boolean {
  return (
    one.left?.verdict !== one.right?.verdict ||
    one.boots.some((b) =>
      b.marks.some(
        (m) =>
          m.left === undefined ||
          m.right === undefined ||
          m.captures.some((capture) => capture.left !== capture.right),
      ),
    )
  );
}

/** A landmark that came several times is aligned by which time it was. */
function counted(boot: ComparedBoot | undefined): readonly { readonly key: string; readonly mark: Mark }[] {
  const times = new Map<string, number>();
  return (boot?.marks ?? []).map((mark) => {
    const n = (times.get(mark.name) ?? 0) + 1;
    times.set(mark.name, n);
    return { key: `${mark.name}#${n}`, mark };
  });
}

function compareMarks(left: Mark | undefined, right: Mark | undefined): MarkComparison {
  const names = joined(Object.keys(left?.captures ?? {}), Object.keys(right?.captures ?? {}), (name) => name);
  return {
    name: left?.name ?? right?.name ?? "",
    left,
    right,
    captures: names.map(([l, r]) => {
      const name = l ?? r ?? "";
      return { name, left: left?.captures[name], right: right?.captures[name] };
    }),
  };
}

/** Pairs by key: the left's order, then what only the right has. */
function joined<T>(
  left: readonly T[],
  right: readonly T[],
  key: (one: T) => string,
): readonly (readonly [T | undefined, T | undefined])[] {
  const others = new Map(right.map((one) => [key(one), one]));
  const keys = new Set(left.map(key));
  return [
    ...left.map((one) => [one, others.get(key(one))] as const),
    ...right.filter((one) => !keys.has(key(one))).map((one) => [undefined, one] as const),
  ];
}
