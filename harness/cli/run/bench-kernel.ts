import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fail, ok, problem, type Result, writeFileAtomic } from "../../base/index.ts";
import { createSupervisor, type Supervisor } from "../../process/index.ts";
import type { Artifact } from "../../prove/index.ts";
import { openArtifacts, openBuildCache, tellProgress } from "../artifacts.ts";
import { benchCodes } from "../bench/codes.ts";
import {
  type Baseline,
  baselineFile,
  type Change,
  compare,
  isRefused,
  readBaseline,
  showChange,
  usualTolerance,
  writeBaseline,
} from "../bench/kernel/baseline.ts";
import { measureProof, withBounds } from "../bench/kernel/bounds.ts";
import type { Figures } from "../bench/kernel/figures.ts";
import { type DirectSystem, measureOn } from "../bench/kernel/machine.ts";
import { makeTable, type Row, showTable, sources } from "../bench/kernel/table.ts";
import type { Where } from "../bench/kernel/where.ts";
import type { KernelFlags } from "../commands/bench.ts";
import type { CliContext } from "../context.ts";

interface Measured {
  readonly ours: Figures;
  /** Empty where only ours was asked for. */
  readonly linux: Figures;
  /** Name and version of the package that Linux comes from. */
  readonly package: string | undefined;
  readonly where: readonly Where[];
}

export async function benchKernel(this: CliContext, flags: KernelFlags): Promise<void> {
  const stored = flags.update ? ok(undefined) : storedBaseline(this.root);
  if (!stored.ok) return this.report(stored.error);
  const supervisor = createSupervisor(`bench-${process.pid}-${randomBytes(4).toString("hex")}`);
  try {
    const measured = await measure(this, supervisor, flags);
    if (!measured.ok) return this.report(measured.error);
    const { ours, linux } = measured.value;
    if (flags.update) {
      const baseline = { tolerance: usualTolerance, instructions: ours };
      const stored = storeBaseline(this.root, baseline);
      if (!stored.ok) return this.report(stored.error);
    }
    const rows = makeTable(ours, linux);
    const changes = stored.value === undefined ? [] : compare(stored.value, ours);
    this.print(
      flags.json
        ? asJson(measured.value, rows, changes)
        : asText(measured.value, rows, changes, stored.value, flags),
    );
    const isMissed = !flags.check && rows.some((row) => row.met === false);
    if (isMissed || changes.some(isRefused)) this.exit("notProved");
  } finally {
    await supervisor.close();
  }
}

async function measure(
  context: CliContext,
  supervisor: Supervisor,
  flags: KernelFlags,
): Promise<Result<Measured>> {
  const { root } = context;
  const cache = openBuildCache(root);
  const source = openArtifacts(root, supervisor, tellProgress(context), { cache });
  const boot = async (name: string): Promise<Result<{ figures: Figures; artifact: Artifact }>> => {
    const artifact = await source.get(name, "direct");
    if (!artifact.ok) return artifact;
    const figures = await measureOn(supervisor, name, direct(artifact.value));
    return figures.ok ? ok({ figures: figures.value, artifact: artifact.value }) : figures;
  };
  const ours = await boot("measure");
  if (!ours.ok) return ours;
  const linux = flags.check ? undefined : await boot("linux-measure");
  if (linux?.ok === false) return linux;
  const where = flags.where ? await follow(supervisor, root, cache.dir, ours.value) : ok([]);
  if (!where.ok) return where;
  return ok({
    ours: ours.value.figures,
    linux: linux?.value.figures ?? new Map(),
    package: linux === undefined ? undefined : packageOf(linux.value.artifact),
    where: where.value,
  });
}

async function follow(
  supervisor: Supervisor,
  root: string,
  cacheDir: string,
  { figures, artifact }: { readonly figures: Figures; readonly artifact: Artifact },
): Promise<Result<readonly Where[]>> {
  // Loaded here: the figures alone need neither the emulator's debugger port nor any symbols.
  const { followInstructions } = await import("../bench/kernel/where.ts");
  const { built } = artifact;
  return followInstructions({
    supervisor,
    root,
    cacheDir,
    system: direct(artifact),
    built,
    figures,
  });
}

function direct({ system }: Artifact): DirectSystem {
  if (system.path !== "direct") throw new Error("it was asked for the direct path");
  return system;
}

/** The last is the one with the kernel's file; the others only name it. */
function packageOf({ built }: Artifact): string | undefined {
  if (built.kind === "capos") return undefined;
  const last = built.packages.at(-1);
  return last === undefined ? undefined : `${last.name} ${last.version}`;
}

function storedBaseline(root: string): Result<Baseline> {
  const wrong = (why: string): Result<never> =>
    fail(problem(benchCodes, "CAPOS_BENCH_BASELINE", `${baselineFile}: ${why}`));
  let text: string;
  try {
    text = readFileSync(join(root, baselineFile), "utf8");
  } catch {
    return wrong("it cannot be read");
  }
  const baseline = readBaseline(text);
  return baseline.ok ? baseline : wrong(baseline.error);
}

/** The baseline, and the bounds of the proof that holds the kernel to it. */
function storeBaseline(root: string, baseline: Baseline): Result<undefined> {
  const proof = join(root, measureProof);
  const bound = withBounds(readFileSync(proof, "utf8"), baseline);
  if (!bound.ok) return fail(problem(benchCodes, "CAPOS_BENCH_BASELINE", `${measureProof}: ${bound.error}`));
  writeFileAtomic(join(root, baselineFile), writeBaseline(baseline));
  writeFileAtomic(proof, bound.value);
  return ok(undefined);
}

function asText(
  { package: from, where }: Measured,
  rows: readonly Row[],
  changes: readonly Change[],
  baseline: Baseline | undefined,
  { update }: KernelFlags,
): string {
  const beside = from === undefined ? "" : `; Linux: ${from}, mitigations=off`;
  const lines = [`guest instructions, the middle of 64${beside}`, "", showTable(rows)];
  if (from !== undefined) lines.push("", ...sources);
  for (const one of where) lines.push("", one.text);
  lines.push(
    "",
    ...changes.map((change) => `${isRefused(change) ? "SLOWER" : "note"}  ${showChange(change)}`),
  );
  if (baseline !== undefined) {
    const within = `all else within ${100 * baseline.tolerance} % of the baseline, ${baselineFile}`;
    lines.push(changes.length === 0 ? within.replace("all else", "all") : within);
    if (changes.length > 0) lines.push("  `capos bench kernel --update` stores these figures as the new one");
  }
  if (update) lines.push(`stored as the baseline, ${baselineFile}, and as the bounds of ${measureProof}`);
  return lines.join("\n");
}

function asJson(measured: Measured, rows: readonly Row[], changes: readonly Change[]): string {
  const { package: from, where } = measured;
  return JSON.stringify({
    v: 1,
    unit: "guest instructions",
    ...(from === undefined ? {} : { linux: from }),
    operations: rows,
    changes,
    ...(where.length === 0 ? {} : { where: where.map(({ name, total, parts }) => ({ name, total, parts })) }),
  });
}
