import {
  closeSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fail, type Lock, ok, problem, type Result, sha256, tryLock } from "../../harness/base/index.ts";
import { cloudCodes } from "../codes.ts";
import { type RunId, runIdPattern } from "../names.ts";
import { lineOf, noPrevious, readLines } from "./lines.ts";
import type { JournalRecord } from "./records.ts";
import { type JournalState, replay } from "./state.ts";

/** The journal of one run, held by one process. */
export interface Journal {
  readonly path: string;
  /** What the records say, those of an earlier process included. */
  state(): JournalState;
  /** Puts a record on the disk before it returns. The error means that nothing more may be made. */
  write(record: JournalRecord): Result<undefined>;
  close(): void;
}

/** `.capos/cloud/<run>.jsonl` */
export function journalPath(folder: string, run: RunId): string {
  return join(folder, `${run}.jsonl`);
}

/** Runs that have a journal here, the oldest first. */
export function listJournals(folder: string): readonly RunId[] {
  try {
    const names = readdirSync(folder).flatMap((name) => (name.endsWith(".jsonl") ? [name.slice(0, -6)] : []));
    return names.filter((name) => runIdPattern.test(name)).toSorted();
  } catch {
    return [];
  }
}

/** Begins the journal of a new run. A run that has one already is refused: its id is not free. */
export function createJournal(folder: string, run: RunId): Result<Journal> {
  return hold(folder, run, (path) => ({
    fd: openSync(path, "ax+"),
    records: [],
    last: noPrevious,
    bytes: 0,
  }));
}

/** Takes up the journal of a run whose process is dead. What was not whole on the disk is dropped. */
export function resumeJournal(folder: string, run: RunId): Result<Journal> {
  if (!runIdPattern.test(run) || !listJournals(folder).includes(run)) {
    return fail(problem(cloudCodes, "CAPOS_CLOUD_RUN_UNKNOWN", `there is no journal of the run ${run}`));
  }
  return hold(folder, run, (path) => {
    const read = readLines(readFileSync(path, "utf8"));
    if ("fault" in read) throw new Untrustworthy(`${path}:${read.line}: ${read.fault}`);
    const fd = openSync(path, "a+");
    ftruncateSync(fd, read.bytes);
    return { fd, records: read.records, last: read.last, bytes: read.bytes };
  });
}

/** For work that belongs to no run of its own: what it removes is told by its report. */
export const noJournal: Journal = {
  path: "",
  state: () => ({ begin: undefined, resources: [], ended: false, count: 0 }),
  write: () => ok(undefined),
  close: () => {},
};

class Untrustworthy extends Error {}

interface Opened {
  readonly fd: number;
  readonly records: readonly JournalRecord[];
  readonly last: string;
  /** Length of the whole lines. */
  readonly bytes: number;
}

function hold(folder: string, run: RunId, open: (path: string) => Opened): Result<Journal> {
  const path = journalPath(folder, run);
  let lock: Lock | undefined;
  try {
    mkdirSync(folder, { recursive: true });
    lock = tryLock(`${path}.lock`);
    if (lock === undefined) return broken(`the run ${run} is held by another process`);
    const opened = open(path);
    syncFolder(dirname(path));
    return ok(new FileJournal(path, opened, lock));
  } catch (error) {
    lock?.release();
    if (error instanceof Untrustworthy || isSystemError(error)) return broken(error.message);
    throw error;
  }
}

class FileJournal implements Journal {
  readonly path: string;
  readonly #fd: number;
  readonly #records: JournalRecord[];
  readonly #lock: Lock;
  #last: string;
  #bytes: number;

  constructor(path: string, opened: Opened, lock: Lock) {
    this.path = path;
    this.#fd = opened.fd;
    this.#records = [...opened.records];
    this.#last = opened.last;
    this.#bytes = opened.bytes;
    this.#lock = lock;
  }

  state(): JournalState {
    return replay(this.#records);
  }

  write(record: JournalRecord): Result<undefined> {
    const line = lineOf(record, this.#records.length, this.#last);
    const bytes = Buffer.from(`${line}\n`);
    try {
      for (let done = 0; done < bytes.length;) done += writeSync(this.#fd, bytes, done);
      fsyncSync(this.#fd);
    } catch (error) {
      if (!isSystemError(error)) throw error;
      this.#takeBack();
      return broken(`${this.path} could not be written: ${error.message}`);
    }
    this.#records.push(record);
    this.#last = sha256(line);
    this.#bytes += bytes.length;
    return ok(undefined);
  }

  /** Half a line in the middle would spoil the whole journal, should there be room again later. */
  #takeBack(): void {
    try {
      ftruncateSync(this.#fd, this.#bytes);
    } catch {
      // Then the half line is what a reader finds at the end, or what makes it stop trusting the rest.
    }
  }

  close(): void {
    closeSync(this.#fd);
    this.#lock.release();
  }
}

/** A new name in a folder is on the disk only when the folder is. */
function syncFolder(folder: string): void {
  const fd = openSync(folder, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function broken(message: string): Result<never> {
  return fail(problem(cloudCodes, "CAPOS_CLOUD_JOURNAL", message));
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "syscall" in error;
}
