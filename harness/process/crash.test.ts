import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { buildSync } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { survivors, sweep } from "./sweep.ts";

const scratch = mkdtempSync(join(tmpdir(), "capos-crash-"));
const tool = join(scratch, "tool.mjs");
beforeAll(() => {
  const entry = join(import.meta.dirname, "testing/crash-tool.ts");
  buildSync({ entryPoints: [entry], outfile: tool, bundle: true, platform: "node", format: "esm" });
});
const runs: string[] = [];
afterAll(async () => {
  // A test that has failed leaves its victims behind; they compute.
  for (const run of runs) await sweep({ run });
  rmSync(scratch, { recursive: true });
});

/** Without the marks of an npm that may be running these tests. */
const { npm_execpath: _, ...plainEnv } = process.env;

interface Victim {
  readonly run: string;
  readonly child: ChildProcess;
  readonly exit: Promise<number | string | null>;
}

/** Starts the tool and waits until its jobs run. `through` wraps its command line, as npx does. */
async function start(
  how: "patient" | "quick",
  through: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<Victim> {
  const run = `crash-${randomUUID()}`;
  runs.push(run);
  const [program = process.execPath, ...args] = [...through, process.execPath, tool, run, how];
  const child = spawn(program, args, { env: { ...plainEnv, ...env }, stdio: ["ignore", "pipe", "inherit"] });
  const exit = new Promise<number | string | null>((resolve) =>
    child.once("exit", (code, signal) => resolve(code ?? signal)),
  );
  await new Promise((resolve) => child.stdout?.once("data", resolve));
  expect(survivors({ run }).length).toBeGreaterThanOrEqual(4);
  expect(reapers(run)).toHaveLength(1);
  return { run, child, exit };
}

/** The run's reapers: they carry its marker as an argument only. */
function reapers(run: string): number[] {
  return withArguments("capos-reaper", run);
}

function withArguments(...words: readonly string[]): number[] {
  return readdirSync("/proc").flatMap((name) => {
    try {
      const line = /^\d+$/u.test(name) ? readFileSync(`/proc/${name}/cmdline`, "latin1") : "";
      return words.every((word) => line.includes(word)) ? [Number(name)] : [];
    } catch {
      return [];
    }
  });
}

/** Waits until it holds. How long that takes is the host's affair: this ends what would hang. */
async function until(what: string, holds: () => boolean): Promise<void> {
  for (const end = performance.now() + 60_000; !holds(); await sleep(10)) {
    if (performance.now() > end) throw new Error(`it never came to be that ${what}`);
  }
}

async function untilGone(run: string): Promise<void> {
  const left = (): readonly unknown[] => [...survivors({ run }), ...reapers(run)];
  await until(`nothing of ${run} is left`, () => left().length === 0);
}

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 143],
] as const)("%s ends the tool with its code and leaves nothing", async (signal, code) => {
  const { run, child, exit } = await start("quick");
  child.kill(signal);
  expect(await exit).toBe(code);
  await untilGone(run);
});

test("a second Ctrl-C kills what would not end", async () => {
  const { run, child, exit } = await start("patient");
  child.kill("SIGINT");
  await new Promise((resolve) => child.stdout?.once("data", resolve));
  // What comes within a second of the first counts as its duplicate; interrupt.test.ts has the moments.
  await sleep(1_100);
  expect(survivors({ run }).length, "they were only asked").toBeGreaterThan(0);
  child.kill("SIGINT");
  expect(await exit).toBe(130);
  await untilGone(run);
});

test("SIGKILL of the tool leaves nothing", async () => {
  const { run, child } = await start("patient");
  child.kill("SIGKILL");
  await untilGone(run);
});

/** A shell that stays until its command has ended, so the tool is its child. */
const shell = ["sh", "-c", '"$@"; true', "sh"];

test("SIGKILL of the tool's parent ends the tool in order", async () => {
  const { run, child } = await start("quick", shell);
  child.kill("SIGKILL");
  await untilGone(run);
});

test("SIGKILL of npm, which runs the tool through a shell that stays, ends the tool in order", async () => {
  const { run, child } = await start("quick", [...shell, ...shell], { npm_execpath: "/usr/lib/npm" });
  child.kill("SIGKILL");
  await untilGone(run);
});

test("a script that outlives its shell goes on with its tool", async () => {
  const { run, child } = await start("quick", [...shell, ...shell]);
  child.kill("SIGKILL");
  await sleep(1_000);
  expect(survivors({ run }).length).toBeGreaterThanOrEqual(4);
  for (const pid of withArguments(tool, run)) process.kill(pid, "SIGTERM");
  await untilGone(run);
});

test("a reaper that was killed is replaced, and the new one knows what the old one did", async () => {
  const { run, child } = await start("patient");
  const [first] = reapers(run);
  if (first !== undefined) process.kill(first, "SIGKILL");
  await until("another reaper is there", () => {
    const [now] = reapers(run);
    return now !== undefined && now !== first;
  });
  child.kill("SIGKILL");
  await untilGone(run);
});
