import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { keepNewest, type Result, writeFileAtomic } from "../../base/index.ts";
import type { BootInput, Identity } from "../../contract/index.ts";
import { joinTimeline, timelineLine } from "../../evidence/index.ts";
import { digestFile } from "../replay/recording.ts";

/** A machine's stored state and how it came to it. */
export interface State {
  /** Absolute path of its folder. */
  readonly dir: string;
  /** What the banner of the boot that made it has repeated. */
  readonly identity: Identity;
  /** What that boot showed up to the moment at which it was paused. */
  readonly inputs: readonly BootInput[];
  readonly madeAt: string;
}

/** The machine's memory and devices, as the emulator writes them. */
export const stateFile = "state";
/** States that stay, those first that were used last. */
const keptStates = 24;
const isKey = /^[0-9a-f]{64}$/u;
const noteFile = "state.json";
const [consoleFile, terminalFile, timelineFile] = ["console.raw", "terminal.raw", "timeline.jsonl"] as const;

export function diskFile(serial: string): string {
  return `disk-${serial}.raw`;
}

/** The stored state of this key; undefined when there is none, or when it is not what was stored. */
export function readState(folder: string, key: string): State | undefined {
  const dir = join(folder, key);
  try {
    const note: unknown = JSON.parse(readFileSync(join(dir, noteFile), "utf8"));
    if (!isRecord(note) || !isRecord(note["files"])) return undefined;
    for (const [name, digest] of Object.entries(note["files"])) {
      if (!/^[\w.-]+$/u.test(name) || digestFile(join(dir, name))?.sha256 !== digest) return undefined;
    }
    const { identity, madeAt } = note;
    const inputs = readInputs(dir);
    if (!isIdentity(identity) || typeof madeAt !== "string" || !inputs.ok) return undefined;
    const now = new Date();
    utimesSync(dir, now, now);
    return { dir, identity, inputs: inputs.value, madeAt };
  } catch {
    return undefined;
  }
}

/**
 * Puts a state that has been made in `made` (the machine's and the disks' files) under its key. Whoever comes second
 * finds the first one's.
 */
export function keepState(
  folder: string,
  key: string,
  made: string,
  { identity, inputs, madeAt }: Omit<State, "dir">,
  files: readonly string[],
): void {
  const shown = (kind: "bytes" | "terminal"): Uint8Array =>
    Buffer.concat(inputs.flatMap((input) => (input.kind === kind ? [input.bytes] : [])));
  writeFileAtomic(join(made, consoleFile), shown("bytes"));
  writeFileAtomic(join(made, terminalFile), shown("terminal"));
  writeFileAtomic(join(made, timelineFile), inputs.map(timelineLine).join(""));
  const digests = [...files, consoleFile, terminalFile, timelineFile].map(
    (name) => [name, digestFile(join(made, name))?.sha256] as const,
  );
  const note = { v: 1, identity, madeAt, files: Object.fromEntries(digests) };
  writeFileAtomic(join(made, noteFile), `${JSON.stringify(note, null, 2)}\n`);
  mkdirSync(folder, { recursive: true });
  const dir = join(folder, key);
  // What lies there could not be read, or this one would not have been made.
  if (existsSync(dir)) rmSync(dir, { recursive: true, force: true });
  renameSync(made, dir);
  keepNewest(folder, keptStates, (name) => isKey.test(name));
}

function readInputs(dir: string): Result<readonly BootInput[]> {
  const index = readFileSync(join(dir, timelineFile), "utf8");
  const console = readFileSync(join(dir, consoleFile));
  const terminal = readFileSync(join(dir, terminalFile));
  return joinTimeline({ console, terminal }, index, timelineFile);
}

function isIdentity(value: unknown): value is Identity {
  if (!isRecord(value)) return false;
  const { nonce, boot, systemDigest } = value;
  return typeof nonce === "string" && typeof boot === "number" && typeof systemDigest === "string";
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
