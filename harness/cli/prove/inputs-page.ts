import { join, relative } from "node:path";
import { ok, type Result } from "../../base/index.ts";
import type { Proof } from "../../contract/index.ts";
import { type DeclaredInputs, packCase } from "../../evidence/index.ts";
import {
  cachedVerdict,
  declaredNow,
  historyFile,
  type HistoryRecord,
  matrixOf,
  readHistory,
  underOf,
} from "../../prove/index.ts";
import { hostFacts } from "../../machine/index.ts";
import { loadOptions } from "../tree.ts";
import { version } from "../version.ts";

/**
 * What a proof is made from now, which of it has changed since the newest verdict of each case, and what the next run
 * would do. Lines for a person.
 */
export async function inputsPage(root: string, proof: Proof): Promise<Result<readonly string[]>> {
  const cacheDir = join(root, ".capos", "cache");
  const now = await declaredNow(proof, { root, cacheDir, load: loadOptions });
  if (!now.ok) return now;
  const history = readHistory(historyFile(root));
  const lastOf = (id: string): HistoryRecord | undefined => history.findLast((record) => isOf(record, id));
  const cases = matrixOf(proof).map(({ ref }) => ({ id: ref.id, last: lastOf(ref.id) }));
  const newest = cases
    .flatMap(({ last }) => (last === undefined ? [] : [last]))
    .toSorted((a, b) => (a.at < b.at ? 1 : -1))[0];
  const then = newest === undefined ? undefined : inputsOf(root, newest);
  const width = Math.max(0, ...cases.map(({ id }) => id.length));
  return ok([
    ...inputLines(now.value, then, newest),
    "",
    "The next run:",
    ...cases.map(({ id, last }) => `  ${id.padEnd(width)}  ${nextRun(root, now.value, last)}`),
  ]);
}

function inputLines(
  now: DeclaredInputs,
  then: DeclaredInputs | undefined,
  newest: HistoryRecord | undefined,
): readonly string[] {
  const names = [...new Set([...Object.keys(now.parts), ...Object.keys(then?.parts ?? {})])].toSorted();
  const width = Math.max(0, ...names.map((name) => name.length));
  const rows = names.map((name) => {
    const [is, was] = [now.parts[name], then?.parts[name]];
    const mark =
      then === undefined || is === was
        ? ""
        : was === undefined
          ? "new"
          : is === undefined
            ? "gone"
            : "changed";
    const before = mark === "changed" ? `, was ${was?.slice(0, 16)}` : "";
    return `  ${mark.padEnd(8)}${name.padEnd(width)}  ${is?.slice(0, 16) ?? ""}${before}`.trimEnd();
  });
  if (newest === undefined) return ["Inputs; it was never run here:", ...rows];
  const since = `${newest.at.slice(0, 16)}Z (${newest.case} ${newest.verdict}, run ${newest.run})`;
  return [`Inputs; marked is what differs from ${since}:`, ...rows];
}

function nextRun(root: string, now: DeclaredInputs, last: HistoryRecord | undefined): string {
  if (last === undefined) return "runs: it was never run here";
  const when = `${last.at.slice(0, 16)}Z`;
  if (last.digest !== now.digest) {
    const then = inputsOf(root, last);
    const changed =
      then === undefined
        ? ["its inputs"]
        : [...new Set([...Object.keys(then.parts), ...Object.keys(now.parts)])]
            .filter((name) => then.parts[name] !== now.parts[name])
            .toSorted();
    return `runs: since it was ${last.verdict} on ${when}, changed: ${changed.join(", ")}`;
  }
  const under = underOf(version, { target: "qemu", host: hostFacts(), firmware: [] });
  const answer = cachedVerdict(root, historyFile(root), { ...last, under });
  if (answer.hit)
    return `runs, or with --cached is answered by ${answer.record.run}, proved ${answer.record.at.slice(0, 16)}Z`;
  return `runs: ${answer.why}`;
}

/** What a stored case was made from; undefined when its evidence is gone. */
function inputsOf(root: string, record: HistoryRecord): DeclaredInputs | undefined {
  const name = record.attempt === 1 ? record.case : `${record.case}.${record.attempt}`;
  const dir = join(root, ".capos", "runs", record.run, name);
  const packed = packCase(dir, relative(root, dir));
  return packed.ok ? packed.value.case.inputs.declared : undefined;
}

/** With or without the accelerator, which only proofs that ask for both have in their cases' names. */
function isOf(record: HistoryRecord, id: string): boolean {
  return record.case === id || record.case === `${id}+kvm` || record.case === `${id}+tcg`;
}
