// @ts-check
import { memoryFs } from "./memory-fs.mjs";

/**
 * What a Go program sees as its global object: the few constructors it makes values with, and a process
 * and a file system of its own.
 * @param {ReadonlyMap<string, string>} files by absolute path
 * @param {(fd: number, bytes: Uint8Array) => void} output
 */
export function goGlobals(files, output) {
  const none = () => -1;
  return {
    Object,
    Array,
    Uint8Array,
    Error,
    Date,
    fs: memoryFs(files, output),
    process: { pid: 1, ppid: 0, cwd: () => "/", getuid: none, geteuid: none, getgid: none, getegid: none },
  };
}
