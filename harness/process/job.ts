import { type ChildProcess, spawn } from "node:child_process";
import { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { type Result, fail, ok, problem } from "../base/index.ts";
import { processCodes } from "./codes.ts";
import { findProgram } from "./find.ts";
import { groupRuns, signalGroup } from "./group.ts";
import { connectedPair } from "./pair.ts";
import { jobMarker, runMarker, sweep } from "./sweep.ts";

export interface JobSpec {
  /** Program and arguments. A bare name is looked up on PATH; a path with a slash should be absolute. */
  readonly argv: readonly [string, ...string[]];
  readonly cwd?: string;
  /** Changes to the environment; undefined removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** What the program reads from its standard input, which is empty otherwise. */
  readonly input?: Uint8Array | string;
  /** Standard output and error as they come. Without it they are read and dropped, so the program never blocks. Must not throw. */
  readonly onOutput?: (stream: "stdout" | "stderr", bytes: Uint8Array) => void;
  /** Number of two-way byte streams, which the program finds at descriptors 3, 4, … as connected UNIX sockets. */
  readonly channels?: number;
  /** Which of the channels, from 0, must hold much that nobody has read yet: a plain one holds a few hundred small writes. */
  readonly deep?: readonly number[];
  /** Wall time after which the job is ended with the cause `timed-out`. None unless given. */
  readonly deadlineMs?: number;
  /** Time between TERM and KILL; 500 ms unless given. */
  readonly graceMs?: number;
  /** Also ask the kernel to kill the program when the tool dies. Needs `setpriv`; without it the reaper has to do. */
  readonly dieWithTool?: boolean;
}

/** Why a job ended: the first cause, whatever happened to it afterwards. */
export type JobCause =
  | { readonly kind: "exited"; readonly code: number }
  /** Killed by somebody outside the tool, or by its own crash. */
  | { readonly kind: "signalled"; readonly signal: string }
  | { readonly kind: "timed-out"; readonly afterMs: number }
  | { readonly kind: "cancelled"; readonly why: string };

export interface JobEnd {
  readonly cause: JobCause;
  /** How the system reports the end of the program itself; both null when it could not be killed. */
  readonly code: number | null;
  readonly signal: string | null;
  /** The program left processes behind, which were killed. */
  readonly leaky: boolean;
  readonly wallMs: number;
}

export interface Job {
  /** Also the number of its process group. */
  readonly pid: number;
  readonly channels: readonly Socket[];
  /** Settles when the program is gone, its output is read to the end and its group is empty. Never rejects. */
  readonly ended: Promise<JobEnd>;
  /** Ends the job: `ask` sends TERM and, after the grace, KILL; `kill` sends KILL. The first `why` is kept. */
  stop(how: "ask" | "kill", why: string): void;
}

/** What a job needs of its supervisor. */
export interface JobContext {
  readonly run: string;
  /** Unique within the run. */
  readonly job: number;
  /** Called before the group's first process runs on, and when the group is empty. */
  watch(group: number): void;
  forget(group: number): void;
}

const defaultGraceMs = 500;
/** How long after the program's own end its pipes may stay open before it counts as leaky. */
const leakWindowMs = 200;
/** How long a process may take to die of SIGKILL; only one stuck in the host's kernel takes longer. */
const stuckMs = 5_000;

/** Starts a job in a process group of its own. Fails when the program is missing or cannot be started. */
export async function startJob(spec: JobSpec, context: JobContext): Promise<Result<Job>> {
  const [name, ...args] = spec.argv;
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    ...spec.env,
    [runMarker]: context.run,
    [jobMarker]: String(context.job),
  };
  const program = findProgram(name, env["PATH"]);
  if (program === undefined) {
    return fail(problem(processCodes, "CAPOS_TOOL_MISSING", `the program ${name} was not found`));
  }
  const setpriv = spec.dieWithTool === true ? findProgram("setpriv") : undefined;
  const [file, fileArgs] =
    setpriv === undefined ? [program, args] : [setpriv, ["--pdeathsig", "KILL", program, ...args]];
  const deep = new Map<number, NonNullable<Awaited<ReturnType<typeof connectedPair>>>>();
  for (const index of spec.deep ?? []) {
    const pair = await connectedPair();
    if (pair !== undefined) deep.set(index, pair);
  }
  const began = performance.now();
  let child: ChildProcess;
  try {
    child = spawn(file, fileArgs, {
      ...(spec.cwd === undefined ? {} : { cwd: spec.cwd }),
      env,
      detached: true,
      stdio: [
        spec.input === undefined ? "ignore" : "pipe",
        "pipe",
        "pipe",
        ...Array.from(
          { length: spec.channels ?? 0 },
          (_, index) => deep.get(index)?.[1] ?? ("pipe" as const),
        ),
      ],
    });
    // The reaper hears of the group before anything else happens.
    if (child.pid !== undefined) context.watch(child.pid);
    await spawned(child);
  } catch (error) {
    for (const [ours] of deep.values()) ours.destroy();
    const reason = error instanceof Error ? error.message : String(error);
    return fail(problem(processCodes, "CAPOS_TOOL_START", `${program} could not be started: ${reason}`));
  } finally {
    // The program has its own; ours would keep the connection open when it is gone.
    for (const [, theirs] of deep.values()) theirs.destroy();
  }
  if (child.pid === undefined) {
    return fail(problem(processCodes, "CAPOS_TOOL_START", `${program} could not be started`));
  }
  const channels = child.stdio.slice(3).flatMap((stream, index) => {
    const channel = deep.get(index)?.[0] ?? stream;
    return channel instanceof Socket ? [channel] : [];
  });
  return ok(new RunningJob(spec, context, { child, pid: child.pid, channels }, began));
}

/** What has been started. */
interface Started {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly channels: readonly Socket[];
}

function spawned(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", reject);
  });
}

class RunningJob implements Job {
  readonly pid: number;
  readonly channels: readonly Socket[];
  readonly ended: Promise<JobEnd>;
  readonly #child: ChildProcess;
  readonly #context: JobContext;
  readonly #graceMs: number;
  readonly #began: number;
  readonly #closed: Promise<"closed">;
  readonly #timers = new Set<NodeJS.Timeout>();
  #cause: JobCause | undefined;
  #killed = false;
  #exited = false;
  #giveUp: () => void = () => {};

  constructor(spec: JobSpec, context: JobContext, { child, pid, channels }: Started, began: number) {
    this.pid = pid;
    this.#child = child;
    this.#context = context;
    this.#graceMs = spec.graceMs ?? defaultGraceMs;
    this.#began = began;
    this.channels = channels;
    // A reset is how a peer ends that has not read everything we wrote: an end like any other. So is a broken pipe.
    for (const stream of [child.stdin, ...this.channels]) stream?.on("error", () => {});
    child.stdout?.on("data", (bytes: Uint8Array) => spec.onOutput?.("stdout", bytes));
    child.stderr?.on("data", (bytes: Uint8Array) => spec.onOutput?.("stderr", bytes));
    child.on("error", () => {});
    if (spec.input !== undefined) child.stdin?.end(spec.input);
    const ends = [child, ...channels].map(
      (end) => new Promise<void>((resolve) => end.once("close", () => resolve())),
    );
    this.#closed = Promise.all(ends).then(() => "closed" as const);
    const exited = new Promise<void>((resolve) => {
      child.once("exit", () => resolve());
      this.#giveUp = resolve;
    });
    this.ended = exited.then(() => this.#finish());
    const { deadlineMs } = spec;
    if (deadlineMs !== undefined) {
      this.#later(deadlineMs, () => this.#end("ask", { kind: "timed-out", afterMs: deadlineMs }));
    }
  }

  stop(how: "ask" | "kill", why: string): void {
    this.#end(how, { kind: "cancelled", why });
  }

  #end(how: "ask" | "kill", cause: JobCause): void {
    if (this.#exited || this.#killed) return;
    const asked = this.#cause !== undefined;
    this.#cause ??= cause;
    if (how === "kill") {
      this.#killed = true;
      signalGroup(this.pid, "SIGKILL");
      this.#later(stuckMs, this.#giveUp);
    } else if (!asked) {
      signalGroup(this.pid, "SIGTERM");
      this.#later(this.#graceMs, () => this.#end("kill", cause));
    }
  }

  #later(ms: number, action: () => void): void {
    this.#timers.add(setTimeout(action, ms));
  }

  async #finish(): Promise<JobEnd> {
    this.#exited = true;
    for (const timer of this.#timers) clearTimeout(timer);
    const { exitCode: code, signalCode: signal } = this.#child;
    this.#cause ??= signal === null ? { kind: "exited", code: code ?? 0 } : { kind: "signalled", signal };
    const wallMs = performance.now() - this.#began;
    const stuck = code === null && signal === null;
    const leaky = (await this.#endGroup()) || (await this.#endPipes()) || stuck;
    this.#context.forget(this.pid);
    return { cause: this.#cause, code, signal, leaky, wallMs };
  }

  /** Gives what is left of the group the leak window, then kills it. True when there was something to kill. */
  async #endGroup(): Promise<boolean> {
    if (await this.#groupEnds(leakWindowMs)) return false;
    signalGroup(this.pid, "SIGKILL");
    await this.#groupEnds(stuckMs);
    return true;
  }

  async #groupEnds(withinMs: number): Promise<boolean> {
    const windowEnds = performance.now() + withinMs;
    while (groupRuns(this.pid)) {
      if (performance.now() >= windowEnds) return false;
      await sleep(10);
    }
    return true;
  }

  /**
   * Waits for the end of every pipe. The group is empty, so a pipe that stays open though nobody holds back its
   * reading is held by a process that has left the group: found by its marker and killed. True when that happened.
   */
  async #endPipes(): Promise<boolean> {
    let read = -1;
    for (;;) {
      const timeout = new AbortController();
      const first = await Promise.race([
        this.#closed,
        sleep(leakWindowMs, "window" as const, { signal: timeout.signal }).catch(() => "window" as const),
      ]);
      timeout.abort();
      if (first === "closed") return false;
      const { stdin, stdout, stderr } = this.#child;
      const streams = [stdin, stdout, stderr, ...this.channels].filter((stream) => stream instanceof Socket);
      const now = streams.reduce((sum, stream) => sum + stream.bytesRead, 0);
      const held = streams.some((stream) => stream.isPaused());
      if (!held && now === read) {
        await sweep({ run: this.#context.run, job: this.#context.job });
        for (const stream of streams) stream.destroy();
        return true;
      }
      read = now;
    }
  }
}
