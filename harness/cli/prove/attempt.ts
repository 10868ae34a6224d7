import { join } from "node:path";
import { exitCodes } from "../../base/index.ts";
import { createSupervisor } from "../../process/index.ts";
import { openRenderers } from "../../report/index.ts";
import type { ProveFlags } from "../commands/prove.ts";
import type { CliContext } from "../context.ts";
import { chooseReporters } from "../reporters.ts";
import { streamsOf } from "../streams.ts";
import type { Selected } from "./select.ts";
import { newRun, proveSelected, type Session } from "./session.ts";

/** What ends a run early: first nothing new is started, then everything is killed. */
export interface Stops {
  readonly stopping: AbortSignal;
  readonly killing: AbortSignal;
}

/** One run with its reports, from its first process to its last. Gives the exit code; undefined when a report failed. */
export async function proveOnce(
  context: CliContext,
  flags: ProveFlags & Pick<Session["flags"], "debug">,
  selected: Selected,
  { stopping, killing }: Stops,
): Promise<number | undefined> {
  const run = newRun();
  const supervisor = createSupervisor(run);
  const kill = (): void => void supervisor.stopAll("kill", "the run was interrupted");
  killing.addEventListener("abort", kill, { once: true });
  try {
    const opened = await openRenderers(
      chooseReporters(flags.reporter ?? [], context),
      streamsOf(context),
      context.env,
      { root: context.root, runDir: join(context.root, ".capos", "runs", run) },
    );
    if (!opened.ok) {
      context.report(opened.error);
      return undefined;
    }
    const renderer = opened.value;
    const exit = await proveSelected(context, { run, selected, flags, stopping, supervisor, renderer });
    const unwritten = await renderer.close();
    if (unwritten.length > 0) context.report(unwritten);
    // A report that is missing must not look like a run that is proved; else the run's own code says more.
    return unwritten.length > 0 && exit === exitCodes.proved ? undefined : exit;
  } finally {
    killing.removeEventListener("abort", kill);
    const escaped = await supervisor.close();
    if (escaped.length > 0) {
      context.process.stderr.write(
        `warning: ${escaped.length} processes had left their group and were killed\n`,
      );
    }
  }
}
