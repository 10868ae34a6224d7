/** Reading a run directory: what became of a case, and its files once it has ended. */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { type Result, fail, ok, problem } from "../base/index.ts";
import { type Files, type PackedBundle, maxFileBytes, packFiles } from "./bundle.ts";
import { parseCanonical } from "./canonical.ts";
import { evidenceCodes } from "./codes.ts";
import type { Decoder } from "./decode.ts";
import { type Started, type VerdictRecord, startedDecoder, verdictDecoder } from "./formats.ts";
import { startTicks } from "./layout.ts";
import { type StoredCase, readCase } from "./stored-case.ts";

export type CaseState =
  | { readonly state: "ended"; readonly started: Started; readonly verdict: VerdictRecord }
  | { readonly state: "running"; readonly started: Started }
  /** A start without an end, and its runner is gone. */
  | { readonly state: "dead"; readonly started: Started };

/** What became of the case in this directory; problems name it as `shown`. */
export function inspectCase(dir: string, shown = dir): Result<CaseState> {
  const started = readOne({ dir, shown }, "started.json", startedDecoder);
  if (!started.ok) return started;
  if (readBytes(dir, "verdict.json") === undefined) {
    const { pid, ticks } = started.value.runner;
    const state = startTicks(pid) === ticks ? "running" : "dead";
    return ok({ state, started: started.value });
  }
  const verdict = readOne({ dir, shown }, "verdict.json", verdictDecoder);
  return verdict.ok ? ok({ state: "ended", started: started.value, verdict: verdict.value }) : verdict;
}

/**
 * Directories of the cases of a proof on a boot path below a folder of runs (`.capos/runs`), the newest
 * first. Whatever cannot be read is left out: a killed run leaves such things.
 */
export function findCases(runsDir: string, proof: string, path: string): readonly string[] {
  const found: { readonly dir: string; readonly startedAt: string }[] = [];
  for (const run of namesIn(runsDir)) {
    for (const name of namesIn(join(runsDir, run))) {
      const dir = join(runsDir, run, name);
      const state = inspectCase(dir);
      if (!state.ok) continue;
      const { case: ref, startedAt } = state.value.started;
      if (ref.proof === proof && ref.path === path) found.push({ dir, startedAt });
    }
  }
  return found.toSorted((a, b) => (a.startedAt < b.startedAt ? 1 : -1)).map((f) => f.dir);
}

/** The sealed files of a finished case; what else lies in the directory is not evidence. */
function readSealedFiles(dir: string, shown: string): Result<Files> {
  const state = inspectCase(dir, shown);
  if (!state.ok) return state;
  if (state.value.state !== "ended") {
    const how = state.value.state === "dead" ? "its runner died before a verdict" : "it is still running";
    return fail(problem(evidenceCodes, "CAPOS_EVIDENCE_UNFINISHED", `${shown}: ${how}`));
  }
  const files = new Map<string, Uint8Array>();
  for (const [path, { bytes }] of Object.entries(state.value.verdict.files)) {
    if (bytes <= maxFileBytes) continue;
    const message = `${shown}/${path} has ${bytes} bytes, and a bundle holds files of at most ${maxFileBytes}`;
    return fail(problem(evidenceCodes, "CAPOS_EVIDENCE_SIZE", message));
  }
  for (const path of [...Object.keys(state.value.verdict.files), "verdict.json"]) {
    // The seal is data: a path that climbs out of the directory must not be followed.
    const bytes = path.split("/").includes("..") ? undefined : readBytes(dir, path);
    if (bytes === undefined) {
      return fail(problem(evidenceCodes, "CAPOS_EVIDENCE_MISSING", `${shown}/${path} is not there`));
    }
    files.set(path, bytes);
  }
  return ok(files);
}

/** A finished case as a bundle, after every check that needs no judge; problems name it as `shown`. */
export function packCase(dir: string, shown = dir): Result<PackedBundle & { readonly case: StoredCase }> {
  const files = readSealedFiles(dir, shown);
  if (!files.ok) return files;
  const stored = readCase(files.value, (path) => `${shown}/${path}`);
  return stored.ok ? ok({ ...packFiles(files.value), case: stored.value }) : stored;
}

interface Place {
  readonly dir: string;
  /** The directory's name in problems. */
  readonly shown: string;
}

function readOne<T>({ dir, shown }: Place, name: string, decoder: Decoder<T>): Result<T> {
  const file = `${shown}/${name}`;
  const bytes = readBytes(dir, name);
  if (bytes === undefined)
    return fail(problem(evidenceCodes, "CAPOS_EVIDENCE_MISSING", `${file} is not there`));
  return parseCanonical(decoder, Buffer.from(bytes).toString("utf8"), file);
}

function readBytes(dir: string, path: string): Uint8Array | undefined {
  try {
    return readFileSync(join(dir, path));
  } catch {
    return undefined;
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
