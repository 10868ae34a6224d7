import { join, relative } from "node:path";
import { err, fail, ok, problem, type Problem, type Result } from "../base/index.ts";
import {
  type BootJudgement,
  type Judgement,
  judgeRun,
  type Tolerance,
  toleranceOf,
  type Verdict,
} from "../contract/index.ts";
import type { Emit } from "../events/index.ts";
import { openRunDirectory, type RunDirectory, storedJudgement } from "../evidence/index.ts";
import type { KvmAnswer } from "../machine/index.ts";
import type { Supervisor } from "../process/index.ts";
import type { Artifact, ArtifactSource } from "./artifacts.ts";
import { type BootContext, runBoot } from "./boot.ts";
import { proveCodes } from "./codes.ts";
import { makeDisks } from "./disks.ts";
import { blamesGuest } from "./history/record.ts";
import type { Extras } from "./extras.ts";
import { caseInputs } from "./inputs.ts";
import { loadedPrograms } from "./inspect/loaded.ts";
import { againCommand, baseRef, type PlacedCase } from "./plan.ts";
import { emitProblems } from "./problems.ts";
import type { ConsoleTail } from "./tail.ts";
import { placeOfFailure } from "./where.ts";

export type { ArtifactSource } from "./artifacts.ts";

export interface CaseContext {
  readonly root: string;
  /** `.capos/cache` */
  readonly cacheDir: string;
  /** `.capos/runs/<run>` */
  readonly runDir: string;
  readonly run: string;
  /** Version of the tool. */
  readonly capos: string;
  readonly artifacts: ArtifactSource;
  readonly emit: Emit;
  /** Owns what a boot starts beside the machine. */
  readonly supervisor: Supervisor;
  readonly stopping: AbortSignal;
  /** What the run was asked to do beside proving. */
  readonly extras?: Extras;
  /** Today in UTC, by which failures count or do not. */
  readonly day: string;
  /** Asks the host again whether guests run under KVM; without it a machine is believed for the whole run. */
  readonly reprobe?: () => Promise<KvmAnswer>;
}

export interface CaseResult {
  readonly case: PlacedCase;
  readonly verdict: Verdict;
  readonly judgement: Judgement | undefined;
  /** What kept the case from being judged; empty when it was. */
  readonly problems: readonly Problem[];
  readonly dir: string;
  /** Why its failure does not fail the run. */
  readonly tolerance?: Tolerance;
  /** Digest of its declared inputs; absent where the case never got so far. */
  readonly digest?: string;
  readonly ms: number;
}

/** Runs one case from its build to its sealed verdict. Never rejects for anything but a bug. */
export async function runCase(one: PlacedCase, context: CaseContext): Promise<CaseResult> {
  const began = process.hrtime.bigint();
  const { emit } = context;
  const opened = openRunDirectory({
    runDir: context.runDir,
    run: context.run,
    case: baseRef(one.ref),
    capos: context.capos,
    attempt: one.attempt ?? 1,
  });
  const dir = opened.ok ? opened.value.path : join(context.runDir, one.ref.id);
  const boots = one.proof.boots.map((b) => b.name);
  emit({
    type: "case-started",
    case: one.ref,
    title: one.proof.title,
    boots,
    dir: relative(context.root, dir),
  });
  const told = opened.ok ? await tell(one, context, opened.value) : { story: opened };
  const { story } = told;
  const result = sum(one, dir, told);
  if (opened.ok) {
    const sealed = opened.value.finish(
      { verdict: result.verdict, cause: causeOf(result), freshness: result.judgement?.freshness ?? "none" },
      result.judgement === undefined ? undefined : storedJudgement(result.judgement),
    );
    // A verdict that is not on disk is none: what cannot be shown was not proved.
    if (!sealed.ok) return finish(context, began, sum(one, dir, { ...told, story: sealed }), undefined);
  }
  return finish(context, began, result, story.ok ? story.value.tail : undefined);
}

interface Story {
  readonly judgement: Judgement;
  /** Console of the last boot. */
  readonly tail: ConsoleTail | undefined;
}

interface Told {
  readonly story: Result<Story>;
  /** Of the declared inputs, as far as the case has come to know them. */
  readonly digest?: string;
}

async function tell(one: PlacedCase, context: CaseContext, dir: RunDirectory): Promise<Told> {
  if (one.refusal !== undefined) return { story: fail(one.refusal) };
  const artifact = await context.artifacts.get(one.proof.image, one.path);
  if (!artifact.ok) return { story: artifact };
  const inputs = caseInputs(one, artifact.value, context);
  const noted = dir.inputs(inputs);
  const told = noted.ok ? await experiment(one, context, dir, artifact.value) : noted;
  const story = await settled(one, dir, told);
  return { story, digest: inputs.declared.digest };
}

/** A verdict about a guest stands only when what its machine was made of is known to be gone. */
async function settled(one: PlacedCase, dir: RunDirectory, story: Result<Story>): Promise<Result<Story>> {
  const left = await one.machine.settle?.();
  if (left === undefined) return story;
  for (const [name, text] of Object.entries(left.files)) {
    const kept = dir.attach(name, text);
    if (!kept.ok) return kept;
  }
  return left.problems.length === 0 ? story : err([...left.problems, ...(story.ok ? [] : story.error)]);
}

async function experiment(
  one: PlacedCase,
  context: CaseContext,
  dir: RunDirectory,
  artifact: Artifact,
): Promise<Result<Story>> {
  const { proof } = one;
  const disks = makeDisks(proof, join(context.runDir, "disks", one.ref.id));
  if (!disks.ok) return disks;
  const boot: BootContext = {
    root: context.root,
    ref: one.ref,
    proof,
    machine: one.machine,
    system: artifact.system,
    systemDigest: artifact.built.systemDigest,
    hostTool: (name) => context.artifacts.hostTool(name),
    dir,
    scratch: join(context.runDir, "scratch", one.ref.id),
    emit: context.emit,
    supervisor: context.supervisor,
    stopping: context.stopping,
    programs: loadedPrograms(artifact.built),
    cacheDir: context.cacheDir,
    extras: context.extras,
    emulator: one.facts.emulator?.version,
  };
  const told = await bootAll(boot, disks.value);
  const lost = told.ok ? await kvmLost(one, context, told.value.judgement) : undefined;
  return lost === undefined ? told : fail(lost);
}

/**
 * A guest under KVM that dies before its first line is as likely the host's failure as its own: there are hosts whose
 * KVM stops working while the tool runs. So the host is asked again, and the guest is to blame only where it answers.
 */
async function kvmLost(
  one: PlacedCase,
  context: CaseContext,
  { boots, verdict }: Judgement,
): Promise<Problem | undefined> {
  const silent = verdict !== "proved" && verdict !== "not-run" && boots.at(-1)?.banner === undefined;
  if (!silent || one.facts.accelerator?.accelerator !== "kvm") return undefined;
  const answer = await context.reprobe?.();
  if (answer === undefined || answer.usable) return undefined;
  return problem(
    proveCodes,
    "CAPOS_PROVE_KVM_LOST",
    `a guest died before its first line, and ${answer.reason}`,
  );
}

/** The boots in their order on the same disks; after one that is not as it should be the rest has no meaning. */
async function bootAll(context: BootContext, disks: BootDisks): Promise<Result<Story>> {
  const judged: BootJudgement[] = [];
  let tail: ConsoleTail | undefined;
  for (const index of context.proof.boots.keys()) {
    const outcome = await runBoot(context, index, disks);
    if (!outcome.ok) return outcome;
    judged.push(outcome.value.judgement);
    ({ disks, tail } = outcome.value);
    if (outcome.value.judgement.verdict !== "proved") break;
  }
  return ok({ judgement: judgeRun(context.proof, judged), tail });
}

type BootDisks = Parameters<typeof runBoot>[2];

function sum(one: PlacedCase, dir: string, { story, digest }: Told): CaseResult {
  const known = { case: one, dir, ms: 0, ...(digest === undefined ? {} : { digest }) };
  if (story.ok) {
    const { judgement } = story.value;
    return { ...known, verdict: judgement.verdict, judgement, problems: [] };
  }
  const [first] = story.error;
  const outside = one.machine.target === "gce" ? "cloud-error" : "host-error";
  const verdict = first?.exit === "host" ? outside : first?.exit === "bug" ? "harness-error" : "not-run";
  return { ...known, verdict, judgement: undefined, problems: story.error };
}

export function causeOf(result: CaseResult): string {
  return result.judgement?.cause ?? result.problems[0]?.message ?? "";
}

function finish(
  context: CaseContext,
  began: bigint,
  result: CaseResult,
  tail: ConsoleTail | undefined,
): CaseResult {
  emitProblems(context.emit, context.root, result.problems);
  const tolerance = blamesGuest(result.verdict) ? toleranceOf(result.case.declared, context.day) : undefined;
  const ms = Math.round(Number(process.hrtime.bigint() - began) / 1e6);
  const proved = result.verdict === "proved";
  const span =
    result.judgement === undefined ? undefined : placeOfFailure(result.case.proof, result.judgement);
  context.emit({
    type: "case-finished",
    case: result.case.ref,
    verdict: result.verdict,
    cause: causeOf(result),
    report: proved ? [] : [...(result.judgement?.report ?? []), ...consoleEnd(tail)],
    ...(span === undefined ? {} : { span }),
    dir: relative(context.root, result.dir),
    again: againCommand(result.case),
    ms,
    ...(tolerance === undefined ? {} : { tolerated: tolerance.why }),
  });
  return { ...result, ms, ...(tolerance === undefined ? {} : { tolerance }) };
}

function consoleEnd(tail: ConsoleTail | undefined): readonly string[] {
  const lines = tail?.lines(30) ?? [];
  return lines.length === 0 ? [] : ["", "last lines of the console:", ...lines.map((l) => `  ${l}`)];
}
