import { copyFileSync, linkSync, mkdirSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { copySparse, fail, ok, problem, type Result } from "../../base/index.ts";
import type { BootRequest, System } from "../../machine/index.ts";
import { proveCodes } from "../codes.ts";
import type { Companion, CompanionContext, Hand } from "../companion.ts";
import { emulatorVersion, Inspector } from "../inspect/inspector.ts";
import { digestFile, logName, type RecordedFile, recordingFolder, writeRecording } from "./recording.ts";

/** Keeps everything from which a boot can be run again. */
export function recorderOf(context: CompanionContext): Companion {
  return new Recorder(context);
}

class Recorder implements Companion {
  readonly #context: CompanionContext;
  readonly #dir: string;
  #files: readonly Omit<RecordedFile, "bytes" | "sha256">[] = [];
  #disks: readonly string[] = [];
  #qemu: Promise<string> = Promise.resolve("unknown");
  #isRecording = false;

  constructor(context: CompanionContext) {
    this.#context = context;
    this.#dir = join(context.lab.dir.path, recordingFolder, `${context.index + 1}-${context.boot.name}`);
  }

  /** Before the machine is planned: its files are kept as they are now, and the log is asked for. */
  prepare(request: BootRequest): Promise<Result<BootRequest>> {
    const { root } = this.#context;
    this.#disks = request.disks.map((disk) => disk.serial);
    try {
      mkdirSync(this.#dir, { recursive: true });
      this.#files = [
        ...systemFiles(request.system).map((argument, i) => {
          const name = `system-${i + 1}`;
          keep(join(root, argument), join(this.#dir, name));
          return { argument, name };
        }),
        ...request.disks.map(({ serial, file: argument }) => {
          const name = `disk-${serial}.raw`;
          copySparse(join(root, argument), join(this.#dir, name));
          return { argument, name };
        }),
      ];
    } catch (error) {
      return Promise.resolve(this.#failed(error));
    }
    const log = join(relative(root, this.#dir), logName);
    // A console that takes no more is asked again whenever the host gets to it, and the log knows nothing of that.
    return Promise.resolve(ok({ ...request, holdConsole: true, replay: { mode: "record", log } }));
  }

  started({ monitor }: Hand): void {
    this.#isRecording = true;
    this.#qemu = versionOf(monitor);
  }

  async ended(): Promise<Result<undefined>> {
    if (!this.#isRecording) {
      rmSync(this.#dir, { recursive: true, force: true });
      return ok(undefined);
    }
    this.#isRecording = false;
    const log = digestFile(join(this.#dir, logName));
    const digested = this.#files.map((file) => ({ ...file, ...digestFile(join(this.#dir, file.name)) }));
    const files = digested.filter((f): f is RecordedFile => f.bytes !== undefined && f.sha256 !== undefined);
    if (log === undefined || files.length < digested.length) {
      return this.#failed(new Error("a file of it cannot be read"));
    }
    const { name: boot } = this.#context.boot;
    try {
      writeRecording(this.#dir, { v: 1, boot, qemu: await this.#qemu, files, disks: this.#disks, log });
      return ok(undefined);
    } catch (error) {
      return this.#failed(error);
    }
  }

  #failed(error: unknown): Result<never> {
    const why = error instanceof Error ? error.message : String(error);
    const { boot } = this.#context;
    const message = `boot \`${boot.name}\` could not be recorded: ${why}`;
    return fail(problem(proveCodes, "CAPOS_RECORD_HOST", message));
  }
}

/** Files that make the system, as the argument vector names them. */
function systemFiles(system: System): readonly string[] {
  if (system.path !== "direct") return [system.image];
  const { kernel, module, modules } = system;
  const others = [...(modules ?? []).map((m) => m.file), ...(module === undefined ? [] : [module])];
  return [...new Set([kernel, ...others])];
}

/** A second name costs nothing, and what is in the cache is never changed; on another file system it is a copy. */
function keep(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
}

async function versionOf(monitor: Hand["monitor"]): Promise<string> {
  return monitor === undefined ? "unknown" : emulatorVersion(new Inspector(monitor));
}
