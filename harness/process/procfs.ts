import { readFileSync, readdirSync } from "node:fs";

/** A process as the kernel knows it: a pid alone may have been given to another since. */
export interface ProcessId {
  readonly pid: number;
  /** Start time in clock ticks since the host booted. */
  readonly started: string;
}

export interface ProcessStat extends ProcessId {
  readonly name: string;
  /** One letter, as in /proc: R running, S sleeping, Z dead but not yet collected, … */
  readonly state: string;
  readonly parent: number;
  readonly group: number;
}

/** What the kernel says of a process, or nothing when it is gone. */
export function statOf(pid: number): ProcessStat | undefined {
  const text = read(`/proc/${pid}/stat`);
  return text === undefined ? undefined : parseStat(text);
}

/** Reads a line of /proc/PID/stat. The name in it may contain spaces and brackets, so it is cut at the last. */
export function parseStat(text: string): ProcessStat | undefined {
  const open = text.indexOf("(");
  const close = text.lastIndexOf(")");
  if (open < 0 || close < open) return undefined;
  const pid = Number(text.slice(0, open));
  const fields = text.slice(close + 2).split(" ");
  const [state, parent, group, started] = [fields[0], fields[1], fields[2], fields[19]];
  if (state === undefined || parent === undefined || group === undefined || started === undefined) {
    return undefined;
  }
  return {
    pid,
    started,
    name: text.slice(open + 1, close),
    state,
    parent: Number(parent),
    group: Number(group),
  };
}

/** All processes that can be seen, dead ones left out. */
export function livingProcesses(): ProcessStat[] {
  return pids().flatMap((pid) => {
    const stat = statOf(pid);
    return stat === undefined || isDead(stat) ? [] : [stat];
  });
}

export function livesStill(id: ProcessId): boolean {
  const now = statOf(id.pid);
  return now !== undefined && now.started === id.started && !isDead(now);
}

/** Living processes whose environment holds every one of `entries` (`NAME=value`), this one left out. */
export function processesWith(entries: readonly string[]): ProcessStat[] {
  return pids().flatMap((pid) => {
    if (pid === process.pid) return [];
    const environment = read(`/proc/${pid}/environ`);
    if (environment === undefined || environment === "") return [];
    const held = environment.split("\0");
    if (!entries.every((entry) => held.includes(entry))) return [];
    const stat = statOf(pid);
    return stat === undefined || isDead(stat) ? [] : [stat];
  });
}

function isDead(stat: ProcessStat): boolean {
  return stat.state === "Z" || stat.state === "X";
}

function pids(): number[] {
  return readdirSync("/proc").flatMap((name) => (/^\d+$/u.test(name) ? [Number(name)] : []));
}

/** Nothing when the process is gone or belongs to someone else: neither is ours to deal with. */
function read(path: string): string | undefined {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return undefined;
  }
}
