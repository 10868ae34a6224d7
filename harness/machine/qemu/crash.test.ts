import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { survivors, sweep } from "../../process/index.ts";
import { type FakePlace, makeFakePlace } from "./testing/place.ts";
import { roms } from "./testing/guests.ts";

let place: FakePlace;
let tool: string;
let firmware: string[];
/** Where the tool and its emulators would put what they leave behind. */
let temp: string;
beforeAll(() => {
  place = makeFakePlace();
  tool = place.program("crash-boot.ts");
  temp = join(place.folder, "temp");
  mkdirSync(temp);
  firmware = (["hangs", "spins"] as const).map((name) => {
    const path = join(place.folder, `${name}.rom`);
    writeFileSync(path, roms[name]);
    return path;
  });
});
const runs: string[] = [];
afterAll(async () => {
  // A test that has failed leaves its victims behind; they compute.
  for (const run of runs) await sweep({ run });
  place.remove();
});

interface Victim {
  readonly run: string;
  readonly child: ChildProcess;
  readonly ready: Promise<unknown>;
  readonly exit: Promise<number | string | null>;
}

function start(through: readonly string[] = []): Victim {
  const run = `crash-${randomUUID()}`;
  runs.push(run);
  const [program = "", ...args] = [...through, process.execPath, tool, run, ...firmware];
  const env = { ...process.env, TMPDIR: temp };
  const child = spawn(program, args, { env, stdio: ["ignore", "pipe", "inherit"] });
  return {
    run,
    child,
    ready: new Promise((resolve) => child.stdout?.once("data", resolve)),
    exit: new Promise((resolve) => child.once("exit", (code, signal) => resolve(code ?? signal))),
  };
}

/** Commands of the processes that belong to a run: its jobs by their marker, its reaper and its tool by their arguments. */
function left(run: string): string[] {
  const jobs = survivors({ run }).map((stat) => stat.name);
  const others = readdirSync("/proc").flatMap((name) => {
    try {
      const line = /^\d+$/u.test(name) ? readFileSync(`/proc/${name}/cmdline`, "latin1") : "";
      return line.includes(run) ? [line.replaceAll("\0", " ")] : [];
    } catch {
      return [];
    }
  });
  return [...jobs, ...others];
}

async function untilGone(run: string): Promise<void> {
  for (const end = performance.now() + 60_000; left(run).length > 0; await sleep(10)) {
    if (performance.now() > end) throw new Error(`still there: ${left(run).join(", ")}`);
  }
  expect(readdirSync(temp)).toEqual([]);
}

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)("%s in mid-boot ends tool and emulators", async (signal, code) => {
  const { run, child, ready, exit } = start();
  await ready;
  expect(survivors({ run }).map((stat) => stat.name)).toEqual(["qemu-system-x86", "qemu-system-x86"]);
  child.kill(signal);
  expect(await exit).toBe(code);
  await untilGone(run);
});

test("SIGKILL in mid-boot leaves nothing", async () => {
  const { run, child, ready } = start();
  await ready;
  child.kill("SIGKILL");
  await untilGone(run);
});

test("SIGKILL of the process above the tool leaves nothing", async () => {
  const { run, child, ready } = start(["sh", "-c", '"$@"; true', "sh"]);
  await ready;
  child.kill("SIGKILL");
  await untilGone(run);
});

test("SIGKILL at any moment of the start leaves nothing", async () => {
  for (let ms = 0; ms <= 120; ms += 8) {
    const { run, child } = start();
    await sleep(ms);
    child.kill("SIGKILL");
    await untilGone(run);
  }
});
