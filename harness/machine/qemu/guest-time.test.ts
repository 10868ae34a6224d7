import { expect, test } from "vitest";
import { GuestTime, parseSchedstat, parseStatTicks } from "./guest-time.ts";

/** Processor time of this process: however loaded the host is, it passes by work alone. */
function burntMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

test("the scheduler's nanoseconds and the coarser ticks come to the same unit", () => {
  expect(parseSchedstat("310689548 129611 7\n")).toBeCloseTo(310.69, 2);
  expect(parseSchedstat("")).toBe(0);
  expect(parseSchedstat("x")).toBeUndefined();
  expect(parseStatTicks("42 (CPU 0/TCG (x)) R 1 1 1 0 -1 0 0 0 0 0 31 4 0 0 20")).toBe(350);
  expect(parseStatTicks("42 (x)")).toBeUndefined();
});

test("the time of this very thread passes while it works and stays when the thread is gone", () => {
  const time = new GuestTime(process.pid);
  expect(time.read(0)).toBe(0);
  time.setThreads([process.pid]);
  const before = time.read(10);
  for (const began = burntMs(); burntMs() - began < 30;);
  const after = time.read(20);
  // The process has other threads, which may have worked, too.
  expect(after - before).toBeGreaterThan(5);
  time.setThreads([2 ** 22 + 1]);
  expect(time.read(30)).toBe(after);
});

test("it looks at most once a millisecond", () => {
  const time = new GuestTime(process.pid);
  time.setThreads([process.pid]);
  const first = time.read(10);
  for (const began = burntMs(); burntMs() - began < 10;);
  expect(time.read(10.9)).toBe(first);
  expect(time.read(11)).toBeGreaterThan(first);
});
