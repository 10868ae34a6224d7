import { run } from "@stricli/core";
import { exitCodes, type Problem, problem } from "../base/index.ts";
import { app } from "./app.ts";
import { makeContext } from "./context.ts";
import { failureOf } from "./failures.ts";
import { cliCodes } from "./own-codes.ts";

/** Runs one command line to its end; called by the launcher. */
export async function main(options: {
  readonly root: string;
  readonly argv: readonly string[];
}): Promise<void> {
  // A reader that goes away (`capos … | head`) is an ordinary end, not an error. A full disk behind the output is one,
  // but stops nothing: what else the command leaves behind is as good as ever.
  let lost: Problem | undefined;
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") lost ??= problem(cliCodes, "CAPOS_HOST_OUTPUT", error.message);
    });
  }
  const context = makeContext(
    {
      stdout: process.stdout,
      stderr: process.stderr,
      env: process.env,
      get exitCode() {
        return process.exitCode ?? null;
      },
      set exitCode(code: number | string | null) {
        process.exitCode = mapExitCode(code);
      },
    },
    { root: options.root, env: process.env },
  );
  try {
    await run(app, [...options.argv], context);
  } catch (error) {
    // Expected failures are values, and the framework tells what a command throws; this is thrown by the framework.
    context.report([failureOf(error)]);
  }
  // Some streams fail later than they are written to.
  process.once("exit", () => {
    if (lost === undefined) return;
    const code = process.exitCode ?? 0;
    context.report([lost]);
    if (code !== 0) process.exitCode = code;
  });
}

/** The command framework counts its own failures downwards from -1; ours are DESIGN's. */
function mapExitCode(code: number | string | null): number | undefined {
  if (typeof code !== "number") return undefined;
  if (code >= 0) return code;
  return code === -4 || code === -5 ? exitCodes.usage : exitCodes.bug;
}
