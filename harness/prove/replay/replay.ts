import { relative } from "node:path";
import { fail, ok, problem, type Result } from "../../base/index.ts";
import { type BootPlan, type Machine, replayArgv, type RunningBoot } from "../../machine/index.ts";
import { proveCodes } from "../codes.ts";
import { emulatorVersion, Inspector } from "../inspect/inspector.ts";
import type { RecordedBoot } from "./find.ts";
import { logName } from "./recording.ts";

export interface ReplayContext {
  /** In which the machine runs. */
  readonly root: string;
  /** An emulator under TCG. */
  readonly machine: Machine;
  readonly stopping: AbortSignal;
  /** Called with each piece of the console. */
  readonly onConsole?: (bytes: Uint8Array) => void;
}

/** What a replay printed, against what was recorded. */
export type Replayed =
  | { readonly outcome: "same"; readonly bytes: number }
  /** The first byte that is another, or is missing on one side. */
  | { readonly outcome: "differs"; readonly at: number }
  /** The machine waits for something that does not come, which happens when it goes another way than recorded. */
  | { readonly outcome: "stuck"; readonly at: number; readonly instruction: number | undefined }
  | { readonly outcome: "interrupted" };

/** Runs a recorded boot again to its end and compares the consoles byte for byte. */
export async function replayBoot(recorded: RecordedBoot, context: ReplayContext): Promise<Result<Replayed>> {
  const started = await startReplay(recorded, context, { paused: false, backwards: false });
  if (!started.ok) return started;
  const boot = started.value;
  const stop = (): void => boot.end("cut", "interrupted");
  context.stopping.addEventListener("abort", stop, { once: true });
  if (context.stopping.aborted) stop();
  const comparison = new Comparison(recorded.console);
  // Guest time runs as fast as the host's at most, and reading a log costs about as much again.
  const patience = 30_000 + 10 * recorded.wallMs;
  let stuckAt: Promise<number | undefined> | undefined;
  for await (const input of boot.inputs) {
    if (input.kind === "bytes") {
      comparison.add(input.bytes);
      context.onConsole?.(input.bytes);
    }
    if (comparison.differsAt !== undefined) boot.end("cut", "decided");
    if (stuckAt === undefined && input.at.wallMs > patience) {
      stuckAt = instructionOf(boot).finally(() => boot.end("cut", "decided"));
    }
  }
  context.stopping.removeEventListener("abort", stop);
  const end = await boot.ended;
  if (context.stopping.aborted) return ok({ outcome: "interrupted" });
  if (stuckAt !== undefined) {
    return ok({ outcome: "stuck", at: comparison.bytes, instruction: await stuckAt });
  }
  const at = comparison.differsAt ?? comparison.missingAt;
  if (at === undefined) return ok({ outcome: "same", bytes: comparison.bytes });
  // An emulator that finds its log broken ends with a message and prints nothing more.
  if (/^Replay|replay/mu.test(end.stderr) && comparison.differsAt === undefined) {
    const message = `${recorded.name}: the emulator cannot follow its log`;
    return fail(problem(proveCodes, "CAPOS_REPLAY_DAMAGED", message, { detail: end.stderr }));
  }
  return ok({ outcome: "differs", at });
}

/** Starts the machine that a recording describes; `backwards`: such that a debugger can go back to its start. */
export async function startReplay(
  recorded: RecordedBoot,
  { root, machine }: ReplayContext,
  how: { readonly paused: boolean; readonly backwards: boolean },
): Promise<Result<RunningBoot>> {
  const { recording, boot, dir, name } = recorded;
  const here = relative(root, dir);
  const files = new Map(recording.files.map((f) => [f.argument, `${here}/${f.name}`]));
  const logs = boot.argv.flatMap((word) => /,rrfile=(.+)$/u.exec(word)?.[1]?.replaceAll(",,", ",") ?? []);
  for (const log of logs) files.set(log, `${here}/${logName}`);
  const argv = replayArgv(boot.argv, { files, disks: recording.disks, backwards: how.backwards });
  if (argv === undefined) {
    return fail(problem(proveCodes, "CAPOS_REPLAY_DAMAGED", `${name}: its command recorded nothing`));
  }
  const installed = await machine.facts();
  if (!installed.ok) return installed;
  const plan: BootPlan = {
    request: {
      name: boot.name,
      machine: recorded.case.inputs.proof.machine,
      system: { path: "direct", kernel: "" },
      disks: [],
      paused: how.paused,
      holdConsole: true,
    },
    argv: [installed.value.emulator?.path ?? argv[0] ?? "", ...argv.slice(1)],
    firmware: [],
  };
  const started = await machine.start(plan);
  if (!started.ok || started.value.monitor === undefined) return started;
  const now = await emulatorVersion(new Inspector(started.value.monitor));
  // One that is gone already has its own message.
  if (now === recording.qemu || now === "unknown") return started;
  started.value.end("cut", "decided");
  await started.value.ended;
  const message = `${name} was recorded by QEMU ${recording.qemu}, and this is ${now}`;
  return fail(problem(proveCodes, "CAPOS_REPLAY_EMULATOR", message));
}

/** Keeps the state of a machine that has not begun, so that a debugger can go back to it. */
export async function saveStart({ monitor }: RunningBoot): Promise<Result<undefined>> {
  const said = monitor === undefined ? undefined : await new Inspector(monitor).ask("savevm start");
  const why = said === undefined ? "the machine cannot be asked" : said.ok ? said.value.trim() : said.error;
  if (why === "") return ok(undefined);
  return hostFailed(`the machine's state could not be kept: ${why}`);
}

export function hostFailed(message: string): Result<never> {
  return fail(problem(proveCodes, "CAPOS_REPLAY_HOST", message));
}

async function instructionOf({ monitor }: RunningBoot): Promise<number | undefined> {
  const said = await monitor?.execute("query-replay");
  const value: unknown = said?.ok === true ? said.value : undefined;
  const count = typeof value === "object" && value !== null && "icount" in value ? value.icount : undefined;
  return typeof count === "number" ? count : undefined;
}

/** Holds bytes as they come against those that were recorded. */
export class Comparison {
  readonly #recorded: Uint8Array;
  #bytes = 0;
  #differsAt: number | undefined;

  constructor(recorded: Uint8Array) {
    this.#recorded = recorded;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** The first byte that is another, or that there should not be. */
  get differsAt(): number | undefined {
    return this.#differsAt;
  }

  /** Nothing more comes: the first byte that did not come. */
  get missingAt(): number | undefined {
    return this.#bytes < this.#recorded.length ? this.#bytes : undefined;
  }

  add(bytes: Uint8Array): void {
    for (const byte of bytes) {
      if (this.#differsAt === undefined && byte !== this.#recorded[this.#bytes])
        this.#differsAt = this.#bytes;
      this.#bytes++;
    }
  }
}
