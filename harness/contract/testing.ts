import type { Span } from "../base/index.ts";
import { mustParsePattern } from "./pattern.ts";
import { judgeStored } from "./run.ts";
import type { Judgement } from "./judgement.ts";
import type { BootInput, BootSpec, ChainItem, ControlEvent, Identity, Landmark, Proof } from "./types.ts";

/** Builders for tests of this room and of those that use it. */

export function landmark(name: string, line: string, extra: Partial<Landmark> = {}): Landmark {
  mustParsePattern(line);
  return { name, line, atMost: 1, withinMs: 5000, ...extra };
}

export function one(name: string, line: string, extra: Partial<Landmark> = {}): ChainItem {
  return { kind: "one", landmark: landmark(name, line, extra) };
}

export function any(...landmarks: readonly Landmark[]): ChainItem {
  return { kind: "any", landmarks };
}

export function bootSpec(name: string, chain: readonly ChainItem[], extra: Partial<BootSpec> = {}): BootSpec {
  return {
    name,
    chain,
    ends: { how: "halt", status: 0 },
    never: [],
    budgets: { firmwareMs: 20_000, endMs: 5000 },
    ...extra,
  };
}

export function proofOf(boots: readonly BootSpec[], extra: Partial<Proof> = {}): Proof {
  return {
    name: "run-test",
    title: "A test",
    image: "test",
    tags: [],
    machine: { type: "q35", cpu: "max", memoryBytes: 1 << 27, cpus: 1, accel: "tcg", boot: ["direct"] },
    disks: {},
    boots,
    same: [],
    bounds: [],
    never: [],
    requires: { devices: [] },
    foreign: String.raw`\[ *[0-9]+\.[0-9]{6}\].*`,
    closed: "",
    spans: new Map<string, Span>(),
    ...extra,
  };
}

export function identity(boot = 1): Identity {
  return { nonce: "0123456789abcdef".repeat(2), boot, systemDigest: "5d".repeat(32) };
}

export function banner(boot = 1): string {
  const { nonce, systemDigest } = identity(boot);
  return `capos kernel starting nonce=${nonce} boot=${boot} system=${systemDigest}`;
}

export function bytesAt(wallMs: number, cpuMs: number, text: string | Uint8Array): BootInput {
  const bytes = typeof text === "string" ? Buffer.from(text) : text;
  return { kind: "bytes", at: { wallMs, cpuMs }, bytes };
}

export function controlAt(wallMs: number, cpuMs: number, event: ControlEvent): BootInput {
  return { kind: "control", at: { wallMs, cpuMs }, event };
}

export function exitWith(code: number | null, signal: string | null = null): BootInput {
  return controlAt(200, 200, { type: "exit", code, signal });
}

/** Lines as the kernel prints them. */
export function lines(...all: readonly string[]): string {
  return all.map((l) => `${l}\r\n`).join("");
}

/** A whole console of a boot that ends well, and the machine's exit. */
export function goodBoot(boot: number, ...all: readonly string[]): readonly BootInput[] {
  const text = lines("SeaBIOS (version 1.16)", "", banner(boot), ...all, "[kernel] halted status=0");
  return [bytesAt(100, 100, text), exitWith(33)];
}

/** Judges boots with the identity that `banner` shows. */
export function judge(proof: Proof, ...boots: readonly (readonly BootInput[])[]): Judgement {
  return judgeStored(
    proof,
    boots.map((inputs, i) => ({ inputs, expectation: { freshness: "echoed", identity: identity(i + 1) } })),
  );
}
