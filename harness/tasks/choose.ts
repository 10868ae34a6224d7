/** Which stored cases close a task: for each proof and boot path one that shows all that the record asks. */
import { relative } from "node:path";
import { type Problem, type Result, err, ok } from "../base/index.ts";
import { type BootPath, type Point, pointsOf, showSize, type Verdict } from "../contract/index.ts";
import {
  type DeclaredInputs,
  type PackedBundle,
  type StoredCase,
  compareJudgements,
  inspectCase,
  packCase,
} from "../evidence/index.ts";
import type { Deps } from "./deps.ts";
import { mismatches, missing, mustBeCold, whyElsewhere } from "./match.ts";
import type { Requirement, TaskRecord } from "./record.ts";
import { changedInputs } from "./stale.ts";

export interface CloseDeps extends Deps {
  /** Directories of the cases of a proof on a boot path, the newest first. */
  readonly cases: (proof: string, path: BootPath) => readonly string[];
}

/** Verdicts that say something about the system under proof. */
const decisive: readonly Verdict[] = ["proved", "refuted", "guest-died", "no-progress"];

export type Chosen = PackedBundle & { readonly case: StoredCase };

/** For each proof and path of the record the case that decides; all that is missing is reported together. */
export async function chooseEvidence(
  root: string,
  task: TaskRecord,
  deps: CloseDeps,
): Promise<Result<readonly Chosen[]>> {
  const chosen: Chosen[] = [];
  const problems: Problem[] = [];
  for (const requirement of task.closesOn) {
    for (const path of requirement.paths) {
      const current = await deps.current(requirement.proof, path);
      if (!current.ok) return current;
      const found = decidingCases(root, requirement, path, current.value, deps);
      if (found.ok) chosen.push(...found.value);
      else problems.push(...found.error);
    }
  }
  if (problems.length > 0) return err(problems);
  // Two requirements may be met by one case.
  return ok([...new Map(chosen.map((c) => [c.digest, c])).values()]);
}

/** The case that decides at each point of the proof's matrix on this path: what it varies must all be proved. */
function decidingCases(
  root: string,
  requirement: Requirement,
  path: BootPath,
  current: DeclaredInputs,
  deps: CloseDeps,
): Result<readonly Chosen[]> {
  const first = decidingCase(root, requirement, path, current, deps);
  if (!first.ok) return first;
  const chosen = [first.value];
  const { machine, axes } = first.value.case.inputs.proof;
  const proof = { machine, ...(axes === undefined ? {} : { axes }) };
  const others = pointsOf(proof).filter((point) => point.path === path && !isAt(first.value.case, point));
  const problems: Problem[] = [];
  for (const point of others) {
    const found = decidingCase(root, requirement, path, current, deps, point);
    if (found.ok) chosen.push(found.value);
    else problems.push(...found.error);
  }
  return problems.length > 0 ? err(problems) : ok(chosen);
}

function isAt({ inputs }: StoredCase, { cpus, memoryBytes }: Point): boolean {
  return inputs.proof.machine.cpus === cpus && inputs.proof.machine.memoryBytes === memoryBytes;
}

/**
 * The newest case that was judged and was made of the tree as it stands. An older pass does not stand
 * against it; runs of other trees, and runs that the host or a person ended, decide nothing.
 */
function decidingCase(
  root: string,
  requirement: Requirement,
  path: BootPath,
  current: DeclaredInputs,
  deps: CloseDeps,
  at?: Point,
): Result<Chosen> {
  let why: readonly Problem[] | undefined;
  for (const dir of deps.cases(requirement.proof, path)) {
    const shown = relative(root, dir);
    const state = inspectCase(dir);
    if (state.ok && state.value.state === "ended" && !decisive.includes(state.value.verdict.verdict)) {
      const { verdict, cause } = state.value.verdict;
      why ??= [missing(requirement, path, `${state.value.started.case.id}: it ended ${verdict}: ${cause}`)];
      continue;
    }
    const packed = packCase(dir, shown);
    if (!packed.ok) {
      why ??= packed.error;
      continue;
    }
    const stored = packed.value.case;
    if (at !== undefined && !isAt(stored, at)) continue;
    const elsewhere = whyElsewhere(requirement, stored.inputs);
    if (elsewhere !== undefined) {
      // It says nothing against a run where the record wants it, older or not.
      why ??= [missing(requirement, path, `${stored.started.case.id}: ${elsewhere}`)];
      continue;
    }
    const changed = changedInputs(stored.inputs.declared, current);
    if (changed.length > 0) {
      const message = `${stored.started.case.id}: it is stale, for these have changed since: ${changed.join(", ")}`;
      why ??= [missing(requirement, path, message)];
      continue;
    }
    const forked = stored.boots.find(({ boot }) => boot.fork !== undefined)?.boot;
    if (forked !== undefined && stored.verdict.verdict === "proved") {
      // It says nothing against an older run that was powered on.
      why ??= [mustBeCold(requirement, path, stored.started.case.id, forked)];
      continue;
    }
    const faults = mismatches(requirement, path, stored);
    if (faults.length > 0) return err(faults);
    const judged = compareJudgements(stored, deps.rejudge, `${shown}/judgement.json`).problems;
    return judged.length === 0 ? ok(packed.value) : err(judged);
  }
  const point = at === undefined ? "" : ` with ${at.cpus} processors and ${showSize(at.memoryBytes)}`;
  return err(
    why ?? [missing(requirement, path, `there is no run of ${requirement.proof} on ${path}${point}`)],
  );
}
