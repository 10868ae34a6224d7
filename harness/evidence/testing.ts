/** For tests only: a small finished case, written by the real writer, and a judge that reads it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Clock, sha256 } from "../base/index.ts";
import type { BootInput, BootPath, Proof, Verdict } from "../contract/index.ts";
import { canonicalText } from "./canonical.ts";
import type { Rejudge } from "./judge.ts";
import { declaredInputs } from "./formats.ts";
import { openRunDirectory } from "./run-directory.ts";
import { storedProof } from "./proof-form.ts";

export function temporaryFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), "capos-evidence-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** A clock that stands still. */
export const frozenClock: Clock = { now: () => Date.UTC(2026, 0, 31, 12, 30), monotonic: () => 0n };

export const sampleProof: Proof = {
  name: "run-sample",
  title: "A stored object survives a reboot",
  image: "sample",
  tags: [],
  machine: {
    type: "q35",
    cpu: "max",
    memoryBytes: 1 << 27,
    cpus: 1,
    accel: "prefer-kvm",
    boot: ["direct", "bios"],
  },
  disks: { data: { bytes: 1 << 24, bus: "virtio-blk", content: "blank" } },
  boots: ["store", "read-back"].map((name) => ({
    name,
    chain: [
      {
        kind: "one",
        landmark: { name: "object", line: "[store] object size=<size:int>", atMost: 1, withinMs: 1000 },
      },
    ],
    ends: { how: "halt", status: 0 },
    never: [],
    budgets: { firmwareMs: 1000, endMs: 1000 },
  })),
  same: [
    [
      { boot: "store", landmark: "object", capture: "size" },
      { boot: "read-back", landmark: "object", capture: "size" },
    ],
  ],
  bounds: [],
  never: [{ text: "CAP_ERR" }],
  requires: { devices: ["virtio-blk"] },
  foreign: "",
  closed: "",
  spans: new Map(),
};

/** Finds `object size=N` lines, and proves when every boot has one. */
export function sampleJudge(version = "1"): Rejudge {
  return ({ boots }) => {
    const read = boots.map(({ name, inputs }) => {
      const console = Buffer.concat(
        [...inputs].flatMap((i) => (i.kind === "bytes" ? [i.bytes] : [])),
      ).toString("latin1");
      const found = [...console.matchAll(/object size=(\d+)/gu)];
      const landmarks = found.map((m) => ({
        name: "object",
        offset: m.index,
        length: m[0].length,
        torn: false,
        captures: { size: m[1] ?? "" },
      }));
      return { name, verdict: verdictOf(landmarks.length === 1), ended: "halted", landmarks };
    });
    const all = read.every((b) => b.verdict === "proved");
    return {
      judge: version,
      verdict: verdictOf(all),
      cause: all ? "" : "landmark object was not seen",
      boots: read,
    };
  };
}

const verdictOf = (proved: boolean): Verdict => (proved ? "proved" : "refuted");

export interface SampleOptions {
  readonly path?: BootPath;
  readonly proof?: Proof;
  readonly size?: number;
  readonly attempt?: number;
  readonly freshness?: "echoed" | "none";
  readonly target?: "qemu" | "record" | "gce";
  readonly provider?: "google" | "local";
  readonly declared?: Readonly<Record<string, string>>;
  /** Added to the console of every boot. */
  readonly noise?: string;
  /** The first boot went on from a stored state. */
  readonly forked?: boolean;
}

export const sampleParts = { kernel: sha256("kernel sources"), proof: sha256("the proof") };

/** Writes a finished case below `runDir` and returns its directory. */
export function writeSampleCase(runDir: string, options: SampleOptions = {}): string {
  const proof = options.proof ?? sampleProof;
  const path = options.path ?? "direct";
  const freshness = options.freshness ?? "echoed";
  const parts = options.declared ?? sampleParts;
  const of = (text: string) => ({ bytes: text.length, sha256: sha256(text) });
  const dir = must(
    openRunDirectory({
      runDir,
      run: "sample",
      case: { id: `${proof.name}@${path}`, proof: proof.name, path },
      capos: "0.1.0",
      attempt: options.attempt ?? 1,
      clock: frozenClock,
    }),
  );
  const inputs = {
    proof: storedProof(proof),
    manifest: { model: sha256("model"), sources: { "manifests/sample.cue": sha256("cue") } },
    kernel: of("kernel"),
    programs: { init: of("init") },
    bootManifest: of("manifest"),
    systemDigest: sha256("system"),
    image: { digest: sha256("image"), recipe: { kind: "direct-pair" } },
    firmware: {},
    tools: { qemu: "7.2.19" },
    target: options.target ?? "qemu",
    ...(options.provider === undefined ? {} : { provider: options.provider }),
    accelerator: { used: "tcg", reason: "/dev/kvm is not there" },
    host: { cpu: "sample" },
    declared: declaredInputs(parts),
  } as const;
  must(dir.inputs(inputs));
  const stored = proof.boots.map(({ name }, i) => {
    const identity = { nonce: `${i}`.repeat(32), boot: i + 1, systemDigest: inputs.systemDigest };
    const argv = ["qemu-system-x86_64", "-m", "128M"];
    const fork = { proof: "run-shared", landmark: "ready", state: sha256("state"), bytes: 10 };
    const isForked = options.forked === true && i === 0;
    const boot = must(dir.boot({ name, argv, freshness, identity, ...(isForked ? { fork } : {}) }));
    const fed: BootInput[] = [
      bytes(1, `capos kernel starting boot=${i + 1}\r\n${options.noise ?? ""}`),
      bytes(2, `[store] object size=${options.size ?? 4096}\r\n`),
      { kind: "control", at: { wallMs: 3, cpuMs: 2 }, event: { type: "exit", code: 33, signal: null } },
    ];
    for (const input of fed) boot.append(input);
    must(
      boot.close({ data: { bytes: 1 << 24, before: sha256(`disk ${i}`), after: sha256(`disk ${i + 1}`) } }),
    );
    return { name, inputs: fed, expectation: { freshness: "none", identity } as const };
  });
  const judgement = sampleJudge()({ proof, boots: stored });
  if (options.target === "gce") {
    const nothing = { v: 1, run: "sample", empty: true, removals: [], listed: [], unlisted: [] };
    must(dir.attach("cloud-teardown.json", canonicalText(nothing)));
  }
  must(dir.finish({ verdict: judgement.verdict, cause: judgement.cause, freshness }, judgement));
  return dir.path;
}

function bytes(wallMs: number, text: string): BootInput {
  return { kind: "bytes", at: { wallMs, cpuMs: wallMs / 2 }, bytes: Buffer.from(text) };
}

export function must<T>(
  result: { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown },
): T {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}
