/** Reads the stored consoles of `corpus/` (its README says how a case is written). Used by tests only. */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { StoredBoot } from "./run.ts";
import { caposForeign, type Expectation } from "./speech.ts";
import type {
  BootInput,
  BootSpec,
  Bound,
  CaptureRef,
  ChainItem,
  ControlEvent,
  Freshness,
  Landmark,
  Never,
  Proof,
  Verdict,
} from "./types.ts";

export interface CorpusCase {
  readonly name: string;
  readonly title: string;
  readonly proof: Proof;
  readonly boots: readonly StoredBoot[];
  readonly expect: {
    readonly verdict: Verdict;
    readonly kind?: string;
    /** Stands in the cause. */
    readonly cause?: string;
    /** Each stands in the report. */
    readonly report?: readonly string[];
    readonly captures?: Readonly<Record<string, string>>;
    /** Landmarks that are reported as torn. */
    readonly torn?: readonly string[];
  };
}

interface LandmarkFile {
  readonly name: string;
  readonly line: string;
  readonly atMost?: number;
  readonly within?: number;
}

interface ProofFile {
  readonly boots: readonly {
    readonly name: string;
    readonly landmarks: readonly (LandmarkFile | { readonly any: readonly LandmarkFile[] })[];
    readonly ends?: BootSpec["ends"];
    readonly never?: readonly Never[];
    readonly budgets?: { readonly firmware: number; readonly end: number };
  }[];
  readonly same?: readonly (readonly [string, string])[];
  readonly bounds?: readonly { readonly capture: string; readonly min?: number; readonly max?: number }[];
  readonly never?: readonly Never[];
  readonly requires?: readonly string[];
  readonly enumerated?: NonNullable<Proof["requires"]["enumerated"]>;
  readonly closed?: string;
  readonly foreign?: string;
  readonly guest?: Proof["guest"];
}

type InputFile =
  | { readonly at?: readonly [number, number]; readonly lines: readonly string[] }
  | { readonly at?: readonly [number, number]; readonly text: string; readonly times?: number }
  | { readonly at?: readonly [number, number]; readonly file: string }
  | { readonly at?: readonly [number, number]; readonly event: ControlEvent }
  | { readonly at: readonly [number, number]; readonly tick: true };

interface CaseFile {
  readonly title: string;
  readonly proof: string | ProofFile;
  readonly freshness?: Freshness;
  readonly boots: readonly (readonly InputFile[])[];
  readonly expect: CorpusCase["expect"];
}

const nonce = "0123456789abcdeffedcba9876543210";
const systemDigest = "c0".repeat(32);

export function readCorpus(folder: string): readonly CorpusCase[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(".json"))
    .toSorted()
    .map((file) => readCase(folder, file));
}

function readCase(folder: string, file: string): CorpusCase {
  // The files are ours and the test fails loudly on a wrong one, so they are taken at their word.
  const read = <T>(path: string): T => JSON.parse(readFileSync(join(folder, path), "utf8")) as T;
  const given = read<CaseFile>(file);
  const name = file.replace(/\.json$/u, "");
  const proofFile =
    typeof given.proof === "string" ? read<ProofFile>(`proofs/${given.proof}.json`) : given.proof;
  const freshness = given.freshness ?? "echoed";
  const boots = given.boots.map((inputs, i): StoredBoot => {
    const expectation: Expectation =
      freshness === "none" ? { freshness } : { freshness, identity: { nonce, boot: i + 1, systemDigest } };
    return { inputs: inputs.map((input) => toInput(folder, input, i + 1)), expectation };
  });
  return { name, title: given.title, proof: toProof(name, proofFile), boots, expect: given.expect };
}

function toInput(folder: string, input: InputFile, boot: number): BootInput {
  const [wallMs, cpuMs] = input.at ?? [0, 0];
  const at = { wallMs, cpuMs };
  if ("event" in input) return { kind: "control", at, event: input.event };
  if ("tick" in input) return { kind: "tick", at };
  if ("file" in input) return { kind: "bytes", at, bytes: readFileSync(join(folder, input.file)) };
  const text =
    "lines" in input ? input.lines.map((l) => `${l}\r\n`).join("") : input.text.repeat(input.times ?? 1);
  const banner = `capos kernel starting nonce=${nonce} boot=${boot} system=${systemDigest}`;
  // `\xNN` gives a byte that JSON cannot hold.
  const bytes = text
    .replaceAll("$BANNER", banner)
    .replaceAll("$NONCE", nonce)
    .replaceAll("$SYSTEM", systemDigest)
    .replaceAll(/\\x([0-9a-f]{2})/gu, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return { kind: "bytes", at, bytes: Buffer.from(bytes, "latin1") };
}

function toProof(name: string, file: ProofFile): Proof {
  return {
    name,
    title: name,
    image: "corpus",
    tags: [],
    machine: { type: "q35", cpu: "max", memoryBytes: 1 << 27, cpus: 1, accel: "tcg", boot: ["direct"] },
    disks: {},
    boots: file.boots.map((boot) => ({
      name: boot.name,
      chain: boot.landmarks.map(toItem),
      ends: boot.ends ?? { how: "halt", status: 0 },
      never: boot.never ?? [],
      budgets: { firmwareMs: boot.budgets?.firmware ?? 60_000, endMs: boot.budgets?.end ?? 10_000 },
    })),
    same: (file.same ?? []).map(([a, b]) => [toRef(a), toRef(b)]),
    bounds: (file.bounds ?? []).map((bound): Bound => ({ ...bound, capture: toRef(bound.capture) })),
    never: file.never ?? [],
    requires: {
      devices: file.requires ?? [],
      ...(file.enumerated === undefined ? {} : { enumerated: file.enumerated }),
    },
    foreign: file.foreign ?? caposForeign,
    closed: file.closed ?? "",
    ...(file.guest === undefined ? {} : { guest: file.guest }),
    spans: new Map(),
  };
}

function toItem(item: LandmarkFile | { readonly any: readonly LandmarkFile[] }): ChainItem {
  if ("any" in item) return { kind: "any", landmarks: item.any.map(toLandmark) };
  return { kind: "one", landmark: toLandmark(item) };
}

function toLandmark({ name, line, atMost, within }: LandmarkFile): Landmark {
  return { name, line, atMost: atMost ?? 1, withinMs: within ?? 10_000 };
}

function toRef(text: string): CaptureRef {
  const [boot = "", landmark = "", capture = ""] = text.split(".");
  return { boot, landmark, capture };
}
