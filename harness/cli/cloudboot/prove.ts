import { join } from "node:path";
import { rmSync } from "node:fs";
import { exitCodes, type Problem, problem, systemClock } from "../../base/index.ts";
import { dayOf, type Proof } from "../../contract/index.ts";
import { createSupervisor, type Interrupts, type Supervisor } from "../../process/index.ts";
import { createEmitter, planCases, runCases } from "../../prove/index.ts";
import { openRenderers, type Renderer } from "../../report/index.ts";
import type { CloudbootFlags } from "../commands/cloudboot.ts";
import { openArtifacts, openBuildCache } from "../artifacts.ts";
import type { CliContext } from "../context.ts";
import { chooseReporters } from "../reporters.ts";
import { cloudFolder } from "../run/cloudboot.ts";
import { streamsOf } from "../streams.ts";
import { version } from "../version.ts";
import { exitOfException, failureOf } from "../failures.ts";
import type { CloudRoom } from "./room.ts";
import { showFindings } from "./show.ts";
import { guardRun } from "./unforeseen.ts";
import { leftOf } from "./upkeep.ts";
import { googleWay, localWay } from "./way.ts";

type Scope = Parameters<CloudRoom["costBound"]>[0];

export interface CloudProof {
  readonly flags: CloudbootFlags;
  readonly proof: Proof;
  readonly scope: Scope;
  readonly hardware: ConstructorParameters<CloudRoom["RunSession"]>[0]["hardware"];
  readonly costUsd: number;
  /** The text of the authorisation that a live run needs. */
  readonly authorisation?: string;
  readonly interrupts: Interrupts;
}

/** One run in the cloud from its build to the proof that nothing is left. Gives the exit code. */
export async function proveInCloud(context: CliContext, cloud: CloudRoom, what: CloudProof): Promise<number> {
  const run = cloud.newRunId(systemClock.now());
  const supervisor = createSupervisor(run);
  const { root } = context;
  const runDir = join(root, ".capos", "runs", run);
  const renderers = await openRenderers(chooseReporters([], context), streamsOf(context), context.env, {
    root,
    runDir,
  });
  if (!renderers.ok) return reported(context, renderers.error);
  const guard = guardRun(what.interrupts, (error) => {
    const next = `wait: what the run made is being taken down; should that fail, run \`capos cloudboot --teardown ${run}\``;
    context.report([{ ...failureOf(error), next }]);
  });
  try {
    const place = { run, runDir, supervisor, renderer: renderers.value };
    const exit = await proveWith(context, cloud, { ...what, interrupts: guard.interrupts }, place);
    await renderers.value.close();
    const fault = guard.fault();
    return fault === undefined ? exit : exitOfException(fault.error);
  } finally {
    guard.dispose();
    rmSync(join(runDir, "cloud"), { recursive: true, force: true });
    await supervisor.close();
  }
}

interface Place {
  readonly run: string;
  readonly runDir: string;
  readonly supervisor: Supervisor;
  readonly renderer: Omit<Renderer, "close">;
}

async function proveWith(
  context: CliContext,
  cloud: CloudRoom,
  what: CloudProof,
  place: Place,
): Promise<number> {
  const { root } = context;
  const { flags, proof, scope, interrupts, hardware } = what;
  const { run, runDir, supervisor } = place;
  const cache = openBuildCache(root);
  const emit = createEmitter(run, runDir, systemClock, (event) => place.renderer.on(event));
  const artifacts = openArtifacts(root, supervisor, emit, { cache, cancel: interrupts.stopping });
  const artifact = await artifacts.get(proof.image, hardware.firmware);
  if (!artifact.ok) return reported(context, artifact.error);
  const uncovered = whyUncovered(cloud, what, artifact.value.image.digest, root);
  if (uncovered.length > 0) return reported(context, uncovered);

  const way =
    flags.provider === "local"
      ? await localWay(cloud, root, scope, context.env)
      : await googleWay(cloud, root, scope.project);
  if (!way.ok) return reported(context, way.error);
  const { endpoint, headers, inventory } = way.value;
  const local = endpoint === undefined ? {} : { endpoint };
  const createdUnix = Math.floor(systemClock.now() / 1000);
  const expiresUnix = createdUnix + scope.maxRunSeconds + 3600;
  const journal = cloud.createJournal(cloudFolder(root), run);
  if (!journal.ok) return reported(context, journal.error);
  try {
    const begun = journal.value.write({
      type: "begin",
      run,
      proof: proof.name,
      scope,
      ...local,
      createdUnix,
      expiresUnix,
    });
    if (!begun.ok) return reported(context, begun.error);
    const session = new cloud.RunSession({
      root,
      run,
      scope,
      hardware,
      ...local,
      headers,
      journal: journal.value,
      createdUnix,
      expiresUnix,
      scratch: join(runDir, "cloud"),
      pace: cloud.systemPace,
      say: (text) => emit({ type: "notice", level: "info", text }),
      stopping: interrupts.stopping,
      killing: interrupts.killing,
    });
    const calls = cloud.plannedCalls(run, scope, proof.boots.length).length;
    const most = `at most ${what.costUsd.toFixed(4)} USD`;
    emit({ type: "notice", level: "info", text: `run ${run}: ${calls} kinds of call (--plan), ${most}` });
    const making = session.making;
    if (!making.ok) return reported(context, making.error);
    const findings = await cloud.preflight(making.value, scope);
    const bad = findings.filter((f) => f.fate !== "ok");
    if (flags.preflightOnly || bad.length > 0) {
      context.print(showFindings(findings));
      journal.value.write({ type: "end", verdict: "not-run" });
      if (bad.length === 0) return exitCodes.proved;
      if (interrupts.stopping.aborted) {
        context.print(`STOPPED  ${run}, before anything was made`);
        return exitCodes.host;
      }
      const unseen = findings.filter((f) => f.fate === "not-run").length;
      const message = `${bad.length - unseen} of ${findings.length} checks failed, and ${unseen} were not made`;
      return reported(context, [problem(cloud.cloudCodes, "CAPOS_CLOUD_PREFLIGHT", message)]);
    }
    // Used up only now, with nothing but reads behind it: what could not have been run was no run.
    const used =
      what.authorisation === undefined
        ? undefined
        : cloud.useOnce(cloudFolder(root), what.authorisation, run);
    if (used?.ok === false) return reported(context, used.error);
    const machine = cloud.gceMachine(session);
    const facts = await machine.facts();
    const planned = planCases([proof], [hardware.firmware]);
    if (!facts.ok || !planned.ok) throw new Error("a checked proof has a case");
    const placed = planned.value.slice(0, 1).map((one) => ({ ...one, machine, facts: facts.value }));
    const { cases, exit } = await whileUp(context, cloud, session, () =>
      runCases(placed, {
        root,
        cacheDir: cache.dir,
        runDir,
        run,
        capos: version,
        artifacts,
        emit,
        supervisor,
        clock: systemClock,
        stopping: interrupts.stopping,
        day: dayOf(systemClock.now()),
      }),
    );
    journal.value.write({ type: "end", verdict: cases[0]?.verdict ?? "not-run" });
    if (inventory !== undefined) context.print(showInventory(inventory()));
    return exit;
  } finally {
    journal.value.close();
    await way.value.close();
  }
}

/** A bug in the tool must not leave anything standing: what has begun to be made is taken down in any case. */
async function whileUp<T>(
  context: CliContext,
  cloud: CloudRoom,
  session: InstanceType<CloudRoom["RunSession"]>,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const down = await session.takeDown();
    if (!down.ok || !down.value.empty) context.report([leftOf(cloud, session.run)]);
    throw error;
  }
}

/** What keeps a live run from being sent. */
function whyUncovered(
  cloud: CloudRoom,
  what: CloudProof,
  imageDigest: string,
  root: string,
): readonly Problem[] {
  const { authorisation, flags, proof, scope, costUsd } = what;
  if (authorisation === undefined) return [];
  const allowed = cloud.readAuthorisation(flags.authorisation ?? "", authorisation);
  if (!allowed.ok) return allowed.error;
  const intended = {
    proof: proof.name,
    imageDigest,
    scope,
    costUsd,
    resources: ["object", "image", "instance", "disk"] as const,
  };
  const faults = cloud.uncovered(allowed.value, intended, new Date(systemClock.now()));
  if (faults.length > 0) return faults;
  const unused = cloud.checkUnused(cloudFolder(root), authorisation);
  return unused.ok ? [] : unused.error;
}

function showInventory(left: readonly string[]): string {
  return left.length === 0
    ? "    LISTING  the provider holds nothing of this run"
    : left.map((thing) => `    LISTING  ${thing}`).join("\n");
}

function reported(context: CliContext, problems: readonly Problem[]): number {
  context.report(problems);
  return exitCodes[problems[0]?.exit ?? "bug"];
}
