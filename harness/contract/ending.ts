import { unreachable } from "../base/index.ts";
import type { CauseKind } from "./judgement.ts";
import { describeExit, exitCodeOf, type Speech } from "./speech.ts";
import type { Ending } from "./types.ts";

/** What is known of how a guest left, when nothing more will come. */
export interface Departure {
  readonly exit: { readonly code: number | null; readonly signal: string | null } | undefined;
  readonly wasReset: boolean;
  readonly poweredOff: boolean;
  /** Status of the last line, when it was said and was the right one. */
  readonly halted: number | undefined;
  /** An expected panic was seen. */
  readonly panicked: boolean;
  /** What was still awaited, for the sentence: a landmark, the banner, the end. */
  readonly awaited: string;
  readonly isChainComplete: boolean;
}

type Finding = { readonly kind: CauseKind; readonly sentence: string } | undefined;

/** Why a guest's departure is not the declared one; undefined when it is. */
export function judgeDeparture(ends: Ending, departure: Departure, exitMeaning: Speech["exit"]): Finding {
  switch (ends.how) {
    case "halt":
      if (departure.halted === undefined) return judgeDeath(departure, exitMeaning);
      return judgeExitCode(departure, exitMeaning, exitCodeOf.halt(ends.status), `status=${ends.status}`);
    case "panic":
      if (!departure.panicked) return judgeDeath(departure, exitMeaning);
      return judgeExitCode(departure, exitMeaning, exitCodeOf.panic, "a panic");
    case "reset":
      return departure.wasReset && departure.isChainComplete ? undefined : judgeDeath(departure, exitMeaning);
    case "landmark":
    case "power-cut":
      // Had the landmark been seen, the boot would have been over.
      return judgeDeath(departure, exitMeaning);
    default:
      return unreachable(ends);
  }
}

function judgeDeath(departure: Departure, exitMeaning: Speech["exit"]): Finding {
  const { exit, awaited } = departure;
  if (exitMeaning === "isa-debug-exit" && exit?.code === exitCodeOf.panic) {
    return {
      kind: "panic",
      sentence: `the emulator's exit code ${exit.code} says kernel panic while ${awaited} was awaited`,
    };
  }
  if (departure.wasReset)
    return { kind: "reset", sentence: `the machine was reset while ${awaited} was awaited` };
  if (exit !== undefined) {
    return {
      kind: "exit",
      sentence: `the emulator ${describeExit(exit.code, exit.signal)} while ${awaited} was awaited`,
    };
  }
  if (departure.poweredOff) {
    return { kind: "exit", sentence: `the guest powered off while ${awaited} was awaited` };
  }
  return { kind: "silence", sentence: `the console ends while ${awaited} is awaited` };
}

/** The line judges; where the device exists the code must agree. Codes 0 and 1 never mean success. */
function judgeExitCode(
  departure: Departure,
  exitMeaning: Speech["exit"],
  due: number,
  said: string,
): Finding {
  const { exit } = departure;
  if (exit === undefined || exitMeaning === "none" || exit.code === due) return undefined;
  return {
    kind: "exit-code",
    sentence: `the console says ${said}, for which the exit code is ${due}, but the emulator ${describeExit(exit.code, exit.signal)}`,
  };
}
