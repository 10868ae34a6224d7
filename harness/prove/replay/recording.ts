import { createHash } from "node:crypto";
import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { join } from "node:path";
import { fail, ok, problem, type Result, writeFileAtomic } from "../../base/index.ts";
import { proveCodes } from "../codes.ts";

/** Where a case keeps what its boots can be run again from, beside its evidence. */
export const recordingFolder = "recording";
const noteName = "recording.json";
export const logName = "replay.bin";

/** What a boot can be run again from. The argument vector and the console stand in the evidence. */
export interface Recording {
  readonly v: 1;
  readonly boot: string;
  /** Version of the emulator: another one counts instructions otherwise. */
  readonly qemu: string;
  /** Every file that the boot read or wrote, as it was before. */
  readonly files: readonly RecordedFile[];
  /** Serial numbers of the data disks. */
  readonly disks: readonly string[];
  readonly log: Digested;
}

export interface RecordedFile extends Digested {
  /** As the argument vector names it. */
  readonly argument: string;
  /** In the recording. */
  readonly name: string;
}

interface Digested {
  readonly bytes: number;
  readonly sha256: string;
}

export function writeRecording(dir: string, recording: Recording): void {
  writeFileAtomic(join(dir, noteName), `${JSON.stringify(recording, null, 2)}\n`);
}

/** Reads a recording and checks that its files are what was recorded: `shown` names it in problems. */
export function readRecording(dir: string, shown: string): Result<Recording> {
  const bad = (message: string): Result<never> => fail(problem(proveCodes, "CAPOS_REPLAY_DAMAGED", message));
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(join(dir, noteName), "utf8"));
  } catch {
    return bad(
      `${shown}/${noteName} is missing or damaged: the boot was cut off before its log was complete`,
    );
  }
  const recording = parseRecording(value);
  if (recording === undefined) return bad(`${shown}/${noteName} is no recording that this tool can read`);
  for (const { name, ...stated } of [{ name: logName, ...recording.log }, ...recording.files]) {
    const now = digestFile(join(dir, name));
    if (now === undefined) return bad(`${shown}/${name} is not there`);
    if (now.bytes !== stated.bytes || now.sha256 !== stated.sha256) {
      return bad(`${shown}/${name} has been changed since it was recorded`);
    }
  }
  return ok(recording);
}

/** Size and digest of a file, read piece by piece; undefined when it cannot be read. */
export function digestFile(path: string): Digested | undefined {
  let fd: number;
  try {
    fd = openSync(path, "r");
  } catch {
    return undefined;
  }
  try {
    const hash = createHash("sha256");
    const piece = Buffer.alloc(1 << 20);
    let bytes = 0;
    for (let read = readSync(fd, piece); read > 0; read = readSync(fd, piece)) {
      hash.update(piece.subarray(0, read));
      bytes += read;
    }
    return { bytes, sha256: hash.digest("hex") };
  } finally {
    closeSync(fd);
  }
}

function parseRecording(value: unknown): Recording | undefined {
  if (!isRecord(value) || value["v"] !== 1) return undefined;
  const { boot, qemu, files, disks, log } = value;
  const [digest, recorded] = [parseDigest(log), Array.isArray(files) ? files.map(parseFile) : [undefined]];
  if (typeof boot !== "string" || typeof qemu !== "string" || digest === undefined) return undefined;
  if (!Array.isArray(disks) || !disks.every((d): d is string => typeof d === "string")) return undefined;
  const known = recorded.filter((f) => f !== undefined);
  return known.length === recorded.length
    ? { v: 1, boot, qemu, files: known, disks, log: digest }
    : undefined;
}

function parseFile(value: unknown): RecordedFile | undefined {
  const digest = parseDigest(value);
  if (!isRecord(value) || digest === undefined) return undefined;
  const { argument, name } = value;
  // A name is that of a file in the folder, and of nothing else.
  if (typeof argument !== "string" || typeof name !== "string" || !/^[\w.-]+$/u.test(name)) return undefined;
  return { ...digest, argument, name };
}

function parseDigest(value: unknown): Digested | undefined {
  if (!isRecord(value)) return undefined;
  const { bytes, sha256 } = value;
  return typeof bytes === "number" && typeof sha256 === "string" ? { bytes, sha256 } : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
