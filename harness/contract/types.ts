import type { Span } from "../base/index.ts";
import type { Send } from "./interaction.ts";
import type { Peer } from "./peers.ts";
import type { Axes } from "./axes.ts";
import type { Crash } from "./crash.ts";
import type { Fault, Keep } from "./faults.ts";
import type { Quarantine } from "./policy.ts";
import type { Fork } from "./snapshot.ts";

/** How a system is brought to its kernel. `direct` is QEMU's PVH `-kernel`. */
export type BootPath = "direct" | "bios" | "uefi";

export type AcceleratorPolicy = "prefer-kvm" | "require-kvm" | "tcg" | "both";

/** A declared experiment, as the manifest room hands it over: names resolved, defaults filled in. */
export interface Proof {
  readonly name: string;
  readonly title: string;
  /** Name of the image, which is a file of `manifests/`. */
  readonly image: string;
  readonly tags: readonly string[];
  readonly machine: MachineSpec;
  /** What is varied beside the boot paths; absent where nothing is. */
  readonly axes?: Axes;
  /** It is known to fail at times: its failures do not count until a day. */
  readonly quarantine?: Quarantine;
  /** It is new: its failures do not count until this day, `YYYY-MM-DD` in UTC. */
  readonly warnUntil?: string;
  /** By serial number, under which a manifest grants the disk. */
  readonly disks: Readonly<Record<string, DiskSpec>>;
  readonly boots: readonly BootSpec[];
  /** Captures that must be equal, as `boot.landmark.capture`. */
  readonly same: readonly (readonly [CaptureRef, CaptureRef])[];
  /** Captures that must be the same on every target of a run: boot path, accelerator, processors, memory. */
  readonly everywhere?: readonly CaptureRef[];
  /** Captures that must lie within bounds. */
  readonly bounds: readonly Bound[];
  readonly never: readonly Never[];
  readonly requires: Requirements;
  /** Regular expression (RE2-like, whole line) of lines that may cut into others, such as printk's. */
  readonly foreign: string;
  /** Regular expression of landmark labels that must all be declared; empty: none. */
  readonly closed: string;
  /** How a kernel that is not of this tree announces itself; capos' own words unless declared. */
  readonly guest?: GuestSpeech;
  /** What of the host talks with the guest, by name. */
  readonly peers?: Readonly<Record<string, Peer>>;
  /** The shared boot that the first boot goes on from, whose landmarks its chain begins with. */
  readonly from?: Fork;
  /** Where things stand in the source, by path such as `boots.0.landmarks.1.line`. */
  readonly spans: ReadonlyMap<string, Span>;
}

/** What must be there for the claim to be about anything. */
export interface Requirements {
  /** Devices that the machine must say it has. */
  readonly devices: readonly string[];
  /** Devices that the guest itself must say it has found, in every boot. */
  readonly enumerated?: readonly Enumerated[];
}

/** A device as the guest tells of it: a line that comes at least once, anywhere behind the banner. */
export interface Enumerated {
  /** One of the required devices. */
  readonly device: string;
  /** Pattern of a whole line, as a landmark's; what it captures is compared with nothing. */
  readonly line: string;
}

/** The lines by which a guest says where it stands, as patterns like a landmark's. */
export interface GuestSpeech {
  /** First line that counts; its captures `nonce`, `boot` and `system`, where it has them, are compared. */
  readonly banner: string;
  /** Last line; its capture `status`, where it has one, is the status of a halt, which is 0 otherwise. */
  readonly trailer: string;
  /** Lines that say that the guest has died. */
  readonly panic: readonly string[];
  /** Whether the emulator's exit code repeats the status (33, 35, 37) or says nothing. */
  readonly exit: "isa-debug-exit" | "none";
}

export interface MachineSpec {
  readonly type: "q35";
  readonly cpu: string;
  readonly memoryBytes: number;
  readonly cpus: number;
  readonly accel: AcceleratorPolicy;
  readonly boot: readonly BootPath[];
  /** A second serial port. */
  readonly terminal?: true;
  /** A network card, on which nobody but the proof's peers is; given with peers, too. */
  readonly network?: true;
  /** Executed instructions are the machine's only clock; under TCG only. */
  readonly icount?: true;
}

export interface DiskSpec {
  readonly bytes: number;
  readonly bus: "virtio-blk";
  readonly content: "blank";
}

export interface BootSpec {
  readonly name: string;
  readonly chain: readonly ChainItem[];
  readonly ends: Ending;
  readonly never: readonly Never[];
  readonly budgets: Budgets;
  /** What is typed, in order. */
  readonly sends?: readonly Send[];
  /** What goes wrong in it. */
  readonly faults?: readonly Fault[];
  /** What the machine's clock says at power-on, as `2031-01-01T00:00:00`, UTC; the host's time unless declared. */
  readonly clock?: string;
  /** The boot is also the experiment from which crash states are made. */
  readonly crash?: Crash;
}

/** Landmarks in order; inside a group any order does. */
export type ChainItem =
  | { readonly kind: "one"; readonly landmark: Landmark }
  | { readonly kind: "any"; readonly landmarks: readonly Landmark[] };

export interface Landmark {
  readonly name: string;
  /** Pattern of a whole line: literal text and captures `<name:type>`; `<<` is a literal `<`. */
  readonly line: string;
  /** How often the line may stand in the boot; once unless declared. */
  readonly atMost: number;
  /** Budget from the landmark before it (the banner for the first), in milliseconds. */
  readonly withinMs: number;
}

export type Ending =
  | { readonly how: "halt"; readonly status: number }
  | { readonly how: "landmark"; readonly at: string }
  | { readonly how: "power-cut"; readonly at: string; readonly keep?: Keep }
  | { readonly how: "reset" }
  | { readonly how: "panic" };

/** Text that must not appear in any line; between two landmarks of a boot when they are named. */
export interface Never {
  readonly text: string;
  readonly from?: string;
  readonly until?: string;
}

/** Milliseconds of guest processor time; wall time counts only while the guest is idle. */
export interface Budgets {
  /** From power-on to the banner. */
  readonly firmwareMs: number;
  /** From the last landmark to the end. */
  readonly endMs: number;
}

export interface CaptureRef {
  readonly boot: string;
  readonly landmark: string;
  readonly capture: string;
}

export interface Bound {
  readonly capture: CaptureRef;
  readonly min?: number;
  readonly max?: number;
}

/** The end of a judgement. Only `proved` closes anything. */
export const verdicts = [
  "proved",
  "refuted",
  "guest-died",
  "no-progress",
  "harness-error",
  "host-error",
  "cloud-error",
  "filtered",
  "not-run",
] as const;
export type Verdict = (typeof verdicts)[number];

/** A moment of a boot, counted from power-on. */
export interface Moment {
  /** Milliseconds of wall time. */
  readonly wallMs: number;
  /** Milliseconds of processor time that the guest has received. */
  readonly cpuMs: number;
}

/** What the judge is fed, in the order in which it happened; a stored boot is a list of these. */
export type BootInput =
  | { readonly kind: "bytes"; readonly at: Moment; readonly bytes: Uint8Array }
  /** What the second serial port has shown. */
  | { readonly kind: "terminal"; readonly at: Moment; readonly bytes: Uint8Array }
  | { readonly kind: "control"; readonly at: Moment; readonly event: ControlEvent }
  /** Time has passed and nothing else has happened; stored only when it decided something. */
  | { readonly kind: "tick"; readonly at: Moment };

/** What the machine says beside the console. */
export type ControlEvent =
  | { readonly type: "exit"; readonly code: number | null; readonly signal: string | null }
  | { readonly type: "reset" }
  | { readonly type: "shutdown"; readonly guest: boolean }
  | { readonly type: "triple-fault" }
  | { readonly type: "devices"; readonly present: readonly string[] }
  | ActionEvent
  /** The tool itself ended the boot: a planned end, an interrupt, a fault of the host. */
  | {
      readonly type: "ended-by-tool";
      readonly why: "planned" | "decided" | "interrupted" | "host" | "cloud";
      readonly detail?: string;
    };

/** The tool has done something to the running machine: typed, pulled a plug, answered a request. */
export interface ActionEvent {
  readonly type: "action";
  readonly source: "send" | "fault" | "peer" | "tool";
  /** The declared name. */
  readonly name: string;
  /** What was done, for a person. */
  readonly detail: string;
  /** Whether it was done; if not, `detail` says why. */
  readonly ok: boolean;
}

/** What a target can promise about the console belonging to this very boot. */
export type Freshness = "echoed" | "by-construction" | "none";

/** How a console came here: absent, byte for byte. */
export type Transport = "lossy";

/** What the banner must repeat when freshness is `echoed`. */
export interface Identity {
  /** 32 hexadecimal digits. */
  readonly nonce: string;
  /** Counts from 1 within the experiment. */
  readonly boot: number;
  /** 64 hexadecimal digits. */
  readonly systemDigest: string;
}
