/** Sockets of debuggers' ports in the folder of runs: a tool that was killed could not remove them. */
import { lstat, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";

const debuggerPort = /^gdb-[\w-]+$/u;

/** Removes those below `.capos/runs` of `root` that nobody listens on any more. Connecting would stop a machine. */
export async function removeDeadSockets(root: string): Promise<void> {
  const runs = join(".capos", "runs");
  const found: string[] = [];
  for (const name of await namesIn(join(root, runs))) {
    if (debuggerPort.test(name)) found.push(join(runs, name));
    else {
      const inside = await namesIn(join(root, runs, name));
      found.push(...inside.filter((one) => debuggerPort.test(one)).map((one) => join(runs, name, one)));
    }
  }
  if (found.length === 0) return;
  const bound = await boundSockets();
  for (const socket of found) {
    const stat = await lstat(join(root, socket)).catch(() => undefined);
    // Bound by an emulator that stands in the root, or named in full.
    const isAlive = bound.has(socket) || bound.has(join(root, socket));
    if (stat?.isSocket() === true && !isAlive) await rm(join(root, socket), { force: true });
  }
}

/** Paths of all sockets that a process holds, as they were bound. */
async function boundSockets(): Promise<ReadonlySet<string>> {
  const table = await readFile("/proc/net/unix", "utf8");
  return new Set(table.split("\n").flatMap((line) => /^(?:\S+ +){7}(.+)$/u.exec(line)?.[1] ?? []));
}

async function namesIn(dir: string): Promise<readonly string[]> {
  return readdir(dir).catch(() => []);
}
