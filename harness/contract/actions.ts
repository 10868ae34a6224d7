import { FaultTracker } from "./fault-tracker.ts";
import { ForbiddenSearch } from "./forbidden.ts";
import type { Port } from "./interaction.ts";
import { LineReader } from "./lines.ts";
import { PeerTracker } from "./peer-tracker.ts";
import { expectationsOf } from "./peers.ts";
import { type Finding, type SendOutput, SendTracker } from "./sending.ts";
import type { ActionEvent, BootSpec, Moment, Proof } from "./types.ts";

export interface ActionJudgeOptions {
  readonly proof: Proof;
  readonly boot: BootSpec;
  /** Of the proof and the boot, as the course numbers them. */
  readonly nevers: readonly string[];
  readonly say: (output: SendOutput) => void;
  /** A forbidden text stands on the terminal. */
  readonly forbidden: (never: number) => void;
}

/**
 * The part of the judge that is concerned with what is done to a guest: that sends were made when they were due, that
 * peers saw what they had to see, that faults happened, and that nothing forbidden stands on the terminal. A boot that declares none of
 * these has no such part.
 */
export class ActionJudge {
  readonly #sends: SendTracker;
  readonly #peers: PeerTracker;
  readonly #faults: FaultTracker;
  readonly #terminal: LineReader;
  readonly #search: ForbiddenSearch;

  static of(options: ActionJudgeOptions): ActionJudge | undefined {
    const { proof, boot } = options;
    const isUsed =
      boot.sends !== undefined ||
      proof.peers !== undefined ||
      boot.faults !== undefined ||
      boot.crash !== undefined ||
      proof.machine.terminal === true;
    return isUsed ? new ActionJudge(options) : undefined;
  }

  private constructor({ proof, boot, nevers, say, forbidden }: ActionJudgeOptions) {
    this.#sends = new SendTracker({ sends: boot.sends ?? [], foreign: proof.foreign, say });
    this.#peers = new PeerTracker(expectationsOf(proof.peers ?? {}, boot.name));
    this.#faults = new FaultTracker(boot);
    const search = new ForbiddenSearch(nevers);
    this.#search = search;
    this.#terminal = new LineReader(
      {
        line: ({ start, end, pieced }) => {
          // A line that came in pieces was searched with them.
          if (!pieced) search.hitsIn(start, end).forEach(forbidden);
        },
        piece: (piece) => search.piece(piece).forEach(forbidden),
      },
      undefined,
    );
  }

  /** What is awaited of the guest beside its landmarks, for a person. */
  get awaited(): string | undefined {
    return this.#sends.awaited;
  }

  /** Bytes of a port; those of the console are judged elsewhere, too. */
  bytes(port: Port, bytes: Uint8Array, now: Moment): void {
    if (port === "terminal") {
      this.#search.enter(bytes);
      this.#terminal.push(bytes);
    }
    this.#sends.bytes(port, bytes, now);
  }

  begin(bannerOffset: number, now: Moment): void {
    this.#sends.begin(bannerOffset, now);
  }

  landmark(name: string, end: number, now: Moment): void {
    this.#sends.landmark(name, end, now);
    this.#faults.landmark(name, now);
  }

  /** What the tool says that it has done. Once the boot is `over`, only that something was met still counts. */
  action(event: ActionEvent, now: Moment, over: boolean): Finding | undefined {
    if (event.source === "peer") {
      if (over && !event.ok) return undefined;
      const finding = this.#peers.action(event);
      if (event.ok) this.#sends.expectationMet(event.name, now);
      return finding;
    }
    if (event.source !== "send") return this.#faults.action(event);
    const finding = this.#sends.action(event, now);
    return over ? undefined : finding;
  }

  advance(now: Moment): boolean {
    return this.#sends.advance(now);
  }

  overdue(now: Moment): Finding | undefined {
    return this.#sends.overdue(now);
  }

  finish(now: Moment): Finding | undefined {
    return this.#sends.finish(now) ?? this.#peers.finish() ?? this.#faults.finish(now);
  }
}
