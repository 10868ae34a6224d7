import type { Result } from "../base/index.ts";
import type { ActionEvent, BootInput, BootSpec, Identity, JudgeOutput, Proof } from "../contract/index.ts";
import type { BootStart } from "../evidence/index.ts";
import type { BootRequest, MachineAction, Monitor, Network, Trace } from "../machine/index.ts";
import type { Supervisor } from "../process/index.ts";
import type { BootContext } from "./boot.ts";
import type { CaseDisk } from "./disks.ts";

/**
 * Takes part in one boot beside the judge: types, breaks devices, serves the network. It sees what the judge is fed
 * and what the judge says of it, and acts on the machine; what it does stands in the evidence in its place.
 */
export interface Companion {
  /** What the boot has behind it before its machine starts; known once it has been prepared. */
  readonly past?: Past | undefined;
  /** What the machine must have for it; asked before the boot is planned. */
  prepare?(request: BootRequest): Promise<Result<BootRequest>>;
  /** The machine has been powered on. */
  started?(hand: Hand): void;
  /**
   * The boot has failed, and its machine is to be ended. A companion that wants to look at it first returns a promise;
   * until that settles, the machine is left alone.
   */
  failed?(decided: Decided): Promise<void> | undefined;
  /** Called for each input, in order. Returns at once: the boot does not wait. */
  saw?(input: BootInput, said: readonly JudgeOutput[]): void;
  /** The boot is over, or never began: ends what it has started and gives everything back. */
  ended?(): Promise<Result<undefined>>;
}

/** A boot that goes on from another: what that one has shown, by whose identity. */
export interface Past {
  readonly identity: Identity;
  readonly inputs: readonly BootInput[];
  readonly fork: NonNullable<BootStart["fork"]>;
}

/** That the judge has had enough of a boot, and why. */
export type Decided = Extract<JudgeOutput, { type: "decided" }>;

/** What a companion may do to the boot that it takes part in. */
export interface Hand {
  act(action: MachineAction): Promise<Result<undefined>>;
  /** Puts an `action` into the stream: shown, judged and stored. */
  note(event: Omit<ActionEvent, "type">): void;
  /** Appends to a file of the evidence beside the console, such as `peer-web.jsonl`. */
  attach(name: string, bytes: Uint8Array): void;
  /** The host has failed the boot; it is ended, and `why` is in its verdict. */
  fail(why: string): void;
  /**
   * Takes the machine away from the judge: what happens from now on is neither judged nor stored, the boot counts as
   * interrupted, and its machine is ended when `until` settles.
   */
  takeOver(until: Promise<void>): void;
  /** What the emulator tells of disks and console, where the request asked for it. */
  readonly trace: Trace | undefined;
  /** The machine's network, where it has one. */
  readonly network: Network | undefined;
  /** The machine itself, where it can be asked. */
  readonly monitor?: Monitor | undefined;
}

/** What a companion is made from. */
export interface CompanionContext {
  readonly root: string;
  readonly proof: Proof;
  readonly boot: BootSpec;
  /** Place of the boot in the proof, from 0. */
  readonly index: number;
  /** What the boot finds; a companion that lets it write elsewhere must leave here what the next boot is to find. */
  readonly disks: readonly CaseDisk[];
  /** What further boots of the same system need, and what looks into this one. */
  readonly lab: Omit<BootContext, "proof" | "emit" | "supervisor" | "stopping" | "scratch" | "root">;
  /** Scratch of this boot, absent until it is made; removed with the run's disks. */
  readonly scratch: string;
  /** Owns every process that a companion starts. */
  readonly supervisor: Supervisor;
  readonly stopping: AbortSignal;
}

/** The companions that a boot declares. What a proof does not use is not loaded. */
export async function companionsOf(context: CompanionContext): Promise<readonly Companion[]> {
  const { boot } = context;
  const companions: Companion[] = [];
  if (boot.faults !== undefined) {
    companions.push((await import("./faults/index.ts")).faultsOf(boot.faults));
  }
  if (boot.crash !== undefined || boot.ends.how === "power-cut") {
    companions.push(...(await import("./crash/index.ts")).crashCompanions(context));
  }
  if (boot.sends !== undefined) {
    companions.push((await import("./interaction/index.ts")).typistOf(boot.sends));
  }
  if (context.proof.peers !== undefined) {
    companions.push((await import("./peers/index.ts")).peersIn(context, context.proof.peers));
  }
  const { extras } = context.lab;
  if (extras?.record === true) {
    companions.push((await import("./replay/record.ts")).recorderOf(context));
  }
  if (extras?.freeze !== undefined) {
    companions.push((await import("./freeze/companion.ts")).freezerOf(context, extras.freeze));
  }
  if (extras?.debug?.boot === boot.name) {
    companions.push((await import("./debug/companion.ts")).pauserOf(context, extras.debug));
  }
  const isCold = extras?.cold === true || extras?.record === true;
  if (context.proof.from !== undefined && context.index === 0 && !isCold) {
    companions.push((await import("./snapshot/companion.ts")).forkOf(context, context.proof.from));
  }
  return companions;
}
