import type { Problem, Result } from "../base/index.ts";
import type {
  ActionEvent,
  BootInput,
  BootPath,
  Freshness,
  Identity,
  MachineSpec,
} from "../contract/index.ts";
import type { MachineAction } from "./actions.ts";

/**
 * A place where boots run. Implementations live in one folder per target; `cloud/` adds its own.
 *
 * A boot goes `plan` → `start` → read `inputs` to their end; `end` may be called at any time between. Boots of one
 * machine may run side by side and share nothing.
 */
export interface Machine {
  readonly target: "qemu" | "record" | "gce";
  /** What the target can promise about the console belonging to this very boot. */
  readonly freshness: Freshness;
  /** What evidence says about the machine apart from any boot. Reads the host, changes nothing. */
  facts(): Promise<Result<MachineFacts>>;
  /** What `start` would do, as data. Pure: neither looks at nor touches anything. */
  plan(request: BootRequest): Result<BootPlan>;
  /** Powers the machine on. The error is a host or tool that cannot run the boot, never something the guest did. */
  start(plan: BootPlan): Promise<Result<RunningBoot>>;
  /** Ends every boot that still runs and gives everything back. */
  destroy(): Promise<void>;
}

export interface BootRequest {
  /** Name of the boot in its proof. */
  readonly name: string;
  readonly machine: MachineSpec;
  readonly system: System;
  readonly disks: readonly DataDisk[];
  /** Told to the guest, which must repeat it. Absent for kernels that would not. */
  readonly identity?: Pick<Identity, "nonce" | "boot">;
}

/** What is booted. Paths are absolute or from the directory in which the machine runs. */
export type System =
  | {
      readonly path: Extract<BootPath, "direct">;
      readonly kernel: string;
      /** What the kernel is handed beside itself: a boot module, an initramfs. */
      readonly module?: string;
      /** Of a multiboot kernel, in front of `module`, each with its own command line. */
      readonly modules?: readonly { readonly file: string; readonly commandLine: string }[];
      readonly commandLine?: string;
      /** For kernels that do not read what every machine here offers: the identity is told on the command line, too. */
      readonly identity?: "command-line";
    }
  /** A raw disk image, attached as a snapshot: the file is never written. */
  | { readonly path: Exclude<BootPath, "direct">; readonly image: string };

/** A raw file that the guest sees as a disk and may write. */
export interface DataDisk {
  /** Name under which a manifest grants the disk: 1 to 20 of `a-z0-9-`, the first a letter. */
  readonly serial: string;
  readonly file: string;
  readonly bus: "virtio-blk";
}

export interface BootPlan {
  readonly request: BootRequest;
  /** The exact command, where the target has one. */
  readonly argv: readonly string[];
  /** Files that the boot reads and the request does not name, such as firmware. */
  readonly firmware: readonly string[];
}

/** Plain data, stored with the evidence. */
export interface MachineFacts {
  readonly target: Machine["target"];
  readonly emulator?: { readonly path: string; readonly version: string };
  readonly accelerator?: AcceleratorChoice;
  readonly host?: HostFacts;
  readonly firmware: readonly FirmwareFact[];
}

export interface AcceleratorChoice {
  readonly accelerator: "tcg" | "kvm";
  /** One sentence for the output and the evidence. */
  readonly reason: string;
}

export interface HostFacts {
  readonly cpu: string;
  readonly cores: number;
  readonly kernel: string;
}

export interface FirmwareFact {
  readonly path: string;
  readonly sha256: string;
}

export interface RunningBoot {
  /**
   * Everything that happens, in order, to be read once; ends after the `exit` event. Console bytes come before the
   * event that ended them, and none is lost when the emulator exits. A slow reader slows the guest down, not memory up.
   */
  readonly inputs: AsyncIterable<BootInput>;
  /**
   * Ends the boot: `quit` lets the emulator close its files, `cut` is the power cord. The event `ended-by-tool` goes
   * into the stream at once, the rest of the console and `exit` follow. Later calls do nothing but may turn a quit
   * into a cut.
   */
  end(how: "quit" | "cut", why: EndReason, detail?: string): void;
  /** Does something to the machine; the error is a host or a target that cannot. */
  act(action: MachineAction): Promise<Result<undefined>>;
  /** Puts what was done into the stream at this moment, so that it is judged and stored in its place. */
  note(event: ActionEvent): void;
  /** Settles when nothing of the boot is left. Never rejects. */
  readonly ended: Promise<BootEnd>;
}

export type EndReason = "planned" | "decided" | "interrupted" | "host";

export interface BootEnd {
  readonly wallMs: number;
  readonly cpuMs: number;
  /** What the emulator wrote to its standard error, bounded; without the processor dumps of its reset log. */
  readonly stderr: string;
  /** Something of the host went wrong that the guest is not to blame for. */
  readonly problem?: Problem;
}
