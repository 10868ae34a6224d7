import type { PeerExpectation } from "./peers.ts";
import type { Finding } from "./sending.ts";
import type { ActionEvent } from "./types.ts";

/**
 * Follows what peers saw in one boot. A peer speaks under its own name of what it does, and under
 * `peer.expectation` of what it was to see; a boot in whose record one of these is missing is not proved.
 */
export class PeerTracker {
  readonly #expectations: readonly PeerExpectation[];
  readonly #met = new Set<string>();

  constructor(expectations: readonly PeerExpectation[]) {
    this.#expectations = expectations;
  }

  action({ name, detail, ok }: ActionEvent): Finding | undefined {
    if (ok) this.#met.add(name);
    else return { kind: "peer", sentence: `the peer \`${name}\` did not see what it should: ${detail}` };
    return undefined;
  }

  /** Why a boot that is as declared otherwise is not proved. */
  finish(): Finding | undefined {
    const missing = this.#expectations.find((e) => !this.#met.has(e.name));
    if (missing === undefined) return undefined;
    return { kind: "peer", sentence: `\`${missing.name}\` was not met: ${missing.words}` };
  }
}
