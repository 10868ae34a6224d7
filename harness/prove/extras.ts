import type { DebugWish } from "./debug/companion.ts";
import type { Frozen } from "./freeze/freeze.ts";

/** What a run was asked to do beside proving. None of it is of a proof, and a verdict depends on none of it. */
export interface Extras {
  /** Keep a log of each boot from which it can be run again, instruction for instruction. */
  readonly record: boolean;
  /**
   * Pause a machine that has failed its boot instead of ending it, and look inside. The function is told what was
   * found; the machine stays as it is until it settles.
   */
  readonly freeze?: (frozen: Frozen) => Promise<void>;
  /** Power every machine on, also those whose proof goes on from a shared boot. */
  readonly cold: boolean;
  /** Stop the machine of one boot at a landmark and give it to somebody. */
  readonly debug?: DebugWish;
}
