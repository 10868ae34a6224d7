/**
 * Where the instructions of an operation are: one round of each is executed one instruction at a time, each is looked
 * up in the symbols, and counted for the source file that it was compiled from.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fail, ok, problem, type Result } from "../../../base/index.ts";
import { findSymbols, readSymbols } from "../../../build/index.ts";
import { runTool, type Supervisor } from "../../../process/index.ts";
import { benchCodes } from "../codes.ts";
import {
  attribute,
  type Executed,
  fenceBytes,
  type Program,
  reading,
  readingsOf,
  readPlaces,
  readTrace,
  sumUp,
} from "./attribute.ts";
import type { Figures } from "./figures.ts";
import { GdbRemote } from "./gdb-remote.ts";
import { countingMachine, type DirectSystem } from "./machine.ts";
import { columns, number } from "./table.ts";

export interface Where {
  /** Of the operation. */
  readonly name: string;
  readonly total: number;
  readonly parts: readonly { readonly place: string; readonly count: number }[];
  readonly text: string;
}

export interface FollowContext {
  readonly supervisor: Supervisor;
  readonly root: string;
  readonly cacheDir: string;
  readonly system: DirectSystem;
  readonly built: {
    readonly kernel: { readonly sha256: string };
    readonly programs: Readonly<Record<string, { readonly sha256: string }>>;
  };
  /** What was measured, in the order in which the guest does it. */
  readonly figures: Figures;
}

/** How often the program of `userspace/demos/measure` does each operation: once to warm up, and 64 times. */
const rounds = 65;
/** The round that is followed, and what the program reads before the first of them: its yardstick, and the reading itself. */
const [followed, before] = [32, 1 + rounds];

interface Linked extends Program {
  readonly file: string;
}

export async function followInstructions(context: FollowContext): Promise<Result<readonly Where[]>> {
  const programs = linkedPrograms(context);
  const measure = programs.find((p) => p.name === "measure");
  const kernel = programs.find((p) => p.name === kernelName);
  if (measure === undefined || kernel === undefined) {
    return untraced("the programs' symbols are not kept here; change a source, or remove .capos/cache");
  }
  const users = [measure, ...programs.filter((p) => p !== measure && p !== kernel)];
  const scratch = mkdtempSync(join(tmpdir(), "capos-bench-"));
  try {
    const traces = await trace(context, measure, join(scratch, "log"));
    if (!traces.ok) return traces;
    const executed = traces.value.map((one) => attribute(readTrace(one), kernel, users));
    const places = await sourcePlaces(context, programs, executed.flat());
    if (!places.ok) return places;
    const names = [...context.figures.keys()];
    const found = executed.map((each, i) => describe(names[i] ?? "", each, programs, places.value));
    const strange = found.find((one) => !agrees(one.total, context.figures.get(one.name) ?? 0));
    if (strange === undefined) return ok(found);
    return untraced(`${strange.total} instructions were followed, which is not what ${strange.name} takes`);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Some operations do two things at once, or as many as the ring has entries, and their figure is that of one of them. */
function agrees(total: number, figure: number): boolean {
  return [1, 2, 16].some((count) => Math.abs(total - count * figure) <= 32 + total / 10);
}

const kernelName = "capos-kernel";

function linkedPrograms({ root, cacheDir, built }: FollowContext): readonly Linked[] {
  const loaded = [
    { name: kernelName, sha256: built.kernel.sha256 },
    ...Object.entries(built.programs).map(([name, { sha256 }]) => ({ name, sha256 })),
  ];
  return loaded.flatMap((program) => {
    const file = findSymbols(root, cacheDir, program);
    const symbols = file === undefined ? undefined : readSymbols(readFileSync(file));
    return file !== undefined && symbols?.ok === true
      ? [{ name: program.name, file, symbols: symbols.value }]
      : [];
  });
}

/** The emulator's log of one round of each operation. */
async function trace(
  { supervisor, system, figures }: FollowContext,
  measure: Program,
  logFile: string,
): Promise<Result<readonly string[]>> {
  const [qemu, ...options] = countingMachine(system);
  const debugging = ["-S", "-D", logFile, "-chardev", "socket,id=gdb,fd=3", "-gdb", "chardev:gdb"];
  const started = await supervisor.start({
    argv: [qemu, ...options, ...debugging],
    channels: 1,
    deadlineMs: 600_000,
    dieWithTool: true,
  });
  if (!started.ok) return started;
  const job = started.value;
  try {
    const [socket] = job.channels;
    if (socket === undefined) throw new Error("a channel was asked for");
    return await follow(new GdbRemote(socket), readingsOf(measure), figures.size, logFile);
  } finally {
    job.stop("kill", "it has been followed");
    await job.ended;
  }
}

/** The operations come one behind the other, each round between two readings of the counter. */
async function follow(
  gdb: GdbRemote,
  readings: readonly bigint[],
  operations: number,
  logFile: string,
): Promise<Result<readonly string[]>> {
  for (const address of readings) {
    if (!(await gdb.breakAt(address))) return untraced("the emulator takes no breakpoint");
  }
  const logs: string[] = [];
  let round = 0;
  while (logs.length < operations) {
    if (!(await toReading(gdb, readings))) return untraced("the guest has ended before its last operation");
    const isFollowed = round === before + logs.length * rounds + followed;
    if (isFollowed) {
      await gdb.resume("step");
      await gdb.monitor("singlestep on");
      await gdb.monitor("log exec,nochain");
    }
    const from = isFollowed ? readFileSync(logFile).length : 0;
    if (!(await toReading(gdb, readings))) return untraced("the guest has ended within an operation");
    if (isFollowed) {
      await gdb.monitor("log none");
      await gdb.monitor("singlestep off");
      logs.push(readFileSync(logFile).subarray(from).toString("latin1"));
    }
    round += 1;
  }
  return ok(logs);
}

/** Lets the guest run to the measuring program's next reading; other programs have other code at these addresses. */
async function toReading(gdb: GdbRemote, readings: readonly bigint[]): Promise<boolean> {
  for (;;) {
    // Steps off the breakpoint on which it may stand.
    if (!(await gdb.resume("step")) || !(await gdb.resume("continue"))) return false;
    const place = await gdb.place();
    if (place === undefined) return false;
    if (!readings.includes(place)) continue;
    const code = await gdb.read(place - BigInt(fenceBytes), reading.length);
    if (reading.equals(code)) return true;
  }
}

/** The source files of all that was executed, by program and address. */
async function sourcePlaces(
  { supervisor, root }: FollowContext,
  programs: readonly Linked[],
  executed: readonly Executed[],
): Promise<Result<ReadonlyMap<string, ReadonlyMap<bigint, string>>>> {
  const found = new Map<string, ReadonlyMap<bigint, string>>();
  for (const { name, file } of programs) {
    const addresses = new Set(executed.flatMap((one) => (one.program === name ? [one.address] : [])));
    const input = [...addresses].map((address) => `0x${address.toString(16)}\n`).join("");
    const argv = ["addr2line", "-a", "-i", "-p", "-e", file] as const;
    const ran = await runTool(supervisor, argv, { input, keepBytes: 1 << 26 });
    if (!ran.ok) return ran;
    if (!ran.value.succeeded) return untraced("addr2line has failed", ran.value.stderr.text);
    found.set(name, readPlaces(ran.value.stdout.text, root));
  }
  return ok(found);
}

function describe(
  name: string,
  executed: readonly Executed[],
  programs: readonly Linked[],
  places: ReadonlyMap<string, ReadonlyMap<bigint, string>>,
): Where {
  const parts = sumUp(executed, ({ program, address }) => {
    if (program === undefined) return "elsewhere";
    const file = places.get(program)?.get(address);
    const symbol = programs.find((p) => p.name === program)?.symbols.at(address)?.symbol.name;
    const place = file ?? symbol ?? "elsewhere";
    return program === kernelName ? `kernel: ${place}` : `${program}: ${place}`;
  });
  const total = parts.reduce((sum, part) => sum + part.count, 0);
  return { name, total, parts, text: show(name, total, parts) };
}

/** So many places are shown of each operation; the rest is one line. */
const shown = 12;

function show(name: string, total: number, parts: Where["parts"]): string {
  const rest = parts.slice(shown);
  const last = { place: `${rest.length} more`, count: rest.reduce((sum, { count }) => sum + count, 0) };
  const programs = sumUp(parts, ({ place }) => place.split(":")[0] ?? place);
  const head = `${name}: ${number(total)} instructions: ${programs.map((p) => `${p.place} ${number(p.count)}`).join(", ")}`;
  const rows = [...parts.slice(0, shown), ...(rest.length > 0 ? [last] : [])].map(({ place, count }) => [
    `  ${number(count)}`,
    `${((100 * count) / total).toFixed(0)} %`,
    place,
  ]);
  return `${head}\n${columns(rows, new Set([0, 1]))}`;
}

function untraced(why: string, detail?: string): Result<never> {
  return fail(problem(benchCodes, "CAPOS_BENCH_TRACE", why, detail === undefined ? {} : { detail }));
}
