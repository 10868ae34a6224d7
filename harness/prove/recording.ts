import { canonicalJson, type Clock, sha256 } from "../base/index.ts";
import { judgeVersion } from "../contract/index.ts";
import type { MachineFacts } from "../machine/index.ts";
import { type CaseResult, causeOf } from "./case.ts";
import { appendHistory, historyFile } from "./history/file.ts";
import { noteFlake } from "./history/flakes.ts";
import type { HistoryRecord } from "./history/record.ts";
import { baseRef } from "./plan.ts";
import { guestCpuMsOf, guestMsOf } from "./tally.ts";

/** Digest of what decides a verdict beside the declared inputs: the judge, the tool, the kind of host. */
export function underOf(capos: string, facts: MachineFacts): string {
  const host = { cpu: facts.host?.cpu ?? "", cores: facts.host?.cores ?? 0 };
  return sha256(canonicalJson({ judge: judgeVersion, capos, host, target: facts.target })).slice(0, 16);
}

export interface RecordingContext {
  readonly root: string;
  readonly run: string;
  readonly capos: string;
  readonly clock: Clock;
}

/** Keeps what a case came to and cost. Returns whether it is a pass behind a failure of the same inputs. */
export function recordResult(result: CaseResult, context: RecordingContext): boolean {
  const { verdict } = result;
  if (verdict === "not-run" || verdict === "filtered") return false;
  const record = recordOf(result, context);
  const file = historyFile(context.root);
  // Before the record is there, so that the newest of its inputs is the one before it.
  const flake = noteFlake(context.root, file, record);
  appendHistory(file, record);
  return flake !== undefined;
}

function recordOf(result: CaseResult, { run, capos, clock }: RecordingContext): HistoryRecord {
  const { case: one } = result;
  return {
    v: 1,
    at: new Date(clock.now()).toISOString(),
    run,
    case: baseRef(one.ref).id,
    attempt: one.attempt ?? 1,
    verdict: result.verdict,
    cause: causeOf(result).slice(0, 200),
    ms: result.ms,
    guestMs: Math.round(guestMsOf(result)),
    cpuMs: Math.round(guestCpuMsOf(result)),
    digest: result.digest ?? "",
    accelerator: one.facts.accelerator?.accelerator ?? "none",
    under: underOf(capos, one.facts),
  };
}
