import { join, relative } from "node:path";
import { ok, type Problem, type Result } from "../base/index.ts";
import { type BootJudgement, type Judgement, judgeRun, type Verdict } from "../contract/index.ts";
import type { Emit } from "../events/index.ts";
import { openRunDirectory, type RunDirectory, storedJudgement } from "../evidence/index.ts";
import type { Supervisor } from "../process/index.ts";
import type { ArtifactSource } from "./artifacts.ts";
import { type BootContext, runBoot } from "./boot.ts";
import { makeDisks } from "./disks.ts";
import { caseInputs } from "./inputs.ts";
import type { PlacedCase } from "./plan.ts";
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
}

export interface CaseResult {
  readonly case: PlacedCase;
  readonly verdict: Verdict;
  readonly judgement: Judgement | undefined;
  /** What kept the case from being judged; empty when it was. */
  readonly problems: readonly Problem[];
  readonly dir: string;
}

/** Runs one case from its build to its sealed verdict. Never rejects for anything but a bug. */
export async function runCase(one: PlacedCase, context: CaseContext): Promise<CaseResult> {
  const began = process.hrtime.bigint();
  const { emit } = context;
  const opened = openRunDirectory({
    runDir: context.runDir,
    run: context.run,
    case: one.ref,
    capos: context.capos,
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
  const story = opened.ok ? await tell(one, context, opened.value) : opened;
  const result = sum(one, dir, story);
  if (opened.ok) {
    const sealed = opened.value.finish(
      { verdict: result.verdict, cause: causeOf(result), freshness: result.judgement?.freshness ?? "none" },
      result.judgement === undefined ? undefined : storedJudgement(result.judgement),
    );
    // A verdict that is not on disk is none: what cannot be shown was not proved.
    if (!sealed.ok) return finish(context, began, sum(one, dir, sealed), undefined);
  }
  return finish(context, began, result, story.ok ? story.value.tail : undefined);
}

interface Story {
  readonly judgement: Judgement;
  /** Console of the last boot. */
  readonly tail: ConsoleTail | undefined;
}

async function tell(one: PlacedCase, context: CaseContext, dir: RunDirectory): Promise<Result<Story>> {
  const { proof, path } = one;
  const artifact = await context.artifacts.get(proof.image, path);
  if (!artifact.ok) return artifact;
  const noted = dir.inputs(caseInputs(one, artifact.value, context));
  if (!noted.ok) return noted;
  const disks = makeDisks(proof, join(context.runDir, "disks", one.ref.id));
  if (!disks.ok) return disks;
  const boot: BootContext = {
    root: context.root,
    ref: one.ref,
    proof,
    machine: one.machine,
    system: artifact.value.system,
    systemDigest: artifact.value.built.systemDigest,
    hostTool: (name) => context.artifacts.hostTool(name),
    dir,
    scratch: join(context.runDir, "scratch", one.ref.id),
    emit: context.emit,
    supervisor: context.supervisor,
    stopping: context.stopping,
  };
  return bootAll(boot, disks.value);
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

function sum(one: PlacedCase, dir: string, story: Result<Story>): CaseResult {
  if (story.ok) {
    const { judgement } = story.value;
    return { case: one, verdict: judgement.verdict, judgement, problems: [], dir };
  }
  const [first] = story.error;
  const verdict = first?.exit === "host" ? "host-error" : first?.exit === "bug" ? "harness-error" : "not-run";
  return { case: one, verdict, judgement: undefined, problems: story.error, dir };
}

function causeOf(result: CaseResult): string {
  return result.judgement?.cause ?? result.problems[0]?.message ?? "";
}

function finish(
  context: CaseContext,
  began: bigint,
  result: CaseResult,
  tail: ConsoleTail | undefined,
): CaseResult {
  emitProblems(context.emit, context.root, result.problems);
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
    again: `capos prove ${result.case.proof.name} --boot ${result.case.path}`,
    ms: Math.round(Number(process.hrtime.bigint() - began) / 1e6),
  });
  return result;
}

function consoleEnd(tail: ConsoleTail | undefined): readonly string[] {
  const lines = tail?.lines(30) ?? [];
  return lines.length === 0 ? [] : ["", "last lines of the console:", ...lines.map((l) => `  ${l}`)];
}
