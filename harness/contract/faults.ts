/** Something that is done to a machine when its guest has said a line. docs/faults.md names each one's mechanism. */
export type Fault = FaultTrigger & FaultKind;

export interface FaultTrigger {
  /** Its name within the boot. */
  readonly name: string;
  /** The landmark at whose first line it comes. */
  readonly at: string;
  /** Milliseconds of wall time behind that line. */
  readonly afterMs: number;
}

/** What goes wrong. Disks are named by serial number. */
export type FaultKind =
  /** Operations of one kind fail: the next one, or all from now on; where `offset` is given, only those that touch it. */
  | {
      readonly kind: "disk-error";
      readonly disk: string;
      readonly op: DiskOperation;
      readonly errno: DiskErrno;
      readonly once: boolean;
      /** Byte of the disk, a multiple of 512. */
      readonly offset?: number;
    }
  /** Of what is written from now on the first `bytes` bytes reach the disk, and the write that goes on behind them fails. */
  | { readonly kind: "torn-write"; readonly disk: string; readonly bytes: number }
  /** Every write fails for lack of room. */
  | { readonly kind: "disk-full"; readonly disk: string }
  /** The network cable is out for a while. */
  | { readonly kind: "link-down"; readonly forMs: number }
  /** The machine asks the guest to let go of a disk, and takes it away once the guest has. */
  | { readonly kind: "unplug"; readonly disk: string }
  | { readonly kind: "nmi" }
  /** One processor executes nothing for a while; the others go on. */
  | { readonly kind: "stop-cpu"; readonly cpu: number; readonly forMs: number }
  | { readonly kind: "reset" };

export const diskOperations = ["read", "write", "flush"] as const;
export type DiskOperation = (typeof diskOperations)[number];

export const diskErrnos = ["EIO", "ENOSPC"] as const;
export type DiskErrno = (typeof diskErrnos)[number];

/** Which of the writes that were not flushed survive a power cut; a number seeds a repeatable choice. */
export type Keep = "none" | "all" | { readonly random: number };
