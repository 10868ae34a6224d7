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

/** Milliseconds until nothing of the run is left. */
async function untilGone(run: string): Promise<number> {
  const began = performance.now();
  while (survivors({ run }).length > 0 || reapers(run).length > 0) {
    if (performance.now() - began > 15_000) {
      throw new Error(`still there: ${JSON.stringify([survivors({ run }), reapers(run)])}`);
    }
    await sleep(10);
  }
  return performance.now() - began;
}

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 143],
] as const)("%s ends the tool with its code and leaves nothing", async (signal, code) => {
  const { run, child, exit } = await start("quick");
  child.kill(signal);
  expect(await exit).toBe(code);
  expect(await untilGone(run)).toBeLessThan(2_000);
});

test("a second Ctrl-C kills what would not end", async () => {
  const { run, child, exit } = await start("patient");
  child.kill("SIGINT");
  await sleep(300);
  child.kill("SIGINT");
  await sleep(500);
  expect(survivors({ run }).length, "a duplicate within a second counts once").toBeGreaterThan(0);
  await sleep(300);
  child.kill("SIGINT");
  expect(await exit).toBe(130);
  await untilGone(run);
});

test("SIGKILL of the tool leaves nothing", async () => {
  const { run, child } = await start("patient");
  child.kill("SIGKILL");
  expect(await untilGone(run)).toBeLessThan(10_000);
});

/** A shell that stays until its command has ended, so the tool is its child. */
const shell = ["sh", "-c", '"$@"; true', "sh"];

test("SIGKILL of the tool's parent ends the tool in order", async () => {
  const { run, child } = await start("quick", shell);
  child.kill("SIGKILL");
  expect(await untilGone(run)).toBeLessThan(10_000);
});

test("SIGKILL of npm, which runs the tool through a shell that stays, ends the tool in order", async () => {
  const { run, child } = await start("quick", [...shell, ...shell], { npm_execpath: "/usr/lib/npm" });
  child.kill("SIGKILL");
  expect(await untilGone(run)).toBeLessThan(10_000);
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
  await sleep(300);
  expect(reapers(run)).toHaveLength(1);
  expect(reapers(run)).not.toContain(first);
  child.kill("SIGKILL");
  await untilGone(run);
});
