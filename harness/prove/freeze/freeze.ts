import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { copySparse, type Result } from "../../base/index.ts";
import { runTool, type Supervisor } from "../../process/index.ts";
import { findGdb, gdbArguments, gdbCommandLine, type GdbSession } from "../inspect/gdb.ts";
import type { Inspector } from "../inspect/inspector.ts";
import { type KnownPrograms, knownPrograms, type LinkedPrograms } from "../inspect/programs.ts";
import type { Registers } from "../inspect/registers.ts";
import { type Frame, programAt, unwind } from "../inspect/unwind.ts";
import { symbolsFor } from "../inspect/where.ts";
import { openCore } from "./core.ts";
import { describeFrames, drawFrames, sortFrames } from "./frames.ts";
import { describeMappings, parseMappings } from "./mappings.ts";

/** A machine that stands still, and what was found in it. */
export interface Frozen {
  readonly case: string;
  readonly boot: string;
  /** Why the boot has failed. */
  readonly cause: string;
  /** Folder of the findings, from the root. */
  readonly dir: string;
  /** Where each processor is, for a person. */
  readonly processors: readonly string[];
  /** What could not be found out, and why. */
  readonly missing: readonly string[];
  /** How to attach a debugger; undefined when its port could not be opened. */
  readonly attach: string | undefined;
}

export interface FreezeContext {
  readonly root: string;
  /** Absolute path of the folder for findings, absent as yet. */
  readonly dir: string;
  /** Socket of the debugger's port, from the root. */
  readonly socket: string;
  readonly memoryBytes: number;
  readonly linked: LinkedPrograms;
  readonly supervisor: Supervisor;
}

export type Findings = Omit<Frozen, "case" | "boot" | "cause">;

/** A larger memory is not copied: the picture would cost more than it says. */
const maxCoreBytes = 2 ** 30;

/** Pauses a machine and writes down where it stands. Never fails: what cannot be found out is said. */
export async function gather(inspector: Inspector, context: FreezeContext): Promise<Findings> {
  const { root, dir } = context;
  const missing: string[] = [];
  const must = <T>(what: string, found: Result<T, string>): T | undefined => {
    if (!found.ok) missing.push(`${what}: ${found.error}`);
    return found.ok ? found.value : undefined;
  };
  must("the pause", await inspector.pause());
  mkdirSync(dir, { recursive: true });
  const write = (name: string, content: string | Uint8Array): void => writeFileSync(join(dir, name), content);
  const keep = async (name: string, line: string): Promise<void> => {
    const said = must(name, await inspector.ask(line));
    if (said !== undefined) write(name, said);
  };

  await keep("registers.txt", "info registers -a");
  await keep("devices.txt", "info mtree -f");
  const cpus = must("the list of processors", await inspector.execute("query-cpus-fast"));
  if (cpus !== undefined) write("processors.json", `${JSON.stringify(cpus, null, 2)}\n`);

  const known = knownPrograms(context.linked, (file) => join(root, file));
  if (known.kernel === undefined) missing.push("names: the linked kernel is not kept here");
  const registers = must("registers", await inspector.registers()) ?? [];
  const traces = await Promise.all(registers.map((one) => backtrace(inspector, one, known)));
  write("backtrace.txt", `${traces.flatMap((trace) => [...trace.lines, ""]).join("\n")}\n`);
  const mappings = must("memory.txt", await inspector.ask("info mem"));
  if (mappings !== undefined) {
    const read = reader(inspector, registers[0]?.cpu ?? 0);
    const lines = await describeMappings(parseMappings(mappings).slice(0, 2000), known, read);
    write("memory.txt", `${lines.join("\n")}\n`);
  }
  const unseen = await dumpMemory(inspector, context, registers, known);
  if (unseen !== undefined) missing.push(unseen);

  const { socket, linked } = context;
  const symbols = symbolsFor(
    linked,
    traces.map((trace) => trace.program),
  );
  const session: GdbSession = { socket, symbols, programs: linked.users, first: [] };
  const opened = await inspector.openGdb(socket);
  if (opened.ok) {
    const silent = await askGdb(session, context);
    if (silent !== undefined) missing.push(silent);
  } else {
    missing.push(`the debugger's port: ${opened.error}`);
  }
  return {
    dir: relative(root, dir),
    processors: traces.flatMap((trace) => trace.lines.slice(0, 4)),
    missing,
    attach: opened.ok ? gdbCommandLine(session) : undefined,
  };
}

function reader(inspector: Inspector, cpu: number) {
  return (address: bigint, length: number): Promise<Uint8Array | undefined> =>
    inspector.read(cpu, address, length);
}

/** One processor's place and its callers, by our own reading: it needs no debugger. */
async function backtrace(
  inspector: Inspector,
  registers: Registers,
  known: KnownPrograms,
): Promise<{ readonly lines: readonly string[]; readonly program?: string }> {
  const read = reader(inspector, registers.cpu);
  const isUser = registers.privilege === 3;
  const program = isUser ? await programAt(registers.rip, read, known.users) : undefined;
  const symbols = isUser ? program?.symbols : known.kernel;
  const frames = await unwind(registers, read, (address) => symbols?.show(address));
  const where = isUser ? `program ${program?.name ?? "(unknown)"}` : "the kernel";
  const waits = registers.halted ? ", waiting for an interrupt" : "";
  return {
    lines: [`processor ${registers.cpu}: in ${where}${waits}`, ...frames.map(showFrame)],
    ...(program === undefined ? {} : { program: program.name }),
  };
}

function showFrame({ address, name }: Frame, depth: number): string {
  return `  #${String(depth).padEnd(2)} ${address.toString(16).padStart(16, "0")} ${name ?? "?"}`;
}

/** All of the guest's memory for a debugger, what its frames are, and a picture of them. */
async function dumpMemory(
  inspector: Inspector,
  { root, dir, memoryBytes }: FreezeContext,
  registers: readonly Registers[],
  known: KnownPrograms,
): Promise<string | undefined> {
  if (memoryBytes > maxCoreBytes) return `memory.core: ${memoryBytes} bytes are too many to copy`;
  const core = join(dir, "memory.core");
  const raw = `${core}.tmp`;
  try {
    // In this form gdb finds addresses as the processors see them.
    const protocol = `file:${relative(root, raw)}`;
    const said = await inspector.execute("dump-guest-memory", { paging: true, protocol });
    if (!said.ok) return `memory.core: ${said.error}`;
    copySparse(raw, core);
    const memory = openCore(core);
    if (memory === undefined) return "frames.png: the dump of the memory cannot be read";
    try {
      const roots = [...new Set(registers.map((r) => Number(r.cr3 & 0x000f_ffff_ffff_f000n)))];
      const kinds = sortFrames(
        memory,
        roots.filter((at) => at !== 0),
        known.kernel,
      );
      writeFileSync(join(dir, "frames.txt"), `${describeFrames(kinds).join("\n")}\n`);
      writeFileSync(join(dir, "frames.png"), drawFrames(kinds));
    } finally {
      memory.close();
    }
    return undefined;
  } catch (error) {
    return `memory.core: ${error instanceof Error ? error.message : String(error)}`;
  } finally {
    rmSync(raw, { force: true });
  }
}

/** What a debugger says of every processor, where one is installed: with lines of the source. */
async function askGdb(
  session: GdbSession,
  { root, dir, supervisor }: FreezeContext,
): Promise<string | undefined> {
  const gdb = findGdb(undefined);
  if (gdb === undefined) return "gdb.txt: gdb is not installed (`apt-get install gdb`)";
  // Leaving as usual would let the guest go on.
  const commands = ["info threads", "thread apply all backtrace 40", "disconnect"];
  const ran = await runTool(supervisor, [gdb, ...gdbArguments(session, commands)], {
    cwd: root,
    deadlineMs: 20_000,
  });
  if (!ran.ok) return `gdb.txt: ${ran.error[0]?.message ?? "gdb could not be started"}`;
  const beside = join(dir, "gdb.txt.tmp");
  writeFileSync(beside, ran.value.stdout.text + ran.value.stderr.text);
  renameSync(beside, join(dir, "gdb.txt"));
  return ran.value.succeeded ? undefined : "gdb.txt: gdb did not come to its end";
}
