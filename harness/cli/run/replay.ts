import { rmSync } from "node:fs";
import { join, relative } from "node:path";
import { exitCodes, type Result } from "../../base/index.ts";
import { createSupervisor, type Interrupts, type Supervisor, watchInterrupts } from "../../process/index.ts";
import { loadInspect, loadReplay, openEmulator } from "../../prove/index.ts";
import type { ReplayFlags } from "../commands/replay.ts";
import type { CliContext } from "../context.ts";
import { debugMachine, drain } from "../prove/debugger.ts";
import { newRun } from "../prove/session.ts";
import { runNamed } from "../run-name.ts";

type Room = Awaited<ReturnType<typeof loadReplay>>;
type Recorded = Parameters<Room["replayBoot"]>[0];
type Context = Parameters<Room["replayBoot"]>[1];

interface Session {
  readonly room: Room;
  readonly supervisor: Supervisor;
  readonly interrupts: Interrupts;
  readonly context: Context;
}

export async function replay(this: CliContext, flags: ReplayFlags, run: string): Promise<void> {
  const named = await runNamed(this.root, run);
  if (!named.ok) return this.report(named.error);
  const room = await loadReplay();
  const place = named.value === run ? run : relative(this.root, named.value);
  const found = room.findRecordings(this.root, place, flags.boot);
  if (!found.ok) return this.report(found.error);
  const interrupts = watchInterrupts();
  const supervisor = createSupervisor(newRun());
  interrupts.killing.addEventListener("abort", () => void supervisor.stopAll("kill", "interrupted"));
  try {
    const machine = openEmulator(this.root, supervisor);
    if (!machine.ok) return this.report(machine.error);
    const context = { root: this.root, machine: machine.value, stopping: interrupts.stopping };
    const session = { room, supervisor, interrupts, context };
    const done = await (flags.gdb
      ? debugRecorded(this, session, flags, found.value)
      : replayAll(this, session, found.value));
    if (!done.ok) return this.report(done.error);
    this.exitWith(interrupts.cause()?.exit ?? done.value);
  } finally {
    await supervisor.close();
    interrupts.dispose();
  }
}

/** Every boot, one after the other; the exit code is that of the first that is not the same. */
async function replayAll(
  cli: CliContext,
  { room, context }: Session,
  boots: readonly Recorded[],
): Promise<Result<number>> {
  let exit: number = exitCodes.proved;
  for (const boot of boots) {
    const replayed = await room.replayBoot(boot, context);
    if (!replayed.ok) return replayed;
    const { value } = replayed;
    if (value.outcome === "interrupted") break;
    cli.print(`${describe(value)} ${boot.name}`);
    if (value.outcome !== "same") exit = exitCodes.notProved;
  }
  return { ok: true, value: exit };
}

function describe(
  replayed: Exclude<Awaited<ReturnType<Room["replayBoot"]>>, { ok: false }>["value"],
): string {
  switch (replayed.outcome) {
    case "same":
      return `same, all ${replayed.bytes} bytes:`;
    case "differs":
      return `differs at byte ${replayed.at}:`;
    case "stuck":
      return `stuck behind byte ${replayed.at}, instruction ${replayed.instruction ?? "unknown"}:`;
    case "interrupted":
      return "interrupted:";
  }
}

/** The machine of one boot, waiting at its first instruction; its present state is where going backwards ends. */
async function debugRecorded(
  cli: CliContext,
  { room, context, supervisor, interrupts }: Session,
  flags: ReplayFlags,
  boots: readonly Recorded[],
): Promise<Result<number>> {
  const boot = boots.at(-1);
  if (boot === undefined) return { ok: true, value: exitCodes.nothing };
  const { Inspector, linkedPrograms, loadedPrograms } = await loadInspect();
  const started = await room.startReplay(boot, context, { paused: true, backwards: true });
  if (!started.ok) return started;
  const { monitor, inputs } = started.value;
  const exec = flags.exec ?? [];
  const console = drain(cli, inputs, exec.length === 0);
  const gone = new AbortController();
  void started.value.ended.finally(() => gone.abort());
  const socket = join(".capos", "runs", `gdb-${supervisor.run}`);
  try {
    const saved = await room.saveStart(started.value);
    if (!saved.ok) return saved;
    const opened = monitor === undefined ? undefined : await new Inspector(monitor).openGdb(socket);
    if (opened?.ok !== true)
      return room.hostFailed(`the debugger's port could not be opened: ${opened?.error ?? ""}`);
    const loaded = loadedPrograms(boot.case.inputs);
    const linked = linkedPrograms(cli.root, join(cli.root, ".capos", "cache"), loaded);
    return await debugMachine(cli, {
      title: `${boot.name}, before its first instruction`,
      symbols: linked.kernel,
      linked,
      socket,
      first: [],
      program: flags.debugger,
      exec,
      supervisor,
      stopping: interrupts.stopping,
      gone: gone.signal,
    });
  } finally {
    started.value.end("cut", "decided");
    await started.value.ended;
    await console;
    rmSync(join(cli.root, socket), { force: true });
  }
}
