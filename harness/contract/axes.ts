import type { BootPath, Proof } from "./types.ts";

/** What a proof varies beside its boot paths; only what has more than one value. `machine` holds the first of each. */
export interface Axes {
  readonly cpus?: readonly number[];
  readonly memoryBytes?: readonly number[];
}

/** One point of a proof's matrix. */
export interface Point {
  readonly path: BootPath;
  readonly cpus: number;
  readonly memoryBytes: number;
}

/** Every point of a proof's matrix: by path, then processors, then memory, each in the declared order. */
export function pointsOf({ machine, axes }: Pick<Proof, "machine" | "axes">): readonly Point[] {
  const cpus = axes?.cpus ?? [machine.cpus];
  const memory = axes?.memoryBytes ?? [machine.memoryBytes];
  return machine.boot.flatMap((path) =>
    cpus.flatMap((c) => memory.map((memoryBytes) => ({ path, cpus: c, memoryBytes }))),
  );
}

/** The proof as it is run at a point. Its axes stay with it, so that evidence shows what else was to be proved. */
export function atPoint(proof: Proof, { cpus, memoryBytes }: Point): Proof {
  return { ...proof, machine: { ...proof.machine, cpus, memoryBytes } };
}

/** What tells the points of one boot path apart, such as `+2cpu+64Mi`; empty for a proof that varies nothing. */
export function pointSuffix({ axes }: Pick<Proof, "axes">, { cpus, memoryBytes }: Point): string {
  const parts = [
    ...(axes?.cpus === undefined ? [] : [`${cpus}cpu`]),
    ...(axes?.memoryBytes === undefined ? [] : [showSize(memoryBytes)]),
  ];
  return parts.map((part) => `+${part}`).join("");
}

/** A number of bytes as proofs write it: `64Mi`. */
export function showSize(bytes: number): string {
  const units = [
    [2 ** 30, "Gi"],
    [2 ** 20, "Mi"],
    [2 ** 10, "Ki"],
  ] as const;
  const [unit, name] = units.find(([size]) => bytes >= size && bytes % size === 0) ?? [1, ""];
  return `${bytes / unit}${name}`;
}
