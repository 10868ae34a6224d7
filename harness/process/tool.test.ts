import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { museum } from "./testing/museum.ts";
import { type Supervisor, createSupervisor } from "./supervisor.ts";
import { survivors } from "./sweep.ts";
import { type ToolOptions, type ToolRun, runTool } from "./tool.ts";

let supervisor: Supervisor;
beforeEach(() => {
  supervisor = createSupervisor(`test-${randomUUID()}`);
});
afterEach(async () => {
  vi.useRealTimers();
  await supervisor.close();
  expect(survivors({ run: supervisor.run })).toEqual([]);
});

async function run(argv: readonly [string, ...string[]], options?: ToolOptions): Promise<ToolRun> {
  const result = await runTool(supervisor, argv, options);
  if (!result.ok) throw new Error(result.error.map((p) => p.message).join());
  return result.value;
}

test("a tool's output and status come back", async () => {
  const got = await run(["sh", "-c", "cat; echo oops >&2; exit 3"], { input: "grüße\n" });
  expect(got).toMatchObject({
    succeeded: false,
    end: { cause: { kind: "exited", code: 3 }, leaky: false },
    stdout: { text: "grüße\n", dropped: 0 },
    stderr: { text: "oops\n" },
  });
});

test("lines are told as they come, the last without newline at the end", async () => {
  const lines: string[] = [];
  await run(["sh", "-c", "echo a; echo b >&2; printf c"], {
    onLine: (line, from) => lines.push(`${from} ${line}`),
  });
  expect(lines.toSorted()).toEqual(["stderr b", "stdout a", "stdout c"]);
});

test("an end inside a character is a replacement character and no more", async () => {
  const lines: string[] = [];
  const got = await run(museum.endsInsideCharacter, { onLine: (line) => lines.push(line) });
  expect(got.stdout.text).toBe("caf\ufffd");
  expect(lines).toEqual(["caf\ufffd"]);
});

test("a missing program is told by name, with the step that mends it", async () => {
  expect(await runTool(supervisor, ["no-such-program-here"])).toMatchObject({
    ok: false,
    error: [
      { code: "CAPOS_TOOL_MISSING", exit: "tool", message: expect.stringContaining("no-such-program-here") },
    ],
  });
});

test("a program that cannot be started is an error of the host", async () => {
  expect(await runTool(supervisor, ["true"], { cwd: "/nowhere/at/all" })).toMatchObject({
    ok: false,
    error: [{ code: "CAPOS_TOOL_START", exit: "host" }],
  });
});

test("the deadline ends a tool that would stay", async () => {
  const got = await run(museum.obedient, { deadlineMs: 150 });
  expect(got.end).toMatchObject({ cause: { kind: "timed-out", afterMs: 150 }, signal: "SIGTERM" });
});

test.each([["ignoresTerm"], ["ignoresTermAsFamily"], ["forks"]] as const)(
  "%s: killed as a whole after the grace",
  async (name) => {
    const got = await run(museum[name], { deadlineMs: 150, graceMs: 200 });
    expect(got.end.cause).toEqual({ kind: "timed-out", afterMs: 150 });
    expect(survivors({ run: supervisor.run })).toEqual([]);
  },
);

test.each([["leaksPipeHolder"], ["leaksSilently"], ["escapesWithPipe"]] as const)(
  "%s: ends at once, is marked leaky, and nothing is left",
  async (name) => {
    const got = await run(museum[name]);
    expect(got.end).toMatchObject({ cause: { kind: "exited", code: 0 }, leaky: true });
    expect(got.stdout.text).toBe("done\n");
    expect(survivors({ run: supervisor.run })).toEqual([]);
  },
);

test("what has escaped without a trace is found by its marker at the end of the run", async () => {
  const got = await run(museum.escapesSilently);
  expect(got.end.leaky).toBe(false);
  expect(survivors({ run: supervisor.run })).toHaveLength(1);
  expect(await supervisor.close()).toMatchObject([{ name: "sleep" }]);
});

test("a flood is read to its end in bounded memory", async () => {
  const got = await run(museum.floods, { keepBytes: 100_000 });
  expect(got.succeeded).toBe(true);
  expect(got.stdout.bytes).toBe(100_000_000);
  expect(got.stdout.text.length).toBeLessThan(100_100);
});

test("input that nobody reads does no harm", async () => {
  expect((await run(museum.ignoresInput, { input: new Uint8Array(1 << 20) })).succeeded).toBe(true);
});

test("a death from outside is the cause, not our own doing", async () => {
  expect((await run(museum.killsItself)).end.cause).toEqual({ kind: "signalled", signal: "SIGKILL" });
});

test("the first cause is kept when others follow", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const cancel = new AbortController();
  const got = await run(museum.obedient, {
    cancel: cancel.signal,
    deadlineMs: 200,
    graceMs: 300,
    onLine() {
      cancel.abort();
      // The deadline passes while the tool is on its way out.
      vi.advanceTimersByTime(250);
    },
  });
  expect(got.end).toMatchObject({ cause: { kind: "cancelled" }, signal: "SIGTERM" });
});

test("stopping all asks every job and waits for the last", async () => {
  let ready = 0;
  const runs: Promise<ToolRun>[] = [];
  await new Promise((resolve) => {
    const options = { graceMs: 100, onLine: () => (++ready === 3 ? resolve(undefined) : undefined) };
    runs.push(...[museum.obedient, museum.ignoresTerm, museum.forks].map((argv) => run(argv, options)));
  });
  await supervisor.stopAll("ask", "test");
  for (const got of await Promise.all(runs))
    expect(got.end.cause).toEqual({ kind: "cancelled", why: "test" });
});
