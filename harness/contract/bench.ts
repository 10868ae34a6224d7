import { createHash } from "node:crypto";
import type { Clock } from "../base/index.ts";
import { judgeStoredBoot } from "./run.ts";
import { caposForeign, caposSpeech } from "./speech.ts";
import type { BootInput, Landmark, Proof } from "./types.ts";

const landmarkCount = 50;

/** The proof that a judge's speed is measured with: 50 landmarks, of which every fifth captures a digest. */
export function benchProof(): Proof {
  return {
    name: "bench-judge",
    title: "50 landmarks in a long console",
    image: "none",
    tags: [],
    machine: { type: "q35", cpu: "max", memoryBytes: 1 << 27, cpus: 1, accel: "tcg", boot: ["direct"] },
    disks: {},
    boots: [
      {
        name: "only",
        chain: Array.from({ length: landmarkCount }, (_, i) => ({ kind: "one", landmark: benchLandmark(i) })),
        ends: { how: "halt", status: 0 },
        never: [{ text: "CAP_ERR" }],
        budgets: { firmwareMs: 1000, endMs: 1000 },
      },
    ],
    same: [],
    bounds: [],
    never: [],
    requires: { devices: [] },
    foreign: caposForeign,
    closed: "",
    spans: new Map(),
  };
}

/** A console that proves it: as many noise lines between two landmarks as give about `bytes` in all. */
export function benchConsole(bytes = 64 << 20): {
  readonly bytes: Buffer;
  readonly lines: readonly string[];
} {
  const { first, stretch, lines, last } = benchParts();
  const copies = Math.max(1, Math.round(bytes / stretch.length / landmarkCount));
  const noise = Buffer.concat(Array.from({ length: copies }, () => stretch));
  const parts = lines.flatMap((line) => [noise, Buffer.from(`${line}\r\n`)]);
  return { bytes: Buffer.concat([Buffer.from(first), ...parts, Buffer.from(last)]), lines };
}

/** What such a console is made of, for whoever does not want all of it in memory: noise comes before each line. */
export function benchParts(): {
  readonly first: string;
  readonly stretch: Buffer;
  readonly lines: readonly string[];
  readonly last: string;
} {
  return {
    first: `${caposSpeech.banner.replace(/=<nonce:.*/u, "=none boot=none")} system=${"0".repeat(64)}\r\n`,
    stretch: Buffer.from(Array.from({ length: 1000 }, (_, i) => `${noiseLine(i)}\r\n`).join("")),
    lines: Array.from({ length: landmarkCount }, (_, i) => benchLine(i)),
    last: "[kernel] halted status=0\r\n",
  };
}

/** Bytes per second at which a stored console of this size is judged, in chunks of 64 KiB. */
export function benchJudge(clock: Clock, bytes?: number): number {
  const proof = benchProof();
  const console = benchConsole(bytes).bytes;
  const inputs: BootInput[] = [];
  for (let at = 0; at < console.length; at += 65_536) {
    inputs.push({ kind: "bytes", at: { wallMs: 0, cpuMs: 0 }, bytes: console.subarray(at, at + 65_536) });
  }
  const began = clock.monotonic();
  const { verdict } = judgeStoredBoot(proof, 0, { inputs, expectation: { freshness: "none" } });
  const seconds = Number(clock.monotonic() - began) / 1e9;
  if (verdict !== "proved") throw new Error(`the bench console is ${verdict}`);
  return console.length / seconds;
}

function benchLandmark(i: number): Landmark {
  const line = isDigest(i)
    ? `[store-client] object ${i} sha256=<digest:hex64>`
    : `[store-client] step ${i} done`;
  return { name: `step-${i}`, line, atMost: 1, withinMs: 1000 };
}

function benchLine(i: number): string {
  return isDigest(i) ? `[store-client] object ${i} sha256=${digest(i)}` : `[store-client] step ${i} done`;
}

function isDigest(i: number): boolean {
  return i % 5 === 4;
}

/** What services print: labels that landmarks have too, words, numbers. */
function noiseLine(i: number): string {
  const label = ["store", "store-client", "init", "net", "kernel"][i % 5];
  return `[${label}] request ${i * 7919} served in ${i % 997} us, ${digest(i).slice(0, i % 48)}`;
}

function digest(i: number): string {
  return createHash("sha256").update(String(i)).digest("hex");
}
