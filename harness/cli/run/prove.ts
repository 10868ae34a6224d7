import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { err, exitCodes, problem, type Problem, type Result, systemClock } from "../../base/index.ts";
import { openStore } from "../../build/index.ts";
import { checkProof, type Proof } from "../../contract/index.ts";
import { listProofs, loadProof } from "../../manifest/index.ts";
import { createSupervisor, type Interrupts, type Supervisor, watchInterrupts } from "../../process/index.ts";
import {
  artifactSource,
  type Case,
  createEmitter,
  emitProblems,
  openMachines,
  planCases,
  proveCodes,
  runCases,
} from "../../prove/index.ts";
import { openRenderers, type Renderer } from "../../report/index.ts";
import type { ProveFlags } from "../commands/prove.ts";
import type { CliContext } from "../context.ts";
import { chooseReporters } from "../reporters.ts";
import { streamsOf } from "../streams.ts";
import { loadOptions } from "../tree.ts";
import { version } from "../version.ts";

/** A proof with this tag must not be proved: it is there to show that the judge says so. */
const counterexample = "counterexample";

export async function prove(this: CliContext, flags: ProveFlags, ...names: string[]): Promise<void> {
  const cases = await select(this.root, flags, names);
  if (!cases.ok) return this.report(cases.error);
  const run = newRun();
  const interrupts = watchInterrupts();
  const supervisor = createSupervisor(run);
  interrupts.killing.addEventListener(
    "abort",
    () => void supervisor.stopAll("kill", "the run was interrupted"),
  );
  try {
    const opened = await openRenderers(
      chooseReporters(flags.reporter ?? [], this),
      streamsOf(this),
      this.env,
      {
        root: this.root,
        runDir: join(this.root, ".capos", "runs", run),
      },
    );
    if (!opened.ok) return this.report(opened.error);
    const renderer = opened.value;
    const session = { run, cases: cases.value, interrupts, supervisor, renderer, mutants: flags.mutants };
    const exit = await proveSelected(this, session);
    const unwritten = await renderer.close();
    if (unwritten.length > 0) this.report(unwritten);
    // A report that is missing must not look like a run that is proved; else the run's own code says more.
    const code = interrupts.cause()?.exit ?? exit;
    if (unwritten.length === 0 || code !== exitCodes.proved) this.exitWith(code);
  } finally {
    const escaped = await supervisor.close();
    if (escaped.length > 0) {
      this.process.stderr.write(
        `warning: ${escaped.length} processes had left their group and were killed\n`,
      );
    }
    interrupts.dispose();
  }
}

interface Session {
  readonly run: string;
  readonly cases: readonly Case[];
  readonly interrupts: Interrupts;
  readonly supervisor: Supervisor;
  readonly renderer: Renderer;
  readonly mutants: boolean;
}

async function proveSelected(context: CliContext, session: Session): Promise<number> {
  const { run, interrupts, supervisor, renderer } = session;
  const { root } = context;
  const cacheDir = join(root, ".capos", "cache");
  const runDir = join(root, ".capos", "runs", run);
  const told = createEmitter(run, runDir, systemClock, (event) => renderer.on(event));
  const scored = session.mutants
    ? (await import("./mutants.ts")).withMutants(told, root, systemClock, (all) =>
        emitProblems(told, root, all),
      )
    : undefined;
  const emit = scored?.emit ?? told;
  const machines = await openMachines(session.cases, { root, supervisor, cacheDir });
  if (!machines.ok) {
    emitProblems(emit, root, machines.error);
    return exitCodes[machines.error[0]?.exit ?? "bug"];
  }
  for (const { accelerator } of machines.value.facts) {
    if (accelerator !== undefined) emit({ type: "accelerator", ...accelerator });
  }
  const cache = { dir: join(cacheDir, "actions"), store: openStore(join(cacheDir, "objects")) };
  const artifacts = artifactSource({
    build: { root, cacheDir, supervisor, cancel: interrupts.stopping, cache },
    load: loadOptions,
    emit,
  });
  try {
    const { exit } = await runCases(machines.value.place(session.cases), {
      root,
      cacheDir,
      runDir,
      run,
      capos: version,
      artifacts,
      emit,
      supervisor,
      clock: systemClock,
      stopping: interrupts.stopping,
    });
    return scored?.exit(exit) ?? exit;
  } finally {
    await machines.value.destroy();
  }
}

/** Loads and checks the named proofs; all problems of all of them are reported together. */
async function select(
  root: string,
  flags: ProveFlags,
  names: readonly string[],
): Promise<Result<readonly Case[]>> {
  if (names.length === 0 && !flags.all) {
    return err([problem(proveCodes, "CAPOS_PROVE_NOTHING", "no proof was named")]);
  }
  const problems: Problem[] = [];
  const proofs: Proof[] = [];
  for (const name of new Set(names.length > 0 ? names : listProofs(root))) {
    const loaded = await loadProof(root, name);
    if (!loaded.ok) {
      problems.push(...loaded.error);
      continue;
    }
    problems.push(...checkProof(loaded.value));
    if (names.length > 0 || !loaded.value.tags.includes(counterexample)) proofs.push(loaded.value);
  }
  if (problems.length > 0) return err(problems);
  const wanted = flags.boot;
  if (wanted === undefined) return planCases(proofs, flags.all ? "all" : "first");
  const paths = wanted.filter((path) => path !== "all");
  return planCases(proofs, paths.length < wanted.length ? "all" : paths);
}

/** Unix seconds, so that runs sort by time, and four random digits, so that two at once differ. */
function newRun(): string {
  return `${Math.floor(Date.now() / 1000)}-${randomBytes(2).toString("hex")}`;
}
