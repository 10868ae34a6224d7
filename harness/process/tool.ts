import { type Result, ok } from "../base/index.ts";
import type { JobEnd, JobSpec } from "./job.ts";
import { Capture, type Captured, LineCutter } from "./output.ts";
import type { Supervisor } from "./supervisor.ts";

export interface ToolOptions extends Pick<JobSpec, "cwd" | "env" | "input" | "deadlineMs" | "graceMs"> {
  /** Bytes kept of each output stream, a quarter from its beginning and the rest from its end; 1 MiB unless given. */
  readonly keepBytes?: number;
  /** Called for each line as soon as it is complete. Must not throw. */
  readonly onLine?: (line: string, stream: "stdout" | "stderr") => void;
  /** Ends the tool with TERM, then KILL, when it fires. */
  readonly cancel?: AbortSignal;
}

export interface ToolRun {
  readonly argv: readonly [string, ...string[]];
  /** Whether the program ended by itself with status 0. */
  readonly succeeded: boolean;
  readonly end: JobEnd;
  readonly stdout: Captured;
  readonly stderr: Captured;
}

/**
 * Runs a short tool to its end with its output captured. A tool that fails is a value; the error is a tool that is
 * missing or cannot be started.
 */
export async function runTool(
  supervisor: Supervisor,
  argv: readonly [string, ...string[]],
  options: ToolOptions = {},
): Promise<Result<ToolRun>> {
  const { keepBytes = 1 << 20, onLine, cancel, ...rest } = options;
  const captures = { stdout: new Capture(keepBytes), stderr: new Capture(keepBytes) };
  const cutters =
    onLine === undefined
      ? undefined
      : {
          stdout: new LineCutter((line) => onLine(line, "stdout")),
          stderr: new LineCutter((line) => onLine(line, "stderr")),
        };
  const started = await supervisor.start({
    ...rest,
    argv,
    onOutput: (stream, bytes) => {
      captures[stream].add(bytes);
      cutters?.[stream].add(bytes);
    },
  });
  if (!started.ok) return started;
  const job = started.value;
  const stop = (): void => job.stop("ask", "the run was stopped");
  if (cancel?.aborted === true) stop();
  cancel?.addEventListener("abort", stop, { once: true });
  const end = await job.ended;
  cancel?.removeEventListener("abort", stop);
  cutters?.stdout.end();
  cutters?.stderr.end();
  return ok({
    argv,
    succeeded: end.cause.kind === "exited" && end.cause.code === 0,
    end,
    stdout: captures.stdout.get(),
    stderr: captures.stderr.get(),
  });
}
