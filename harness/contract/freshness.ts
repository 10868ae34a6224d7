import { mustParsePattern } from "./pattern.ts";
import type { Freshness, GuestSpeech } from "./types.ts";

/**
 * What a console can be held to on a target that promises `promised`. A guest whose banner repeats neither nonce nor boot
 * number cannot be held to them, so the target's own word, that this is the machine it started, is all there is.
 */
export function freshnessOf(guest: GuestSpeech | undefined, promised: Freshness): Freshness {
  if (promised !== "echoed" || guest === undefined) return promised;
  const repeated = mustParsePattern(guest.banner).captures.map((capture) => capture.name);
  return repeated.includes("nonce") && repeated.includes("boot") ? promised : "by-construction";
}
