/** Merging shards on the disk: one directory that is a run like any other, made of the shards' own files. */
import { cpSync, existsSync, readFileSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import {
  type Problem,
  type Result,
  err,
  fail,
  makeFolder,
  ok,
  problem,
  writeFileAtomic,
} from "../base/index.ts";
import { reportCodes } from "./codes.ts";
import { mergeShards, type Shard } from "./model/merge.ts";
import { readStream } from "./model/stream.ts";

export interface MergedRun {
  /** Absolute path of the directory. */
  readonly dir: string;
  readonly exit: number;
}

/**
 * Joins shards, each a run's directory or its event stream, into the new directory `out`. Leaves nothing behind unless
 * all of it could be written.
 */
export function mergeRuns(root: string, paths: readonly string[], out: string): Result<MergedRun> {
  const dir = resolve(out);
  if (existsSync(dir)) return fail(problem(reportCodes, "CAPOS_REPORT_EXISTS", `${out} is there already`));
  const problems: Problem[] = [];
  const folders = new Map<Shard, string>();
  for (const path of paths) {
    const file = path.endsWith(".jsonl") ? path : join(path, "events.jsonl");
    const read = readStream(readFileSync(file, "utf8"), relative(root, file));
    if (read.ok) folders.set({ name: basename(dirname(file)), stream: read.value }, dirname(file));
    else problems.push(...read.error);
  }
  if (problems.length > 0) return err(problems);
  const merged = mergeShards([...folders.keys()], { run: basename(dir), dir: relative(root, dir) });
  if (!merged.ok) return merged;
  const beside = `${dir}.${process.pid}.tmp`;
  try {
    makeFolder(beside);
    for (const [id, shard] of merged.value.origins) {
      const from = join(folders.get(shard) ?? "", id);
      // An event stream may come without its artefacts; then the report has what the events tell.
      if (existsSync(from)) cpSync(from, join(beside, id), { recursive: true });
    }
    const lines = merged.value.events.map((event) => `${JSON.stringify(event)}\n`);
    writeFileAtomic(join(beside, "events.jsonl"), lines.join(""));
    renameSync(beside, dir);
  } catch (error) {
    rmSync(beside, { recursive: true, force: true });
    const why = error instanceof Error ? error.message : String(error);
    return fail(problem(reportCodes, "CAPOS_REPORT_WRITE", `${out} cannot be written: ${why}`));
  }
  return ok({ dir, exit: merged.value.exit });
}
