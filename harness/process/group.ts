import { livingProcesses } from "./procfs.ts";

/** Sends a signal to every member of a process group; false when no member is left. */
export function signalGroup(group: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(-group, signal);
    return true;
  } catch {
    return false;
  }
}

/**
 * Whether a group has a member that still runs. The quick question (signal 0) also counts the dead that nobody
 * has collected, and below an init that never collects they stay for ever; so a yes is looked at closely.
 */
export function groupRuns(group: number): boolean {
  try {
    process.kill(-group, 0);
  } catch {
    return false;
  }
  return livingProcesses().some((stat) => stat.group === group);
}
