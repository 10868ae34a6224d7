import { randomBytes } from "node:crypto";
import { err, fail, ok, problem, type Problem, type Result } from "../../base/index.ts";
import { checkProof, type Proof } from "../../contract/index.ts";
import { listProofs, loadProof } from "../../manifest/index.ts";
import {
  baseRef,
  type Case,
  type Expected,
  expectedFrom,
  type Filter,
  historyFile,
  type PathChoice,
  proofsToLoad,
  proveCodes,
  readGivenHistory,
  readHistory,
  selectCases,
  splitEvenly,
  tagFilter,
  type Wanted,
} from "../../prove/index.ts";
import type { SelectionFlags } from "../commands/selection.ts";
import { loadOptions } from "../tree.ts";

export interface Selected {
  readonly cases: readonly Case[];
  /** What cases are expected to take. Read when it is first asked for: one case has no order. */
  readonly expected: () => Expected;
}

/** The cases that the command line means. All problems of all proofs are reported together. */
export async function select(
  root: string,
  flags: SelectionFlags,
  names: readonly string[],
): Promise<Result<Selected>> {
  if (names.length === 0 && !narrows(flags) && flags.also === undefined) {
    return fail(problem(proveCodes, "CAPOS_PROVE_NOTHING", "no proof was named"));
  }
  const given = flags.history === undefined ? undefined : readGivenHistory(flags.history);
  if (given?.ok === false) return given;
  const all = listProofs(root);
  const also = flags.also ?? [];
  const isChosen = names.length > 0 || narrows(flags);
  const wanted = isChosen ? proofsToLoad(names, all) : [];
  const proofs = await loadSound(root, [
    ...new Set([...wanted, ...(also.length > 0 ? proofsToLoad(also, all) : [])]),
  ]);
  if (!proofs.ok) return proofs;
  const filters = await filtersOf(root, flags);
  if (!filters.ok) return filters;
  const filtered = { names, choice: choiceOf(flags), filters: filters.value };
  const selected = withAlso(proofs.value, isChosen ? filtered : undefined, also);
  if (!selected.ok) return selected;
  let known: Expected | undefined;
  const expected = (): Expected => (known ??= expectedFrom(given?.value ?? readHistory(historyFile(root))));
  const cases = shardOf(selected.value, flags, expected);
  return cases.ok ? ok({ cases: cases.value, expected }) : cases;
}

/** A selection with what is to be there in any case, which alone is enough. */
function withAlso(
  proofs: readonly Proof[],
  filtered: Wanted | undefined,
  names: readonly string[],
): Result<readonly Case[]> {
  const selected = filtered === undefined ? ok([]) : selectCases(proofs, filtered);
  if (names.length === 0) return selected;
  const also = selectCases(proofs, { names, choice: "first", filters: [] });
  if (!also.ok) return also;
  const isEmpty = !selected.ok && selected.error.every((p) => p.code === "CAPOS_PROVE_NOTHING");
  if (!selected.ok && !isEmpty) return selected;
  const chosen = selected.ok ? selected.value : [];
  const known = new Set(chosen.map((one) => one.ref.id));
  return ok([...chosen, ...also.value.filter((one) => !known.has(one.ref.id))]);
}

/** What a case is expected to take in milliseconds; one that asks for both accelerators is run with both. */
export function expectedMs(one: Case, expected: Expected): number {
  const { id } = baseRef(one.ref);
  if (one.proof.machine.accel !== "both" || one.accelerator !== undefined) return expected(id).ms;
  return expected(`${id}+kvm`).ms + expected(`${id}+tcg`).ms;
}

/** Whether the flags choose among all proofs by themselves. */
function narrows({ all, tag, milestone, since, failed }: SelectionFlags): boolean {
  return all || failed || [tag, milestone, since].some((flag) => flag !== undefined);
}

function choiceOf(flags: SelectionFlags): PathChoice {
  const { boot, all, failed, milestone } = flags;
  if (boot !== undefined && !boot.includes("all")) return boot.filter((path) => path !== "all");
  return boot !== undefined || all || failed || milestone !== undefined ? "all" : "first";
}

async function loadSound(root: string, names: readonly string[]): Promise<Result<readonly Proof[]>> {
  const problems: Problem[] = [];
  const proofs: Proof[] = [];
  for (const name of names) {
    const loaded = await loadProof(root, name);
    if (!loaded.ok) {
      problems.push(...loaded.error);
      continue;
    }
    problems.push(...checkProof(loaded.value));
    proofs.push(loaded.value);
  }
  return problems.length > 0 ? err(problems) : ok(proofs);
}

/** What few runs ask for is loaded by those that do. */
async function filtersOf(root: string, flags: SelectionFlags): Promise<Result<readonly Filter[]>> {
  const filters: Filter[] = [];
  if (flags.tag !== undefined) filters.push(tagFilter(flags.tag));
  if (flags.failed) filters.push(failedFilter(root));
  if (flags.milestone !== undefined) {
    const { milestoneFilter } = await import("./milestone.ts");
    const found = milestoneFilter(root, flags.milestone);
    if (!found.ok) return found;
    filters.push(found.value);
  }
  if (flags.since !== undefined) {
    const [{ sinceFilter }, { createSupervisor }] = await Promise.all([
      import("../../prove/index.ts"),
      import("../../process/index.ts"),
    ]);
    const supervisor = createSupervisor(`since-${process.pid}-${randomBytes(4).toString("hex")}`);
    try {
      const found = await sinceFilter(flags.since, { root, supervisor, load: loadOptions });
      if (!found.ok) return found;
      filters.push(found.value);
    } finally {
      await supervisor.close();
    }
  }
  return ok(filters);
}

/** Cases whose last attempt in the newest run was not proved. */
function failedFilter(root: string): Filter {
  const history = readHistory(historyFile(root));
  const newest = history.at(-1)?.run;
  const last = new Map(history.filter((r) => r.run === newest).map((r) => [r.case, r.verdict]));
  return {
    asked: "--failed",
    counterexamples: true,
    reason({ ref }) {
      const { id } = baseRef(ref);
      const found = [id, `${id}+kvm`, `${id}+tcg`].map((name) => last.get(name));
      const verdict = found.find((v) => v !== undefined && v !== "proved");
      return verdict === undefined ? undefined : `${verdict} in run ${newest}`;
    },
  };
}

function shardOf(
  cases: readonly Case[],
  { shard }: SelectionFlags,
  expected: () => Expected,
): Result<readonly Case[]> {
  if (shard === undefined) return ok(cases);
  const known = expected();
  const parts = splitEvenly(
    cases,
    shard.of,
    (one) => one.ref.id,
    (one) => expectedMs(one, known),
  );
  const part = parts[shard.index - 1] ?? [];
  if (part.length > 0) return ok(part);
  const message = `shard ${shard.index}/${shard.of} of ${cases.length} cases is empty`;
  const next = `make no more shards than there are cases`;
  return fail(problem(proveCodes, "CAPOS_PROVE_NOTHING", message, { next }));
}
