import { exitCodes, unreachable } from "../base/index.ts";
import type { Verdict } from "./types.ts";

/**
 * The exit code of a command that gave these verdicts. Of several failures the one that says most about the
 * tool wins: 70 (harness), 7 (host, cloud), 1 (not proved). 4: nothing was selected, or nothing was judged.
 */
export function exitOf(verdicts: readonly Verdict[]): number {
  const codes = verdicts.map(codeOf);
  const { bug, host, notProved, proved, nothing } = exitCodes;
  return [bug, host, notProved, proved].find((code) => codes.includes(code)) ?? nothing;
}

function codeOf(verdict: Verdict): number {
  switch (verdict) {
    case "proved":
      return exitCodes.proved;
    case "refuted":
    case "guest-died":
    case "no-progress":
      return exitCodes.notProved;
    case "host-error":
    case "cloud-error":
      return exitCodes.host;
    case "harness-error":
      return exitCodes.bug;
    case "filtered":
    case "not-run":
      return exitCodes.nothing;
    default:
      return unreachable(verdict);
  }
}
