import { run } from "@stricli/core";
import { exitCodes } from "../base/index.ts";
import { app } from "./app.ts";
import { makeContext } from "./context.ts";
import { version } from "./version.ts";

/** Runs one command line to its end; called by the launcher. */
export async function main(options: {
  readonly root: string;
  readonly argv: readonly string[];
}): Promise<void> {
  // A reader that goes away (`capos … | head`) is an ordinary end, not an error.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
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
    // Expected failures are values; what is thrown up to here is a bug of capos.
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.stderr.write(
      `error[CAPOS_BUG]: capos ${version} met a fault of its own.\n${text.replace(/^/gmu, "    ")}\n` +
        "  next: report it with the text above and the command that you ran\n",
    );
    process.exitCode = exitCodes.bug;
  }
}

/** The command framework counts its own failures downwards from -1; ours are DESIGN's. */
function mapExitCode(code: number | string | null): number | undefined {
  if (typeof code !== "number") return undefined;
  if (code >= 0) return code;
  return code === -4 || code === -5 ? exitCodes.usage : exitCodes.bug;
}
