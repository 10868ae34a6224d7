import { once } from "node:events";
import { fail, ok, problem, type Result } from "../../base/index.ts";
import type { BootInput } from "../../contract/index.ts";
import { processCodes, runInForeground, runTool, type Supervisor } from "../../process/index.ts";
import { loadInspect } from "../../prove/index.ts";
import type { CliContext } from "../context.ts";

export interface DebugTarget {
  /** Where the machine stands, for a person. */
  readonly title: string;
  /** The linked file whose symbols it begins with. */
  readonly symbols: string | undefined;
  /** Linked programs by name. */
  readonly linked: { readonly users: Readonly<Record<string, string>> };
  /** Of the debugger's port, which is open; from the root. */
  readonly socket: string;
  /** Commands of the debugger before any of the person's. */
  readonly first: readonly string[];
  /** The debugger that is wanted; gdb without it. */
  readonly program: string | undefined;
  /** Commands for a debugger without a terminal. */
  readonly exec: readonly string[];
  readonly supervisor: Supervisor;
  readonly stopping: AbortSignal;
  /** Fires when the machine has gone by itself. */
  readonly gone: AbortSignal;
}

/**
 * Gives a paused machine to a debugger: one on the terminal, one that runs the given commands, or, where there is no
 * terminal, whoever attaches until the input ends or Ctrl-C. Gives the debugger's exit code.
 */
export async function debugMachine(cli: CliContext, target: DebugTarget): Promise<Result<number>> {
  const { socket, linked, first, exec, program, supervisor, stopping } = target;
  const { findGdb, gdbArguments, gdbCommandLine } = await loadInspect();
  const session = { socket, symbols: target.symbols, programs: linked.users, first };
  const isTerminal = process.stdin.isTTY && cli.process.stdout.isTTY === true;
  const gdb = findGdb(program);
  const isForOthers = exec.length === 0 && !isTerminal;
  // Who only reads how to attach may do so from elsewhere, where gdb is; one that was named is wanted here.
  if (gdb === undefined && (program !== undefined || !isForOthers)) {
    const message = `the debugger ${program ?? "gdb"} is not installed`;
    const next =
      "`apt-get install gdb`, or name another one; without a terminal the command to attach is printed";
    return fail(problem(processCodes, "CAPOS_TOOL_MISSING", message, { next }));
  }
  if (gdb === undefined || isForOthers) {
    cli.print(`${target.title}\n${gdbCommandLine(session, program)}`);
    await inputEnds(stopping, target.gone);
    return ok(0);
  }
  const argv: [string, ...string[]] = [gdb, ...gdbArguments(session, exec)];
  if (exec.length === 0) {
    cli.print(target.title);
    const names = Object.keys(linked.users);
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

/** Reads a machine's console to its end; what a guest prints must not drive the terminal. */
export async function drain(
  cli: CliContext,
  inputs: AsyncIterable<BootInput>,
  isShown: boolean,
): Promise<void> {
  for await (const input of inputs) {
    if (input.kind !== "bytes" || !isShown) continue;
    const text = Buffer.from(input.bytes).toString("latin1");
    const hex = (c: string): string => `\\x${c.charCodeAt(0).toString(16).padStart(2, "0")}`;
    cli.process.stderr.write(text.replace(/[^\n -~]/gu, (c) => (c === "\r" ? "" : hex(c))));
  }
}

/** Settles when nobody can type any more, when the run is stopped, or when the machine has gone. */
async function inputEnds(...signals: readonly AbortSignal[]): Promise<void> {
  const over = new AbortController();
  const quiet = (waiting: Promise<unknown>): Promise<unknown> => waiting.catch(() => undefined);
  const ends = [
    quiet(once(process.stdin, "end", { signal: over.signal })),
    ...signals.map((one) =>
      one.aborted ? Promise.resolve() : quiet(once(one, "abort", { signal: over.signal })),
    ),
  ];
  process.stdin.resume();
  await Promise.race(ends);
  // The losers of the race are told that nobody waits for them any more.
  over.abort();
  process.stdin.pause();
}
