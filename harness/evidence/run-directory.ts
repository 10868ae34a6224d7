/**
 * The run directory, written while a case runs. Each file is either absent or whole, consoles grow by
 * appending, and `verdict.json` comes last and seals the rest: so whatever ends the tool, what lies there
 * says how far it came. Written synchronously: a console is a few kilobytes, and nothing can be reordered.
 */
import { appendFileSync, closeSync, existsSync, mkdirSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import {
  type Clock,
  type Problem,
  type Result,
  err,
  ok,
  problem,
  sha256,
  systemClock,
  writeFileAtomic,
} from "../base/index.ts";
import type { BootInput, Verdict, Freshness } from "../contract/index.ts";
import type { CaseRef } from "../events/index.ts";
import { canonicalText } from "./canonical.ts";
import { evidenceCodes } from "./codes.ts";
import { type Decoder, decode } from "./decode.ts";
import {
  type Boot,
  type Disks,
  type Inputs,
  type Started,
  type StoredJudgement,
  bootDecoder,
  disksDecoder,
  inputsDecoder,
  judgementDecoder,
  startedDecoder,
  verdictDecoder,
} from "./formats.ts";
import { attachedName, bootFiles, startTicks } from "./layout.ts";
import { timelineLine } from "./timeline.ts";

export interface CaseStart {
  /** Directory of the run, `.capos/runs/<run>`; the case gets a folder of its own in it. */
  readonly runDir: string;
  readonly run: string;
  readonly case: CaseRef;
  /** Version of the tool. */
  readonly capos: string;
  /** Counts from 1: a case that is retried gets a directory for each attempt. */
  readonly attempt?: number;
  readonly clock?: Clock;
}

export type BootStart = Omit<Boot, "v" | "index" | "startedAt">;

export interface CaseEnd {
  readonly verdict: Verdict;
  readonly cause: string;
  /** The weakest of the boots. */
  readonly freshness: Freshness;
}

/** A case being run. No method throws for a file system's failure. */
export interface RunDirectory {
  readonly path: string;
  inputs(inputs: Omit<Inputs, "v">): Result<undefined>;
  /** Stores a file that belongs to the whole case and is sealed with it; `name` is an `attachedName`. */
  attach(name: string, text: string): Result<undefined>;
  /** Opens the next boot's directory; boots count from 1 in the order of these calls. */
  boot(start: BootStart): Result<BootDirectory>;
  /** Writes the judgement, if there is one, then the sealing verdict. Nothing may be written afterwards. */
  finish(end: CaseEnd, judgement?: Omit<StoredJudgement, "v">): Result<undefined>;
}

export interface BootDirectory {
  readonly path: string;
  /**
   * Stores what the judge is fed, console bytes before their time, so that a crash can leave bytes without
   * a time but never the reverse. The first failure is kept for `close`, and later input is dropped.
   */
  append(input: BootInput): void;
  /** Appends to a file that stands beside the console and is sealed with it; `name` is an `attachedName`. */
  attach(name: string, bytes: Uint8Array): void;
  /** Ends the boot and records its disks; reports the first failure of any write of this boot. */
  close(disks: Disks["disks"]): Result<undefined>;
}

/** Creates the case's directory, which must not exist yet, and writes `started.json`. */
export function openRunDirectory(start: CaseStart): Result<RunDirectory> {
  const clock = start.clock ?? systemClock;
  const attempt = start.attempt ?? 1;
  const path = join(start.runDir, attempt === 1 ? start.case.id : `${start.case.id}.${attempt}`);
  const began = clock.monotonic();
  const started: Started = {
    v: 1,
    run: start.run,
    case: { id: start.case.id, proof: start.case.proof, path: start.case.path },
    capos: start.capos,
    startedAt: isoTime(clock),
    runner: { pid: process.pid, ticks: startTicks(process.pid) ?? "" },
  };
  const written: string[] = [];
  const write = <T>(name: string, decoder: Decoder<T>, value: T): Result<undefined> => {
    const text = checkedText(name, decoder, value);
    return attemptWrite(join(path, name), (file) => {
      writeFileAtomic(file, text);
      written.push(name);
    });
  };
  const made = attemptWrite(path, () => {
    mkdirSync(start.runDir, { recursive: true });
    mkdirSync(path);
  });
  const first = made.ok ? write("started.json", startedDecoder, started) : made;
  if (!first.ok) return first;

  let boots = 0;
  return ok({
    path,
    inputs: (inputs) => write("inputs.json", inputsDecoder, { v: 1, ...inputs }),
    attach: (name, text) => {
      if (!attachedName.test(name)) throw new Error(`nothing can be attached as ${JSON.stringify(name)}`);
      const file = `attached/${name}`;
      return attemptWrite(join(path, file), (place) => {
        mkdirSync(join(path, "attached"), { recursive: true });
        writeFileAtomic(place, text);
        written.push(file);
      });
    },
    boot: ({ name, argv, freshness, identity, transport, fork }) => {
      const index = ++boots;
      const names = bootFiles(index, name);
      const startedAt = isoTime(clock);
      const opened = write(names.boot, bootDecoder, {
        v: 1,
        name,
        index,
        startedAt,
        argv,
        freshness,
        ...(transport === undefined ? {} : { transport }),
        identity,
        ...(fork === undefined ? {} : { fork }),
      });
      if (!opened.ok) return opened;
      written.push(names.console, names.timeline);
      const attach = (name: string): string => {
        if (!attachedName.test(name)) throw new Error(`nothing can be attached as ${JSON.stringify(name)}`);
        const file = `${names.attached}/${name}`;
        if (!written.includes(file)) written.push(file);
        return file;
      };
      return openBoot(path, names, attach, (disks) => write(names.disks, disksDecoder, { v: 1, disks }));
    },
    finish: (end, judgement) => {
      if (judgement !== undefined) {
        const judged = write("judgement.json", judgementDecoder, { v: 1, ...judgement });
        if (!judged.ok) return judged;
      }
      const sealed = written.filter((name) => existsSync(join(path, name)));
      return write("verdict.json", verdictDecoder, {
        v: 1,
        verdict: end.verdict,
        cause: end.cause,
        freshness: end.freshness,
        attempt,
        endedAt: isoTime(clock),
        elapsedMs: Math.round(Number(clock.monotonic() - began) / 1e6),
        files: Object.fromEntries(sealed.map((name) => [name, digestOf(join(path, name))])),
      });
    },
  });
}

function openBoot(
  root: string,
  names: ReturnType<typeof bootFiles>,
  attach: (name: string) => string,
  seal: (disks: Disks["disks"]) => Result<undefined>,
): Result<BootDirectory> {
  let failed: readonly Problem[] | undefined;
  const guard = (file: string, action: (file: string) => void): void => {
    const done = failed === undefined ? attemptWrite(file, action) : ok(undefined);
    if (!done.ok) failed = done.error;
  };
  const consoleFile = join(root, names.console);
  const timelineFile = join(root, names.timeline);
  let consoleFd = -1;
  let timelineFd = -1;
  guard(consoleFile, (file) => (consoleFd = openSync(file, "ax")));
  guard(timelineFile, (file) => (timelineFd = openSync(file, "ax")));
  if (failed !== undefined) return err(failed);
  const addTo = (name: string, bytes: Uint8Array): void =>
    guard(join(root, attach(name)), (file) => {
      mkdirSync(join(root, names.attached), { recursive: true });
      appendFileSync(file, bytes);
    });
  return ok({
    path: join(root, names.folder),
    append: (input) => {
      if (input.kind === "bytes") guard(consoleFile, () => writeAll(consoleFd, input.bytes));
      if (input.kind === "terminal") addTo("terminal.raw", input.bytes);
      guard(timelineFile, () => writeAll(timelineFd, Buffer.from(timelineLine(input))));
    },
    attach: addTo,
    close: (disks) => {
      const closed = [
        attemptWrite(consoleFile, () => closeSync(consoleFd)),
        attemptWrite(timelineFile, () => closeSync(timelineFd)),
      ];
      for (const c of closed) if (!c.ok) failed ??= c.error;
      return failed === undefined ? seal(disks) : err(failed);
    },
  });
}

/** The text of a value that its own decoder accepts; what could not be read back is never written. */
function checkedText<T>(name: string, decoder: Decoder<T>, value: T): string {
  const checked = decode(decoder, value);
  if (!("value" in checked)) throw new Error(`${name}: ${checked.at} ${checked.message}`);
  return canonicalText(checked.value);
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done);
}

function digestOf(file: string): { readonly bytes: number; readonly sha256: string } {
  const bytes = readFileSync(file);
  return { bytes: bytes.length, sha256: sha256(bytes) };
}

function attemptWrite(file: string, action: (file: string) => void): Result<undefined> {
  try {
    action(file);
    return ok(undefined);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return err([problem(evidenceCodes, "CAPOS_EVIDENCE_WRITE", `${file} could not be written: ${why}`)]);
  }
}

function isoTime(clock: Clock): string {
  return new Date(clock.now()).toISOString();
}
