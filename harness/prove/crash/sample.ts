import { randomBytes } from "node:crypto";
import { err, ok, type Result } from "../../base/index.ts";
import {
  type BootInput,
  type BootJudgement,
  createBootJudge,
  freshnessOf,
  judgeRun,
  recoveryProof,
  type Proof,
  type Recovery,
} from "../../contract/index.ts";
import { timelineLine } from "../../evidence/index.ts";
import type { BootRequest } from "../../machine/index.ts";
import { fromRoot } from "../boot.ts";
import type { CompanionContext } from "../companion.ts";

/** A disk state that is to be booted. */
export interface Sample {
  /** From the checkout's root. */
  readonly file: string;
  /** What the boot may show; one of them must be proved. */
  readonly recovers: readonly Recovery[];
  /** Counts on from the proof's own boots: the guest repeats it. */
  readonly boot: number;
}

export interface SampleResult {
  /** The recovery that was proved. */
  readonly proved: string | undefined;
  /** Why none was: what the last of them missed. */
  readonly why: string;
  readonly console: Uint8Array;
  /** In the form of a boot's time index. */
  readonly timeline: string;
  readonly identity: { readonly nonce: string; readonly boot: number };
}

/**
 * Boots a state of the disk and judges it as each of its recoveries at once. `crashed` is the judgement of the boot that
 * the state is of: captures of both are compared.
 */
export async function bootSample(
  context: CompanionContext,
  crashed: BootJudgement,
  { file, recovers, boot: number }: Sample,
): Promise<Result<SampleResult>> {
  const { root, proof, index, lab } = context;
  const { machine, systemDigest } = lab;
  const identity = { nonce: randomBytes(16).toString("hex"), boot: number };
  const request: BootRequest = {
    name: `crash-${number}`,
    machine: proof.machine,
    system: fromRoot(root, lab.system),
    disks: context.disks.map(({ serial, bus }) => ({ serial, bus, file })),
    identity,
  };
  const plan = machine.plan(request);
  if (!plan.ok) return plan;
  const started = await machine.start(plan.value);
  if (!started.ok) return started;
  const running = started.value;
  const freshness = freshnessOf(proof.guest, machine.freshness);
  const trials = recovers.map((recovery) => {
    const judged = recoveryProof(proof, index, recovery);
    const judge = createBootJudge(judged, 1, { identity: { ...identity, systemDigest }, freshness });
    return { recovery, judged, judge, isOpen: true };
  });
  const stop = (): void => running.end("cut", "interrupted");
  context.stopping.addEventListener("abort", stop, { once: true });
  const console: Uint8Array[] = [];
  let timeline = "";
  const take = (input: BootInput): void => {
    let isKept = input.kind !== "tick";
    if (input.kind === "bytes") console.push(input.bytes);
    for (const trial of trials) {
      for (const said of trial.judge.feed(input)) {
        if (said.type === "kept") isKept = true;
        if (said.type !== "decided" || !trial.isOpen) continue;
        trial.isOpen = false;
        // What one of them plans is the end; what one of them has missed is, when none is left that could be right.
        if (said.why === "planned" || trials.every(({ isOpen }) => !isOpen)) running.end(said.end, said.why);
      }
    }
    if (isKept) timeline += timelineLine(input);
  };
  for await (const input of running.inputs) take(input);
  context.stopping.removeEventListener("abort", stop);
  const end = await running.ended;
  if (end.problem !== undefined) return err([end.problem]);
  const results = trials.map(({ recovery, judged, judge }) => ({
    name: recovery.name,
    judgement: judgeRun(judged, [crashed, judge.finish()]),
  }));
  const proved = results.find(({ judgement }) => judgement.verdict === "proved")?.name;
  const why = results.map(({ name, judgement }) => `as \`${name}\`: ${judgement.cause}`).join("; ");
  return ok({
    proved,
    why: proved === undefined ? why : "",
    console: Buffer.concat(console),
    timeline,
    identity,
  });
}

/** The recoveries that are allowed for a state that may come about at these moments: those that all of them allow. */
export function allowedRecoveries(
  { boots }: Proof,
  index: number,
  passed: readonly ReadonlySet<string>[],
): readonly Recovery[] {
  const recovers = boots[index]?.crash?.recovers ?? [];
  return recovers.filter(({ before }) => before === undefined || !passed.some((names) => names.has(before)));
}
