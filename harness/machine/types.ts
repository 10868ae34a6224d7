import type { Problem, Result } from "../base/index.ts";
import type {
  ActionEvent,
  BootInput,
  BootPath,
  Freshness,
  Identity,
  MachineSpec,
  Transport,
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
  /** How the console comes from there, where that is not byte for byte. */
  readonly transport?: Transport;
  /** What the target itself tells every guest, where each boot cannot be told apart; the banner repeats it. */
  readonly stamp?: Pick<Identity, "nonce" | "boot">;
  /** Its guests stay on when they are done, so that their consoles can be read: the tool ends such a boot. */
  readonly staysOn?: true;
  /**
   * Gives back what a case has used and shows that nothing is left, before its verdict is sealed. The files belong to
   * the evidence, by name; without the proof that nothing is left there is no verdict about the guest.
   */
  settle?(): Promise<Settled>;
  /** Ends every boot that still runs and gives everything back. */
  destroy(): Promise<void>;
}

export interface Settled {
  readonly files: Readonly<Record<string, string>>;
  /** What is left, or could not be shown to be gone. */
  readonly problems: readonly Problem[];
}

export interface BootRequest {
  /** Name of the boot in its proof. */
  readonly name: string;
  readonly machine: MachineSpec;
  readonly system: System;
  readonly disks: readonly DataDisk[];
  /** What the machine's network card leads to; to nothing without it. */
  readonly network?: NetworkRequest;
  /** What the clock says at power-on, as `2031-01-01T00:00:00`, UTC. */
  readonly clock?: string;
  /**
   * The guest drops what its console does not take within milliseconds, as Linux' serial driver does after ten: what a
   * busy host has not read in time is held for it, so that a loaded host fails no proof.
   */
  readonly holdConsole?: boolean;
  /** Tell how disk requests and console bytes lie in each other's order. */
  readonly trace?: boolean;
  /** Counts instructions, so that the boot can be run again exactly: everything from outside goes into the log. */
  readonly replay?: { readonly mode: "record"; readonly log: string };
  /** A stored state of this very machine, with which the boot goes on instead of powering on. */
  readonly incoming?: string;
  /** Powered on, but without an instruction executed: somebody else lets it run. */
  readonly paused?: boolean;
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

/** The guest reaches what is named here and nothing else, at the addresses of `peerNetwork`. */
export interface NetworkRequest {
  /** TCP ports of the guest that the host wants to reach. */
  readonly forwards: readonly number[];
  /** TCP ports of the peers' address, each with the port of the host's loopback that it leads to. */
  readonly services: readonly { readonly guestPort: number; readonly hostPort: number }[];
  /** Datagrams to and from the peers' address go by `Network`. */
  readonly datagrams: boolean;
}

/** A raw file that the guest sees as a disk and may write. */
export interface DataDisk {
  /** Name under which a manifest grants the disk: 1 to 20 of `a-z0-9-`, the first a letter. */
  readonly serial: string;
  readonly file: string;
  readonly bus: "virtio-blk";
  /** File, empty at first, into which every write and flush of the guest is logged as well. */
  readonly log?: string;
  /** The disk can be broken while the guest runs, and the guest is told of its errors. */
  readonly breakable?: boolean;
  /** The disk can be taken away while the guest runs, if the guest plays its part. */
  readonly removable?: boolean;
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
  /** Whose instance it was: the service's, or one of the provider on this host that behaves like it. */
  readonly provider?: "google" | "local";
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

/**
 * How a guest's disk requests and its console lie in each other's order, without any clock. Only one listener; it
 * hears everything from power-on, however late it comes, and nothing after the machine's end.
 */
export interface Trace {
  listen(listener: TraceListener): void;
}

/** `disk` is a disk's file as the request named it; `request` counts requests of all disks. */
export interface TraceListener {
  /** The guest has written a byte to its console. */
  printed(byte: number): void;
  /** The guest has asked for a write; `fua`: it is durable when it is done. */
  wrote(write: {
    readonly disk: string;
    readonly request: number;
    readonly sector: number;
    readonly sectors: number;
    readonly fua: boolean;
  }): void;
  /** The guest has asked for a flush. */
  flushing(flush: { readonly disk: string; readonly request: number }): void;
  /** A piece of a write has been put into the log of `disk`, at this byte of the log. */
  logged(entry: { readonly disk: string; readonly offset: number }): void;
  /** The guest has been told that a request is done. */
  done(end: { readonly disk: string; readonly request: number; readonly ok: boolean }): void;
  /** The disk whose log a file is. */
  diskOfLog(file: string): string | undefined;
}

/** The network of a running machine, from the host's side. */
export interface Network {
  /** The port of the host's loopback that leads to this TCP port of the guest. */
  forwarded(guestPort: number): Promise<Result<number>>;
  /** Only one listener: it gets every datagram that the guest sends to its peers' address. */
  onDatagram(listener: (datagram: Datagram) => void): void;
  /** Frames of the guest that were no datagram to its peers, by why: how many so far. */
  readonly unread: ReadonlyMap<string, number>;
  /** Puts a datagram on the wire. It may be lost, as datagrams may. */
  sendDatagram(datagram: Datagram): void;
}

/** A datagram between a UDP port of the guest and one of its peers' address. */
export interface Datagram {
  readonly guestPort: number;
  readonly peerPort: number;
  readonly bytes: Uint8Array;
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
  /** Present when the machine has a network. */
  readonly network?: Network | undefined;
  /** Present when the request asked for it. */
  readonly trace?: Trace | undefined;
  /** Puts what was done into the stream at this moment, so that it is judged and stored in its place. */
  note(event: ActionEvent): void;
  /** Where the machine itself can be asked and told things, for looking inside. */
  readonly monitor?: Monitor;
  /** Settles when nothing of the boot is left. Never rejects. */
  readonly ended: Promise<BootEnd>;
}

/** An emulator's control channel. */
export interface Monitor {
  /** The error is the emulator's own description, or that it is gone. */
  execute(command: string, args?: Readonly<Record<string, unknown>>): Promise<Result<unknown, string>>;
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
