/** The files of a case, in the order in which they are written. docs/evidence.md describes each field. */
import { canonicalJson, sha256 } from "../base/index.ts";
import { verdicts } from "../contract/index.ts";
import * as d from "./decode.ts";
import { bootName } from "./layout.ts";
import { proofDecoder } from "./proof-form.ts";

/** The version of every format here; another one is refused. */
const v = d.oneOf([1]);

const caseRef = d.object({ id: d.string, proof: d.string, path: d.string });
const freshness = d.oneOf(["echoed", "by-construction", "none"]);
/** A file by its content. */
const digested = d.object({ bytes: d.count, sha256: d.hex64 });

/** `started.json`: somebody has begun this case. Without `verdict.json` beside it, its runner died. */
export const startedDecoder = d.object({
  v,
  run: d.string,
  case: caseRef,
  /** Version of the tool. */
  capos: d.string,
  startedAt: d.instant,
  /** The runner, by process id and start time in clock ticks since host boot: a bare pid is given again. */
  runner: d.object({ pid: d.count, ticks: d.string }),
});
export type Started = d.Decoded<typeof startedDecoder>;

/** `inputs.json`: everything that the case was made of. */
export const inputsDecoder = d.object(
  {
    v,
    proof: proofDecoder,
    manifest: d.object({
      /** Canonical digest of the system model. */
      model: d.hex64,
      /** Source files by path below the project root. */
      sources: d.record(d.hex64),
    }),
    kernel: digested,
    /** User programs by binary name. */
    programs: d.record(digested),
    bootManifest: digested,
    systemDigest: d.hex64,
    image: d.object({
      /** Over size and non-zero blocks (docs/evidence.md). */
      digest: d.hex64,
      /** What makes the same image again, as flat facts: kind, boot path, tool versions. */
      recipe: d.record(d.string),
    }),
    firmware: d.record(digested),
    /** Versions by tool. */
    tools: d.record(d.string),
    target: d.oneOf(["qemu", "gce", "record"]),
    accelerator: d.object({ used: d.string, reason: d.string }),
    /** Facts of the host: processor, kernel, memory. */
    host: d.record(d.string),
    /** What the proof declares as its inputs; staleness compares this and nothing else. */
    declared: d.object({ digest: d.hex64, parts: d.record(d.hex64) }),
  },
  {
    /** Whose instance it was; absent where no instance was. Only `google` is the service itself. */
    provider: d.oneOf(["google", "local"]),
  },
);
export type Inputs = d.Decoded<typeof inputsDecoder>;
export type DeclaredInputs = Inputs["declared"];

/** Declared inputs from the digests of their parts, such as `kernel` or `tool:rustc`. */
export function declaredInputs(parts: Readonly<Record<string, string>>): DeclaredInputs {
  return { digest: sha256(canonicalJson(parts)), parts };
}

/** `boots/<n>-<name>/boot.json`: written before the machine starts. */
export const bootDecoder = d.object(
  {
    v,
    name: d.matching(bootName, "a boot's name"),
    /** Counts from 1 within the case. */
    index: d.count,
    startedAt: d.instant,
    /** The exact argument vector, program first. */
    argv: d.array(d.string),
    freshness,
    /** What the banner must repeat; null where the target cannot tell it to the kernel. */
    identity: d.nullable(
      d.object({
        nonce: d.matching(/^[0-9a-f]{32}$/u, "32 hexadecimal digits"),
        boot: d.count,
        systemDigest: d.hex64,
      }),
    ),
  },
  {
    /** Bytes that are no UTF-8 came replaced, and a line with such a place proves nothing. */
    transport: d.oneOf(["lossy"]),
    /** The boot went on from a stored state: the console up to this byte was printed by the boot that made it. */
    fork: d.object({ proof: d.string, landmark: d.string, state: d.hex64, bytes: d.count }),
  },
);
export type Boot = d.Decoded<typeof bootDecoder>;

/** `boots/<n>-<name>/disks.json`: by serial number; what one boot leaves is what the next one finds. */
export const disksDecoder = d.object({
  v,
  disks: d.record(d.object({ bytes: d.count, before: d.hex64, after: d.hex64 })),
});
export type Disks = d.Decoded<typeof disksDecoder>;

const landmarkSeen = d.object({
  name: d.string,
  /** Bytes of the boot's console that hold it. */
  offset: d.count,
  length: d.count,
  /** It was cut by foreign lines and put together again. */
  torn: d.boolean,
  captures: d.record(d.string),
});

/** `judgement.json`: what the judge concluded from the consoles, and what it read there. */
export const judgementDecoder = d.object({
  v,
  /** Version of the judge's rules. */
  judge: d.string,
  verdict: d.oneOf(verdicts),
  /** One sentence; empty when proved. */
  cause: d.string,
  boots: d.array(
    d.object({
      name: d.string,
      verdict: d.oneOf(verdicts),
      /** How the guest's part ended; null when it did not. */
      ended: d.nullable(d.string),
      landmarks: d.array(landmarkSeen),
    }),
  ),
});
export type StoredJudgement = d.Decoded<typeof judgementDecoder>;

/** `attached/cloud-teardown.json` of a case on an instance: what was taken down, and what listings show afterwards. */
export const teardownDecoder = d.object({
  v,
  run: d.string,
  empty: d.boolean,
  removals: d.array(d.object({ ref: d.record(d.string), result: d.string }, { why: d.string })),
  listed: d.array(d.record(d.string)),
  unlisted: d.array(d.string),
});

/** `verdict.json`: the end of the case, and a seal over every file before it. */
export const verdictDecoder = d.object({
  v,
  verdict: d.oneOf(verdicts),
  cause: d.string,
  /** The weakest of the boots. */
  freshness,
  /** Counts from 1; a pass that needed a second attempt closes nothing. */
  attempt: d.count,
  endedAt: d.instant,
  elapsedMs: d.number,
  files: d.record(digested),
});
export type VerdictRecord = d.Decoded<typeof verdictDecoder>;
