import type { BootSpec, CaptureRef } from "./types.ts";

/** Try every state in which a crash between two landmarks of the boot may leave a disk. docs/crash-states.md. */
export interface Crash {
  /** Landmarks of the boot: from behind the line of the first to the end of the line of the second. */
  readonly window: readonly [string, string];
  /** Serial number. */
  readonly disk: string;
  /** The checker of the disk's format; without one, states are only tried by booting. */
  readonly check?: Checker;
  /** Where more writes are pending than all their subsets could be tried, at most so many are kept, or lost. */
  readonly reorder: number;
  /** Whether writes are also torn between sectors. */
  readonly torn: boolean;
  /** States that are really booted. */
  readonly sample: number;
  /** What a boot of such a state may show: one of them must be proved. */
  readonly recovers: readonly Recovery[];
  /** Captures that must be equal, of this boot and of a recovery. */
  readonly same: readonly (readonly [CaptureRef, CaptureRef])[];
}

/** A boot that may follow a crash. */
export interface Recovery extends BootSpec {
  /** Allowed only where the crash came before the end of this landmark's line. */
  readonly before?: string;
}

/** Format checkers that the tree has, each a host program. */
export const checkers = ["capos-store"] as const;
export type Checker = (typeof checkers)[number];
