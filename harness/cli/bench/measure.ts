import { spawnSync } from "node:child_process";

/** One budget of docs/speed.md and what was measured for it. */
export interface Figure {
  readonly name: string;
  /** What is divided by what. */
  readonly of: string;
  readonly measured: number;
  /** The figure should be at most (or, for a speed-up, at least) this. */
  readonly budget: number;
  readonly better: "less" | "more";
  /** Medians that the ratio was made of, in milliseconds. */
  readonly parts: Readonly<Record<string, number>>;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

export function meets({ measured, budget, better }: Figure): boolean {
  return better === "less" ? measured <= budget : measured >= budget;
}

/** Wall time of a program in milliseconds; throws when it does not end with one of the wanted statuses. */
export function timed(
  argv: readonly string[],
  options: { readonly cwd: string; readonly statuses?: readonly number[] },
): { readonly ms: number; readonly stdout: string; readonly stderr: string } {
  const [program = "", ...rest] = argv;
  const env: NodeJS.ProcessEnv = { ...process.env };
  // Parsing a bundle of certificates costs Node 20 more than its whole start.
  delete env["NODE_EXTRA_CA_CERTS"];
  const began = process.hrtime.bigint();
  const ran = spawnSync(program, rest, { cwd: options.cwd, env, encoding: "utf8", maxBuffer: 1 << 28 });
  const ms = Number(process.hrtime.bigint() - began) / 1e6;
  if (!(options.statuses ?? [0]).includes(ran.status ?? -1)) {
    throw new Error(`${argv.join(" ")} ended with ${ran.status ?? ran.signal}: ${ran.stderr}`);
  }
  return { ms, stdout: ran.stdout, stderr: ran.stderr };
}

/** Runs the measurements in turns, so that a slow moment of the host touches all of them alike. */
export function inTurns<K extends string>(
  rounds: number,
  measurements: Readonly<Record<K, () => number>>,
): Record<K, number> {
  const names = Object.keys(measurements) as K[];
  const times = new Map<K, number[]>(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const name of names) times.get(name)?.push(measurements[name]());
  }
  return Object.fromEntries(names.map((name) => [name, median(times.get(name) ?? [])])) as Record<K, number>;
}
