import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, expect, test } from "vitest";
import { connectedPair } from "./pair.ts";
import { createSupervisor, type Supervisor } from "./supervisor.ts";

const scratch = mkdtempSync(join(tmpdir(), "capos-pair-"));
afterAll(() => rmSync(scratch, { recursive: true }));

let supervisor: Supervisor;
beforeEach(() => {
  supervisor = createSupervisor(`test-${randomUUID()}`);
});
afterEach(async () => {
  expect(await supervisor.close()).toEqual([]);
});

/** Writes single bytes to its first channel, as long as they are taken, and notes after every fifty how many were. */
const printer = (note: string): string => `
  const fs = require("node:fs");
  for (let taken = 1; taken <= 20000; taken++) {
    fs.writeSync(3, "x");
    if (taken % 50 === 0) fs.writeFileSync(${JSON.stringify(note)}, String(taken));
  }
`;

/**
 * Keeps this thread, and so every reader, from running until the program has said all or sleeps because it cannot say
 * more; gives what it noted. A program that waits for a processor does not sleep.
 */
function saidWhileBlocked(pid: number, note: string): number {
  const cell = new Int32Array(new SharedArrayBuffer(4));
  let [said, still] = [0, 0];
  for (const end = performance.now() + 60_000; said < 20_000 && still < 20 && performance.now() < end;) {
    Atomics.wait(cell, 0, 0, 10);
    const before = said;
    said = Number(existsSync(note) ? readFileSync(note, "utf8") : 0);
    still = said > 0 && said === before && isAsleep(pid) ? still + 1 : 0;
  }
  return said;
}

function isAsleep(pid: number): boolean {
  return readFileSync(`/proc/${pid}/stat`, "latin1")
    .replace(/^.*\) /u, "")
    .startsWith("S");
}

/** How much a program can say while the tool is kept from reading, and how much of all arrives in the end. */
async function saidUnread(
  deep: readonly number[],
): Promise<{ said: number; arrived: number; leaky: boolean }> {
  const note = join(scratch, randomUUID());
  const argv = [process.execPath, "-e", printer(note)] as const;
  const started = await supervisor.start({ argv, channels: 1, deep });
  if (!started.ok) throw new Error(JSON.stringify(started.error));
  let arrived = 0;
  started.value.channels[0]?.on("data", (bytes: Uint8Array) => (arrived += bytes.length));
  const said = saidWhileBlocked(started.value.pid, note);
  const { leaky } = await started.value.ended;
  return { said, arrived, leaky };
}

test("a deep channel takes a whole boot's console unread, a plain one a few lines; both give all of it", async () => {
  expect(await saidUnread([0])).toEqual({ said: 20_000, arrived: 20_000, leaky: false });
  const plain = await saidUnread([]);
  expect(plain.said).toBeLessThan(1_000);
  expect([plain.arrived, plain.leaky]).toEqual([20_000, false]);
});

test("what is sent arrives, and the program's end is the channel's", async () => {
  const echo =
    'const s = new (require("node:net").Socket)({ fd: 3 }); s.once("data", (b) => s.end("got " + b));';
  const started = await supervisor.start({ argv: [process.execPath, "-e", echo], channels: 1, deep: [0] });
  if (!started.ok) throw new Error(JSON.stringify(started.error));
  const [channel] = started.value.channels;
  let heard = "";
  channel?.on("data", (bytes: Uint8Array) => (heard += Buffer.from(bytes).toString()));
  channel?.write("hello");
  expect(await started.value.ended).toMatchObject({ cause: { kind: "exited", code: 0 }, leaky: false });
  expect(heard).toBe("got hello");
});

test("a program that is killed in mid-sentence leaves what it had said", async () => {
  const speak = 'require("node:fs").writeSync(3, "x".repeat(100000)); setInterval(() => {}, 1000);';
  const started = await supervisor.start({ argv: [process.execPath, "-e", speak], channels: 1, deep: [0] });
  if (!started.ok) throw new Error(JSON.stringify(started.error));
  const [channel] = started.value.channels;
  let heard = 0;
  channel?.on("data", (bytes: Uint8Array) => (heard += bytes.length));
  if (channel !== undefined) await once(channel, "data");
  started.value.stop("kill", "test");
  await started.value.ended;
  expect(heard).toBe(100_000);
});

test("nobody else gets in, and the port is closed", async () => {
  const pair = await connectedPair();
  if (pair === undefined) throw new Error("this host has no loopback");
  const [ours, theirs] = pair;
  const port = ours.remotePort ?? 0;
  const refused = await new Promise<string>((resolve) => {
    const stranger = connect({ host: "127.0.0.1", port });
    stranger.once("error", (error) => resolve(error.message));
    stranger.once("connect", () => resolve("connected"));
  });
  expect(refused).toContain("ECONNREFUSED");
  ours.destroy();
  theirs.destroy();
});
