import { existsSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";

/** What a host has to give, or what one case takes of it. */
export interface Amount {
  readonly memoryBytes: number;
  readonly cpus: number;
}

/** Left to the host itself and to the tool. */
const reservedBytes = 512 * 2 ** 20;

/** What this host can give to guests now: what is free, and no more than a control group allows. */
export function readHost(read: (file: string) => string | undefined = readText): Amount {
  return hostFrom(read, availableParallelism());
}

/** Pure but for `read`, which gives a file's text or nothing. `processors` are those that the process may use. */
export function hostFrom(read: (file: string) => string | undefined, processors: number): Amount {
  const free = Number(/^MemAvailable:\s+(\d+) kB$/mu.exec(read("/proc/meminfo") ?? "")?.[1] ?? 0) * 1024;
  const limits = [...groupsOf(read)].map(({ memory, cpus }) => ({
    memory: memory ?? Infinity,
    cpus: cpus ?? Infinity,
  }));
  const memory = Math.min(free === 0 ? Infinity : free, ...limits.map((l) => l.memory));
  const cpus = Math.min(processors, ...limits.map((l) => l.cpus));
  return {
    memoryBytes: Math.max(0, memory - reservedBytes),
    cpus: Math.max(1, Math.floor(cpus)),
  };
}

interface Limit {
  readonly memory: number | undefined;
  readonly cpus: number | undefined;
}

/** The limits of the process's control group and of all above it, in both versions of control groups. */
function* groupsOf(read: (file: string) => string | undefined): Generator<Limit> {
  for (const line of (read("/proc/self/cgroup") ?? "").split("\n")) {
    const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/u.exec(line) ?? [];
    if (controllers === undefined || path === undefined) continue;
    for (let at = path; ; at = at.slice(0, at.lastIndexOf("/"))) {
      const folder = at === "/" ? "" : at;
      if (controllers === "") yield unified(read, `/sys/fs/cgroup${folder}`);
      else if (controllers.split(",").includes("memory")) yield legacyMemory(read, folder);
      else if (controllers.split(",").includes("cpu")) yield legacyCpu(read, folder);
      if (folder === "") break;
    }
  }
}

function unified(read: (file: string) => string | undefined, folder: string): Limit {
  const [quota, period] = (read(`${folder}/cpu.max`) ?? "").trim().split(" ").map(Number);
  const max = amount(read(`${folder}/memory.max`));
  const used = amount(read(`${folder}/memory.current`)) ?? 0;
  return { memory: max === undefined ? undefined : max - used, cpus: share(quota, period) };
}

function legacyMemory(read: (file: string) => string | undefined, folder: string): Limit {
  const base = `/sys/fs/cgroup/memory${folder}`;
  const max = amount(read(`${base}/memory.limit_in_bytes`));
  const used = amount(read(`${base}/memory.usage_in_bytes`)) ?? 0;
  return { memory: max === undefined ? undefined : max - used, cpus: undefined };
}

function legacyCpu(read: (file: string) => string | undefined, folder: string): Limit {
  const base = `/sys/fs/cgroup/cpu${folder}`;
  const quota = Number(read(`${base}/cpu.cfs_quota_us`) ?? -1);
  return { memory: undefined, cpus: share(quota, Number(read(`${base}/cpu.cfs_period_us`) ?? 0)) };
}

function share(quota: number | undefined, period: number | undefined): number | undefined {
  if (quota === undefined || period === undefined || !(quota > 0) || !(period > 0)) return undefined;
  return quota / period;
}

/** `max` is no limit, and neither is the largest number that fits, which old kernels write instead. */
function amount(text: string | undefined): number | undefined {
  const value = Number(text?.trim() ?? Number.NaN);
  return Number.isFinite(value) && value < 2 ** 60 ? value : undefined;
}

/** Most of these files are on no host at all, and an exception takes longer than a look. */
function readText(file: string): string | undefined {
  if (!existsSync(file)) return undefined;
  try {
    return readFileSync(file, "latin1");
  } catch {
    return undefined;
  }
}
