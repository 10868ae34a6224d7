import type { Result } from "../base/index.ts";
import type { ActionEvent, BootInput, BootSpec, JudgeOutput, Proof } from "../contract/index.ts";
import type { BootRequest, MachineAction } from "../machine/index.ts";

/**
 * Takes part in one boot beside the judge: types, breaks devices, serves the network. It sees what the judge is fed
 * and what the judge says of it, and acts on the machine; what it does stands in the evidence in its place.
 */
export interface Companion {
  /** What the machine must have for it; asked before the boot is planned. */
  prepare?(request: BootRequest): Promise<Result<BootRequest>>;
  /** The machine has been powered on. */
  started?(hand: Hand): void;
  /** Called for each input, in order. Returns at once: the boot does not wait. */
  saw?(input: BootInput, said: readonly JudgeOutput[]): void;
  /** The boot is over, or never began: ends what it has started and gives everything back. */
  ended?(): Promise<Result<undefined>>;
}

/** What a companion may do to the boot that it takes part in. */
export interface Hand {
  act(action: MachineAction): Promise<Result<undefined>>;
  /** Puts an `action` into the stream: shown, judged and stored. */
  note(event: Omit<ActionEvent, "type">): void;
  /** Appends to a file of the evidence beside the console, such as `peer-web.jsonl`. */
  attach(name: string, bytes: Uint8Array): void;
  /** The host has failed the boot; it is ended, and `why` is in its verdict. */
  fail(why: string): void;
}

/** What a companion is made from. */
export interface CompanionContext {
  readonly root: string;
  readonly proof: Proof;
  readonly boot: BootSpec;
  /** Scratch of this boot, absent until it is made; removed with the run's disks. */
  readonly scratch: string;
  readonly stopping: AbortSignal;
}

/** The companions that a boot declares. What a proof does not use is not loaded. */
export function companionsOf(_context: CompanionContext): Promise<readonly Companion[]> {
  return Promise.resolve([]);
}
