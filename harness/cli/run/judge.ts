import { exitCodes, fail, nearest, ok, problem, type Problem, type Result } from "../../base/index.ts";
import {
  type BootJudgement,
  checkProof,
  compareTargets,
  contractCodes,
  exitOf,
  isFlawless,
  type Judgement,
  judgeStored,
  type Proof,
  scoreMutants,
  type Target,
  type ToldScore,
  toldScore,
} from "../../contract/index.ts";
import { storedJudgement } from "../../evidence/index.ts";
import { loadProof } from "../../manifest/index.ts";
import type { JudgeFlags } from "../commands/judge.ts";
import type { CliContext } from "../context.ts";
import { runNamed } from "../run-name.ts";
import { type Judgeable, rawConsole, storedCases } from "./judge-sources.ts";

export async function judge(this: CliContext, flags: JudgeFlags, ...given: string[]): Promise<void> {
  const wanted = await gather(this, flags, given);
  if (!wanted.ok) return this.report(wanted.error);
  const codes: number[] = [];
  const targets = new Map<Proof["name"], { readonly proof: Proof; readonly shown: Target[] }>();
  for (const one of wanted.value) {
    const judgement = judgeStored(one.proof, one.boots);
    const isScored = flags.mutants && judgement.verdict === "proved";
    const score = isScored ? toldScore(scoreMutants(one.proof, one.boots)) : undefined;
    this.print(flags.json ? asJson(one, judgement, score) : asText(one, judgement, score).join("\n"));
    const code = exitOf([judgement.verdict]);
    codes.push(score !== undefined && !isFlawless(score) ? exitCodes.notProved : code);
    const known = targets.get(one.proof.name) ?? { proof: one.proof, shown: [] };
    targets.set(one.proof.name, known);
    if (judgement.verdict === "proved") known.shown.push({ name: one.name, captures: judgement.captures });
  }
  const problems = [...targets.values()].flatMap(({ proof, shown }) => compareTargets(proof, shown));
  if (problems.length > 0) {
    this.report(problems);
    codes.push(exitCodes.notProved);
  }
  this.exitWith(gravest(codes));
}

/** DESIGN's order of exit codes in a mix. */
function gravest(codes: readonly number[]): number {
  const { bug, host, notProved, nothing } = exitCodes;
  return [bug, host, notProved, nothing].find((code) => codes.includes(code)) ?? exitCodes.proved;
}

/** What is to be judged, each with a proof that can be judged by. */
async function gather(
  context: CliContext,
  flags: JudgeFlags,
  given: readonly string[],
): Promise<Result<readonly Judgeable[]>> {
  const named = flags.proof === undefined ? undefined : await loadProof(context.root, flags.proof);
  if (named?.ok === false) return named;
  const all: Judgeable[] = [];
  const consoles: string[] = [];
  const problems: Problem[] = [];
  for (const word of given) {
    const run = await runNamed(context.root, word);
    if (!run.ok) {
      problems.push(...run.error);
      continue;
    }
    const what = run.value;
    const stored = storedCases(context.root, what);
    if (stored === undefined) consoles.push(what);
    else if (stored.ok) all.push(...stored.value);
    else problems.push(...stored.error);
  }
  if (consoles.length > 0) {
    const raw = rawConsoles(consoles, named?.value, flags.boot);
    if (raw.ok) all.push(raw.value);
    else problems.push(...raw.error);
  }
  if (problems.length > 0) return { ok: false, error: problems };
  const chosen = all.map((one) => choose({ ...one, proof: named?.value ?? one.proof }, flags.boot));
  problems.push(
    ...chosen.flatMap((one): readonly Problem[] => (one.ok ? checkProof(one.value.proof) : one.error)),
  );
  if (problems.length > 0) return { ok: false, error: problems };
  return ok(chosen.flatMap((one) => (one.ok ? [one.value] : [])));
}

/** Raw consoles are the boots of one run, in their order. */
function rawConsoles(
  files: readonly string[],
  proof: Proof | undefined,
  boot: string | undefined,
): Result<Judgeable> {
  if (proof === undefined) {
    // Of what cannot even be opened nobody needs to say by which proof it is to be judged.
    const absent = files.filter((file) => file !== "-").flatMap((file) => problemsOf(rawConsole(file)));
    if (absent.length > 0) return { ok: false, error: absent };
    const message = `${files[0] ?? ""} is a raw console, and nothing says by which proof to judge it`;
    return fail(problem(contractCodes, "CAPOS_JUDGE_PROOF", message));
  }
  const most = boot === undefined ? proof.boots.length : 1;
  if (files.length > most) {
    const boots = boot === undefined ? `${most} ${most === 1 ? "boot" : "boots"}` : `the boot \`${boot}\``;
    const message = `${files.length} consoles were given, and ${boots} of \`${proof.name}\` cannot have so many`;
    return fail(problem(contractCodes, "CAPOS_JUDGE_BOOT", message));
  }
  const opened = files.map(rawConsole);
  const problems = opened.flatMap(problemsOf);
  if (problems.length > 0) return { ok: false, error: problems };
  const boots = opened.flatMap((one) =>
    one.ok ? [{ inputs: one.value, expectation: { freshness: "none" } as const }] : [],
  );
  // As many empty places before it as the chosen boot has boots before it in a stored case.
  const before = Math.max(
    0,
    proof.boots.findIndex((b) => b.name === boot),
  );
  const empty = { inputs: [], expectation: { freshness: "none" } as const };
  return ok({
    name: files.join(", "),
    proof,
    boots: [...Array.from({ length: before }, () => empty), ...boots],
  });
}

function problemsOf(one: Result<unknown>): readonly Problem[] {
  return one.ok ? [] : one.error;
}

/** The boot that was asked for, as if it were the only one: relations with others are left out. */
function choose(one: Judgeable, boot: string | undefined): Result<Judgeable> {
  const { proof, boots } = one;
  if (boots.length > proof.boots.length) {
    const message = `${one.name} has ${boots.length} boots, and \`${proof.name}\` declares ${proof.boots.length}`;
    return fail(problem(contractCodes, "CAPOS_JUDGE_BOOT", message));
  }
  if (boot === undefined) return ok(one);
  const index = proof.boots.findIndex((b) => b.name === boot);
  const [spec, stored] = [proof.boots[index], boots[index]];
  if (spec === undefined) {
    const names = proof.boots.map((b) => b.name);
    const meant = nearest(boot, names);
    const next = meant === undefined ? `its boots are ${names.join(", ")}` : `did you mean \`${meant}\`?`;
    return fail(
      problem(contractCodes, "CAPOS_JUDGE_BOOT", `\`${proof.name}\` has no boot \`${boot}\``, { next }),
    );
  }
  const alone: Proof = {
    ...proof,
    boots: [spec],
    same: proof.same.filter((pair) => pair.every((ref) => ref.boot === boot)),
    bounds: proof.bounds.filter(({ capture }) => capture.boot === boot),
    ...(proof.everywhere === undefined
      ? {}
      : { everywhere: proof.everywhere.filter((ref) => ref.boot === boot) }),
  };
  return ok({ ...one, proof: alone, boots: stored === undefined ? [] : [stored] });
}

function asText(one: Judgeable, judgement: Judgement, score: ToldScore | undefined): readonly string[] {
  const { verdict, cause, freshness, boots, report } = judgement;
  const lines = [`${verdict}: ${one.name}${cause === "" ? "" : `: ${cause}`}`];
  if (freshness === "none") lines.push("  of unknown freshness: this closes nothing");
  if (report.length > 0) lines.push(...report.map((line) => `  ${line}`));
  else lines.push(...boots.flatMap(seenIn));
  if (score === undefined) return lines;
  lines.push(`  mutants: ${score.killed} of ${score.total} were noticed`);
  const more = (what: string, names: readonly string[]): number =>
    lines.push(...names.map((name) => `    ${what}: ${name}`));
  more("not noticed", score.survivors);
  more("dead landmark", score.dead);
  more("not tried, torn in this run", score.untried);
  more("compared with nothing", score.loose);
  return lines;
}

/** What a boot showed, by the byte where it stands in its console. */
function seenIn({ boot, landmarks, ended }: BootJudgement): readonly string[] {
  const seen = landmarks.map(({ name, offset, captures, torn }) => {
    const values = Object.entries(captures).map(([capture, value]) => ` ${capture}=${value}`);
    return `    ${String(offset).padStart(8)}  ${name}${values.join("")}${torn ? " (torn)" : ""}`;
  });
  return [`  ${boot}${ended === undefined ? "" : `: ${ended}`}`, ...seen];
}

function asJson(one: Judgeable, judgement: Judgement, score: ToldScore | undefined): string {
  const { kind, freshness, captures, report } = judgement;
  return JSON.stringify({
    v: 1,
    name: one.name,
    proof: one.proof.name,
    ...storedJudgement(judgement),
    ...(kind === undefined ? {} : { kind }),
    freshness,
    captures,
    report,
    ...(score === undefined ? {} : { mutants: score }),
  });
}
