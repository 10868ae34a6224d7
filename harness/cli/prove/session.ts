import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { exitCodes, problem, systemClock } from "../../base/index.ts";
import { dayOf } from "../../contract/index.ts";
import type { Supervisor } from "../../process/index.ts";
import {
  createEmitter,
  emitProblems,
  type Extras,
  openMachines,
  proveCodes,
  pruneNowAndThen,
  runCases,
} from "../../prove/index.ts";
import type { Renderer } from "../../report/index.ts";
import type { ProveFlags } from "../commands/prove.ts";
import { openArtifacts, openBuildCache } from "../artifacts.ts";
import type { CliContext } from "../context.ts";
import { loadOptions } from "../tree.ts";
import { extrasOf } from "./extras.ts";
import { version } from "../version.ts";
import type { Selected } from "./select.ts";

/** One run of selected cases: what it is, where it is shown, and what ends it. */
export interface Session {
  readonly run: string;
  readonly selected: Selected;
  readonly flags: Pick<
    ProveFlags,
    | "jobs"
    | "repeat"
    | "untilFail"
    | "failFast"
    | "retries"
    | "cached"
    | "sample"
    | "seed"
    | "mutants"
    | "record"
    | "freeze"
    | "cold"
  > & { readonly debug?: Extras["debug"] };
  readonly stopping: AbortSignal;
  readonly supervisor: Supervisor;
  readonly renderer: Renderer;
}

/** Runs a session to its end and gives its exit code. */
export async function proveSelected(context: CliContext, session: Session): Promise<number> {
  const { run, supervisor, renderer, stopping, selected } = session;
  const { root } = context;
  const cache = openBuildCache(root);
  const runDir = join(root, ".capos", "runs", run);
  const emit = createEmitter(run, runDir, systemClock, (event) => renderer.on(event));
  const machines = await openMachines(selected.cases, { root, supervisor, cacheDir: cache.dir });
  if (!machines.ok) {
    emitProblems(emit, root, machines.error);
    return exitCodes[machines.error[0]?.exit ?? "bug"];
  }
  for (const { accelerator } of machines.value.facts) {
    if (accelerator !== undefined) emit({ type: "accelerator", ...accelerator });
  }
  const placed = machines.value.place(selected.cases);
  if (placed.length === 0) {
    const message = "this host runs none of the cases with the accelerator that they name";
    emitProblems(emit, root, [problem(proveCodes, "CAPOS_PROVE_NOTHING", message)]);
    return exitCodes.nothing;
  }
  const artifacts = openArtifacts(root, supervisor, emit, { cache, cancel: stopping });
  const extras = extrasOf(context, session.flags, stopping);
  const pruned = pruneNowAndThen(root, systemClock.now());
  try {
    const { exit } = await runCases(placed, {
      root,
      cacheDir: cache.dir,
      runDir,
      run,
      capos: version,
      artifacts,
      emit,
      supervisor,
      clock: systemClock,
      stopping,
      day: dayOf(systemClock.now()),
      reprobe: machines.value.reprobe,
      withoutKvm: machines.value.withoutKvm,
      ...(extras === undefined ? {} : { extras }),
      ...(placed.length > 1 ? { expected: selected.expected() } : {}),
      ...optionsOf(session.flags),
    });
    return exit;
  } finally {
    await pruned;
    await machines.value.destroy();
  }
}

function optionsOf(flags: Session["flags"]): Partial<Parameters<typeof runCases>[1]> {
  // Machines that are looked at stand still one after the other, or nobody could tell whose words are on the screen.
  const {
    jobs = flags.freeze ? 1 : undefined,
    repeat,
    untilFail,
    failFast,
    retries,
    cached,
    sample = 0,
    seed,
  } = flags;
  return {
    untilFail,
    failFast,
    retries,
    mutants: flags.mutants,
    ...(jobs === undefined ? {} : { jobs }),
    ...(repeat === undefined ? {} : { repeat }),
    ...(cached
      ? { cached: { load: loadOptions, sample, seed: seed ?? randomBytes(4).toString("hex") } }
      : {}),
  };
}

/** Unix seconds, so that runs sort by time, and four random digits, so that two at once differ. */
export function newRun(): string {
  return `${Math.floor(Date.now() / 1000)}-${randomBytes(2).toString("hex")}`;
}
