import { once } from "node:events";
import { mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fail, ok, problem, type Result } from "../../base/index.ts";
import type { RunningBoot } from "../../machine/index.ts";
import { processCodes, runInForeground, runTool, type Supervisor } from "../../process/index.ts";
import { loadInspect, proveCodes } from "../../prove/index.ts";
import type { CliContext } from "../context.ts";

export interface DebugTarget {
  readonly boot: RunningBoot;
  /** Where the machine stands, for a person. */
  readonly title: string;
  readonly linked: { readonly kernel: string | undefined; readonly users: Readonly<Record<string, string>> };
  /** From the root; at most 107 bytes. */
  readonly socket: string;
  /** Commands of the debugger before any of the person's. */
  readonly first: readonly string[];
  readonly flags: { readonly gdb?: string; readonly exec: readonly string[] };
  readonly supervisor: Supervisor;
  readonly stopping: AbortSignal;
}

/**
 * Gives a paused machine to a debugger and ends it when the debugger has ended: one on the terminal, one that runs
 * the given commands, or, where there is no terminal, whoever attaches until the input ends or Ctrl-C. The exit code
 * is the debugger's.
 */
export async function debugMachine(cli: CliContext, target: DebugTarget): Promise<Result<number>> {
  const { boot, socket } = target;
  const place = join(cli.root, socket);
  const output = drain(cli, boot, target.flags.exec.length > 0);
  try {
    mkdirSync(dirname(place), { recursive: true });
    const { Inspector } = await loadInspect();
    const opened = boot.monitor === undefined ? undefined : await new Inspector(boot.monitor).openGdb(socket);
    if (opened?.ok !== true) {
      const why = opened === undefined ? "the machine has none" : opened.error;
      return fail(
        problem(proveCodes, "CAPOS_REPLAY_HOST", `the debugger's port could not be opened: ${why}`),
      );
    }
    return await attach(cli, target);
  } finally {
    boot.end("cut", "decided");
    await boot.ended;
    await output;
    rmSync(place, { force: true });
  }
}

async function attach(cli: CliContext, target: DebugTarget): Promise<Result<number>> {
  const { socket, linked, first, flags, supervisor, stopping } = target;
  const { findGdb, gdbArguments, gdbCommandLine } = await loadInspect();
  const session = { socket, symbols: linked.kernel, programs: linked.users, first };
  const isTerminal = process.stdin.isTTY && cli.process.stdout.isTTY === true;
  const command = gdbCommandLine(session);
  if (flags.exec.length === 0 && !isTerminal) {
    cli.print(`${target.title}\n${command}`);
    await inputEnds(stopping, target.boot);
    return ok(0);
  }
  const gdb = findGdb(flags.gdb);
  if (gdb === undefined) {
    const message = `the debugger ${flags.gdb ?? "gdb"} is not installed`;
    const next =
      "`apt-get install gdb`, or name another one; without a terminal the command to attach is printed";
    return fail(problem(processCodes, "CAPOS_TOOL_MISSING", message, { next }));
  }
  const argv: [string, ...string[]] = [gdb, ...gdbArguments(session, flags.exec)];
  if (flags.exec.length === 0) {
    const names = Object.keys(linked.users);
    cli.print(target.title);
    if (names.length > 0) cli.print(`symbols of programs: ${names.map((n) => `symbols-${n}`).join(", ")}`);
    const ran = await runInForeground(argv, cli.root);
    return ran.ok ? ok(ran.value ?? 1) : ran;
  }
  const ran = await runTool(supervisor, argv, {
    cwd: cli.root,
    cancel: stopping,
    onLine: (line, stream) => (stream === "stdout" ? cli.print(line) : cli.process.stderr.write(`${line}\n`)),
  });
  return ran.ok ? ok(ran.value.end.code ?? 1) : ran;
}

/** Shows the console of a machine that a person drives; a script wants to read the debugger alone. */
async function drain(cli: CliContext, { inputs }: RunningBoot, quiet: boolean): Promise<void> {
  for await (const input of inputs) {
    if (input.kind === "bytes" && !quiet) cli.process.stderr.write(printable(input.bytes));
  }
}

/** What a guest prints must not drive the terminal. */
function printable(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString("latin1")
    .replace(/[^\n -~]/gu, (c) => (c === "\r" ? "" : `\\x${c.charCodeAt(0).toString(16).padStart(2, "0")}`));
}

/** Settles when nobody can type any more, when the run is stopped, or when the machine has ended by itself. */
async function inputEnds(stopping: AbortSignal, boot: RunningBoot): Promise<void> {
  const over = new AbortController();
  const { signal } = over;
  const closed = once(process.stdin, "end", { signal });
  const stopped = stopping.aborted ? Promise.resolve() : once(stopping, "abort", { signal });
  process.stdin.resume();
  await Promise.race([closed, stopped, boot.ended]);
  // The losers of the race are told that nobody waits for them any more.
  await Promise.all([closed, stopped].map((one) => (over.abort(), one.catch(() => undefined))));
  process.stdin.pause();
}
