/**
 * Verdicts that need not be found again. There is no store of them: the history says under which inputs a case was
 * proved, and the evidence of that run must still be there and verify.
 */
import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import { sha256 } from "../../base/index.ts";
import { judgeAgain, verifyCase } from "../../evidence/index.ts";
import { newestWith } from "./file.ts";
import { blamesGuest, type HistoryRecord, sameInputs } from "./record.ts";

/** What a cached verdict is looked up by. */
export type VerdictKey = Pick<HistoryRecord, "case" | "digest" | "accelerator" | "under">;

/** Why a case is answered from an earlier run, or why it is not. */
export type CacheAnswer =
  | { readonly hit: true; readonly record: HistoryRecord; readonly dir: string }
  | { readonly hit: false; readonly why: string };

/**
 * Looks for an earlier proof of exactly these inputs. A case that has ever failed under them is not answered from
 * the cache again: its verdict is not a function of what is known about it.
 */
export function cachedVerdict(root: string, history: string, key: VerdictKey): CacheAnswer {
  const same = [...newestWith(history, key.digest)].filter((record) => sameInputs(record, key));
  const failed = same.find((record) => blamesGuest(record.verdict));
  if (failed !== undefined) {
    return { hit: false, why: `it was ${failed.verdict} under the same inputs on ${failed.at}` };
  }
  const proved = same.filter((record) => record.verdict === "proved" && record.attempt === 1);
  for (const record of proved) {
    const dir = join(root, ".capos", "runs", record.run, record.case);
    if (existsSync(dir) && isSound(root, dir)) return { hit: true, record, dir };
  }
  const why =
    proved.length === 0 ? "it was never proved under these inputs" : "the evidence of its proof is gone";
  return { hit: false, why };
}

function isSound(root: string, dir: string): boolean {
  const report = verifyCase(root, relative(root, dir), judgeAgain);
  return report.problems.length === 0 && report.case?.verdict.verdict === "proved";
}

/**
 * Which hits are run again all the same. A share above 0 takes at least one; the same seed takes the same ones.
 * `share` is from 0 to 1.
 */
export function sampleOf<T>(
  hits: readonly T[],
  share: number,
  seed: string,
  keyOf: (hit: T) => string,
): readonly T[] {
  const count = Math.min(hits.length, Math.ceil(share * hits.length));
  const order = new Map(hits.map((hit) => [hit, sha256(`${seed} ${keyOf(hit)}`)]));
  return hits.toSorted((a, b) => ((order.get(a) ?? "") < (order.get(b) ?? "") ? -1 : 1)).slice(0, count);
}
