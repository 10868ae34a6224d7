import { spawn } from "node:child_process";
import { fail, ok, problem, type Result } from "../base/index.ts";
import { processCodes } from "./codes.ts";

/**
 * Runs a program on the tool's own terminal until it ends; gives its exit code, null when a signal ended it. It stays
 * in the tool's process group, for else the terminal would not listen to it: what ends the group ends both. Until
 * then Ctrl-C is the program's, so the caller must not act on it.
 */
export function runInForeground(
  argv: readonly [string, ...string[]],
  cwd: string,
): Promise<Result<number | null>> {
  const [program, ...args] = argv;
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd, stdio: "inherit" });
    child.once("error", (error) => {
      const message = `${program} could not be started: ${error.message}`;
      resolve(fail(problem(processCodes, "CAPOS_TOOL_START", message)));
    });
    child.once("exit", (code) => resolve(ok(code)));
  });
}
