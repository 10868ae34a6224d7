import { unreachable } from "../base/index.ts";
import { linesFrom, type LinePlace, splice, textOf, without } from "./edit.ts";
import { crashStatesAction } from "./fault-tracker.ts";
import type { Judgement } from "./judgement.ts";
import { matchLine } from "./match.ts";
import { type CaptureType, mustParsePattern, type Pattern } from "./pattern.ts";
import { expectationsOf } from "./peers.ts";
import type { StoredBoot } from "./run.ts";
import { compileSpeech, type Speech } from "./speech.ts";
import type { ActionEvent, BootInput, BootSpec, ControlEvent, Proof } from "./types.ts";

/** A change to a proved run after which it must not be proved. */
export interface Mutant {
  readonly kind: "drop" | "duplicate" | "swap" | "alter" | "forbid" | "replay" | "end";
  /** One clause: what was changed. */
  readonly what: string;
  /** Landmarks whose check the mutant tries, as `boot.landmark`. */
  readonly tries: readonly string[];
  readonly boots: readonly StoredBoot[];
}

/** One boot of the run that mutants are made of. */
interface Original {
  readonly spec: BootSpec;
  readonly own: StoredBoot;
  readonly text: Buffer;
  /** Of its first byte, and of the byte behind its line. */
  readonly banner: { readonly from: number; readonly until: number };
  /** The whole run with another boot in its place. */
  readonly mutant: (kind: Mutant["kind"], clause: string, changed: StoredBoot) => Mutant;
}

/** What a run must show beside its landmarks: its end, its identity, its devices, what was done to the guest. */
export function* mutantsBesideLandmarks(
  proof: Proof,
  boots: readonly StoredBoot[],
  judgement: Judgement,
): Generator<Mutant> {
  const speech = compileSpeech(proof.guest);
  for (const [b, spec] of proof.boots.entries()) {
    const [own, banner] = [boots[b], judgement.boots[b]?.banner];
    if (own === undefined || banner === undefined) continue;
    const original: Original = {
      spec,
      own,
      text: textOf(own),
      banner: { from: banner.offset, until: banner.offset + banner.length },
      mutant: (kind, clause, changed) => ({
        kind,
        what: `boot \`${spec.name}\` ${clause}`,
        tries: [],
        boots: boots.map((boot, i) => (i === b ? changed : boot)),
      }),
    };
    yield* devices(proof, original);
    yield* deeds(proof, original);
    yield* replays(proof, boots, b, original);
    yield* ends(speech, original);
  }
}

/** Required devices that the machine does not have, or that the guest does not find. */
function* devices(proof: Proof, { own, text, banner, mutant }: Original): Generator<Mutant> {
  for (const device of proof.requires.devices) {
    const changed = mapControl(own, (event) =>
      event.type === "devices" ? { ...event, present: event.present.filter((d) => d !== device) } : event,
    );
    if (changed !== undefined) yield mutant("drop", `on a machine without \`${device}\``, changed);
  }
  for (const { device, line } of proof.requires.enumerated ?? []) {
    const said = linesOf(mustParsePattern(line), text, banner.from);
    const silent = said.reduceRight((boot, { start, next }) => splice(boot, start, next, nothing), own);
    if (said.length > 0) yield mutant("drop", `of a guest that never names \`${device}\``, silent);
  }
}

/** Text that was never typed, peers that never saw what they had to see, faults and crashes that were never tried. */
function* deeds(proof: Proof, { spec, own, mutant }: Original): Generator<Mutant> {
  for (const { name } of spec.sends ?? []) {
    const isOut = (input: BootInput): boolean => isDeed(input, "send", name);
    yield mutant("drop", `in which \`${name}\` was never typed`, without(own, isOut));
  }
  for (const { name } of expectationsOf(proof.peers ?? {}, spec.name)) {
    const isOut = (input: BootInput): boolean => isDeed(input, "peer", name);
    yield mutant("drop", `in which \`${name}\` was never met`, without(own, isOut));
  }
  for (const { name } of spec.faults ?? []) {
    const isOut = (input: BootInput): boolean => isDeed(input, "fault", name);
    yield mutant("drop", `in which the fault \`${name}\` was never made`, without(own, isOut));
  }
  if (spec.crash === undefined) return;
  const isCrashes = (input: BootInput): boolean => isDeed(input, "tool", crashStatesAction);
  yield mutant("drop", "whose crash states were never tried", without(own, isCrashes));
  const bad = mapControl(own, (event) =>
    event.type === "action" && event.name === crashStatesAction ? { ...event, ok: false } : event,
  );
  if (bad !== undefined) yield mutant("alter", "one of whose crash states is bad", bad);
}

function isDeed(input: BootInput, source: ActionEvent["source"], name: string): boolean {
  if (input.kind !== "control" || input.event.type !== "action") return false;
  return input.event.source === source && input.event.name === name;
}

/** Another boot's console under this boot's name, and this boot's console of another run. */
function* replays(
  proof: Proof,
  boots: readonly StoredBoot[],
  b: number,
  { own, mutant }: Original,
): Generator<Mutant> {
  for (const [j, other] of proof.boots.entries()) {
    const inputs = boots[j]?.inputs;
    if (j === b || inputs === undefined) continue;
    yield mutant("replay", `with the console of boot \`${other.name}\``, { ...own, inputs });
  }
  const { expectation } = own;
  if (expectation.freshness !== "echoed") return;
  const { identity } = expectation;
  const nonce = (identity.nonce.startsWith("0") ? "1" : "0") + identity.nonce.slice(1);
  const stale = { freshness: "echoed", identity: { ...identity, nonce } } as const;
  yield mutant("replay", "with its console of another run", { ...own, expectation: stale });
}

/** A guest that dies instead of ending as declared, and one that says another end than it came to. */
function* ends(speech: Speech, { spec, own, text, banner, mutant }: Original): Generator<Mutant> {
  const insert = (by: Uint8Array): StoredBoot => splice(own, banner.until, banner.until, by);
  yield mutant("end", "reset behind its banner", insert(text.subarray(banner.from, banner.until)));
  const [panic] = speech.panic;
  if (panic !== undefined) yield mutant("end", "panics behind its banner", insert(sampleLine(panic)));
  switch (spec.ends.how) {
    case "halt": {
      const last = linesOf(speech.trailer, text, banner.until).at(-1);
      if (last === undefined) return;
      yield mutant("end", "without its last line", splice(own, last.start, last.next, nothing));
      if (speech.trailer.captures.some((c) => c.name === "status")) {
        const other = sampleLine(speech.trailer, { status: String(spec.ends.status + 1) });
        yield mutant("end", "with another status", splice(own, last.start, last.next, other));
      }
      if (speech.exit === "none") return;
      const exited = mapControl(own, (event) => (event.type === "exit" ? { ...event, code: 0 } : event));
      if (exited !== undefined) yield mutant("end", "whose emulator exits with code 0", exited);
      return;
    }
    case "reset": {
      const again = linesOf(speech.banner, text, banner.until)[0];
      const cut = again === undefined ? own : splice(own, again.start, text.length, nothing);
      const isReset = (input: BootInput): boolean => input.kind === "control" && input.event.type === "reset";
      yield mutant("end", "that is never reset", without(cut, isReset));
      return;
    }
    case "landmark":
    case "power-cut":
    case "panic":
      // Their ends are landmarks, or are tried above.
      return;
    default:
      unreachable(spec.ends);
  }
}

function linesOf(pattern: Pattern, text: Buffer, from: number): readonly LinePlace[] {
  return linesFrom(text, from).filter(({ start, end }) => matchLine(pattern, text, start, end) !== undefined);
}

/** The boot with changed control events; undefined when nothing changes. */
function mapControl(boot: StoredBoot, change: (event: ControlEvent) => ControlEvent): StoredBoot | undefined {
  let isChanged = false;
  const inputs = [...boot.inputs].map((input): BootInput => {
    if (input.kind !== "control") return input;
    const event = change(input.event);
    if (event !== input.event) isChanged = true;
    return { ...input, event };
  });
  return isChanged ? { ...boot, inputs } : undefined;
}

/** A line that matches; captures that are not given hold anything of their type. */
function sampleLine(pattern: Pattern, captures: Readonly<Record<string, string>> = {}): Uint8Array {
  const parts = pattern.tokens.map((token) =>
    token.kind === "literal" ? token.bytes : Buffer.from(captures[token.name] ?? sampleOf(token.type)),
  );
  return Buffer.concat([...parts, Buffer.from("\r\n")]);
}

function sampleOf(type: CaptureType): string {
  switch (type) {
    case "int":
    case "float":
    case "hex":
      return "1";
    case "stamp":
      return "    1.000000";
    case "hex32":
      return "1".repeat(32);
    case "hex64":
      return "1".repeat(64);
    case "word":
    case "text":
      return "mutant";
    default:
      return unreachable(type);
  }
}

const nothing = new Uint8Array(0);
