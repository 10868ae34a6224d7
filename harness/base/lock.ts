import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { dirname } from "node:path";

export interface Lock {
  release(): void;
}

/** A process as the kernel knows it: a pid alone may have been given to another since. */
interface Owner {
  readonly pid: number;
  readonly started: string;
}

/**
 * Takes the lock file at `path`, or returns undefined when a living process holds it. A lock whose owner is
 * dead, by pid and start time, is taken over, so a killed run never blocks the next one.
 */
export function tryLock(path: string): Lock | undefined {
  mkdirSync(dirname(path), { recursive: true });
  const own: Owner = { pid: process.pid, started: startTime(process.pid) ?? "" };
  const beside = `${path}.${process.pid}-${randomBytes(4).toString("hex")}`;
  writeFileSync(beside, JSON.stringify(own));
  try {
    for (let attempt = 0; attempt < 2; attempt++) {
      try {
        // link(2) fails when the target exists, so of two takers exactly one wins.
        linkSync(beside, path);
        return { release: () => releaseIfOwn(path, own) };
      } catch (error) {
        if (errno(error) !== "EEXIST") throw error;
      }
      const holder = readOwner(path);
      if (holder === undefined || isAlive(holder)) return undefined;
      rmSync(path, { force: true });
    }
    return undefined;
  } finally {
    rmSync(beside, { force: true });
  }
}

/** Waits for the lock, polling, until `deadlineMs` has passed; undefined then. */
export async function lock(path: string, deadlineMs: number): Promise<Lock | undefined> {
  const end = Date.now() + deadlineMs;
  for (;;) {
    const taken = tryLock(path);
    if (taken !== undefined) return taken;
    if (Date.now() >= end) return undefined;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function releaseIfOwn(path: string, own: Owner): void {
  const holder = readOwner(path);
  if (holder?.pid === own.pid && holder.started === own.started) rmSync(path, { force: true });
}

function readOwner(path: string): Owner | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    if (typeof value !== "object" || value === null || !("pid" in value) || !("started" in value))
      return undefined;
    const { pid, started } = value;
    return typeof pid === "number" && typeof started === "string" ? { pid, started } : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(owner: Owner): boolean {
  return startTime(owner.pid) === owner.started;
}

/** Field 22 of /proc/PID/stat: the process's start time in clock ticks since boot. */
function startTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}

function errno(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
