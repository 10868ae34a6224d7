/** Something that is done to a running machine. A target that cannot do one says so when it is asked. */
export type MachineAction =
  /** Bytes into a serial port, as if typed there. */
  | { readonly type: "send"; readonly port: "console" | "terminal"; readonly bytes: Uint8Array }
  /** A non-maskable interrupt to every processor. */
  | { readonly type: "nmi" }
  /** The reset line. The emulator runs with `-no-reboot`, so the boot ends by it. */
  | { readonly type: "reset" }
  /** The cable of the network device. */
  | { readonly type: "link"; readonly up: boolean }
  /** A disk that was asked for as `breakable` goes wrong from now on, on top of what is wrong with it already. */
  | { readonly type: "break-disk"; readonly serial: string; readonly fault: DiskFault }
  /** Asks the guest to let go of a `removable` disk, and waits until it has. */
  | { readonly type: "unplug"; readonly serial: string }
  /** One processor, from 0, executes nothing until it is told to go on. Pauses the machine for an instant each time. */
  | { readonly type: "stop-cpu"; readonly cpu: number }
  | { readonly type: "resume-cpus" };

export type DiskFault =
  /** The next operation of the kind fails, or all do; `offset`, a multiple of 512: only those that touch it. */
  | {
      readonly kind: "error";
      readonly op: "read" | "write" | "flush";
      readonly errno: "EIO" | "ENOSPC";
      readonly once: boolean;
      readonly offset?: number;
    }
  /** The first so many bytes of what is written reach the disk, and the write that goes on behind them fails. */
  | { readonly kind: "torn"; readonly bytes: number };
