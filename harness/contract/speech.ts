import { mustParsePattern, type Pattern } from "./pattern.ts";
import type { Freshness, GuestSpeech, Identity, Transport } from "./types.ts";

/** The words of capos' own kernel (docs/abi.md, Console). */
export const caposSpeech: GuestSpeech = {
  banner: "capos kernel starting nonce=<nonce:word> boot=<boot:word> system=<system:hex64>",
  trailer: "[kernel] halted status=<status:int>",
  panic: ["[kernel] panic: <message:text>"],
  exit: "isa-debug-exit",
};

/**
 * What capos' kernel prints instead when its boot module is damaged. A pattern of its own, not `system=<word>`:
 * a wider capture would leave a torn banner more than one reading.
 */
const caposBlankBanner = "capos kernel starting nonce=<nonce:word> boot=<boot:word> system=none";

/** Lines that may cut into others, unless a proof says which: those of Linux' printk, by their time stamp. */
export const caposForeign = String.raw`\[ *[0-9]+\.[0-9]{6}\].*`;

export interface Speech {
  readonly banner: Pattern;
  /** The banner of a kernel that cannot tell what was booted, and says `none` in that place. */
  readonly blank: Pattern | undefined;
  readonly trailer: Pattern;
  readonly panic: readonly Pattern[];
  readonly exit: GuestSpeech["exit"];
}

/** The speech of a proof's guest; capos' own where none is declared. */
export function compileSpeech(guest: GuestSpeech | undefined): Speech {
  const speech = guest ?? caposSpeech;
  return {
    banner: mustParsePattern(speech.banner),
    blank: guest === undefined ? mustParsePattern(caposBlankBanner) : undefined,
    trailer: mustParsePattern(speech.trailer),
    panic: speech.panic.map(mustParsePattern),
    exit: speech.exit,
  };
}

/**
 * What the judge knows of a boot beforehand. `echoed`: the guest must repeat all of it. `by-construction`: the
 * target vouches for the console; what the guest does repeat must still agree. `none`: nothing is known, and
 * the judgement closes nothing.
 */
export type Expectation = (
  | { readonly freshness: Exclude<Freshness, "none">; readonly identity: Identity }
  | { readonly freshness: "none"; readonly identity?: Identity }
) & {
  /** Bytes that are no UTF-8 arrive as U+FFFD, so a line that holds one may have been any other: it proves nothing. */
  readonly transport?: Transport;
};

/** Why a banner does not belong to this boot, as a sentence; undefined when it does. */
export function mismatchOf(
  captures: Readonly<Record<string, string>>,
  expectation: Expectation,
): string | undefined {
  if (expectation.freshness === "none") return undefined;
  const { nonce, boot, systemDigest } = expectation.identity;
  const wanted = { nonce, boot: String(boot), system: systemDigest };
  for (const [name, expected] of Object.entries(wanted)) {
    const told = captures[name];
    if (told === expected) continue;
    const mayBeSilent = expectation.freshness === "by-construction" && name !== "system";
    if (told === undefined || (told === "none" && mayBeSilent)) continue;
    return `the banner says ${name}=${told} where ${expected} was handed over: this is another boot's console or another image`;
  }
  return undefined;
}

/** What each exit code of an emulator with isa-debug-exit means. */
export function describeExit(code: number | null, signal: string | null): string {
  if (code === null) return `was killed by ${signal ?? "an unknown signal"}`;
  const meaning: Readonly<Record<number, string>> = {
    0: "powered off or reset",
    1: "reset, triple fault or a refused option",
    33: "halted with status 0",
    35: "halted with another status",
    37: "kernel panic",
  };
  const known = meaning[code];
  return `exited with code ${code}${known === undefined ? "" : ` (${known})`}`;
}

export const exitCodeOf = {
  halt: (status: number): number => (status === 0 ? 33 : 35),
  panic: 37,
} as const;
