/** A closed task is stale when what its proofs declare as inputs has changed since, and not when HEAD has. */
import { type Result, ok } from "../base/index.ts";
import { type DeclaredInputs, evidenceFolder, openBundle } from "../evidence/index.ts";
import type { CurrentInputs } from "./deps.ts";
import type { TaskRecord } from "./record.ts";

export interface Stale {
  readonly proof: string;
  readonly path: string;
  /** Names of the declared inputs that are not what they were. */
  readonly changed: readonly string[];
}

/** Which of a closed task's proofs would have to be proved again; empty when it is fresh. */
export async function staleProofs(
  root: string,
  record: TaskRecord,
  current: CurrentInputs,
): Promise<Result<readonly Stale[]>> {
  const stale: Stale[] = [];
  for (const digest of record.closed?.evidence ?? []) {
    const stored = openBundle(root, `${evidenceFolder}/${digest}.tar`);
    if (!stored.ok) return stored;
    const { proof, path } = stored.value.started.case;
    const now = await current(proof, path);
    if (!now.ok) return now;
    const changed = changedInputs(stored.value.inputs.declared, now.value);
    if (changed.length > 0) stale.push({ proof, path, changed });
  }
  return ok(stale);
}

/** Names of the parts in which two sets of declared inputs differ. */
export function changedInputs(then: DeclaredInputs, now: DeclaredInputs): readonly string[] {
  if (then.digest === now.digest) return [];
  const names = new Set([...Object.keys(then.parts), ...Object.keys(now.parts)]);
  return [...names].filter((name) => then.parts[name] !== now.parts[name]).toSorted();
}
