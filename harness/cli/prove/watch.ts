import type { Problem } from "../../base/index.ts";
import { watchInterrupts } from "../../process/index.ts";
import type { ProveFlags } from "../commands/prove.ts";
import type { CliContext } from "../context.ts";
import { proveOnce } from "./attempt.ts";
import { nextSave, takeSnapshot } from "./saves.ts";
import { select } from "./select.ts";

/** Moves the cursor to the top of an empty screen, the lines that have scrolled away forgotten. */
const clearScreen = "\u001B[2J\u001B[3J\u001B[H";

/**
 * Proves, and proves again whenever an input is saved; a save ends a run that is still going. Ends with Ctrl-C, or at
 * once where the command line itself is wrong.
 */
export async function proveOnSave(
  context: CliContext,
  flags: ProveFlags,
  names: readonly string[],
): Promise<void> {
  const meant = await select(context.root, flags, names);
  if (!meant.ok && meant.error.every(isOfTheCommandLine)) return context.report(meant.error);
  const interrupts = watchInterrupts();
  const { stopping, killing } = interrupts;
  try {
    while (!stopping.aborted) {
      const { files } = takeSnapshot(context.root);
      const superseded = new AbortController();
      const stop = (): void => superseded.abort();
      stopping.addEventListener("abort", stop, { once: true });
      const saved = nextSave(context.root, files, stopping);
      void saved.then(stop);
      // Selected anew each time: the save may have been of a proof.
      const selected = await select(context.root, flags, names);
      if (selected.ok)
        await proveOnce(context, flags, selected.value, { stopping: superseded.signal, killing });
      else context.report(selected.error);
      if (!superseded.signal.aborted) tell(context, "waits for a save; Ctrl-C ends");
      const changed = await saved;
      stopping.removeEventListener("abort", stop);
      if (changed === undefined) break;
      if (context.process.stdout.isTTY === true) context.process.stdout.write(clearScreen);
      const more = changed.length > 1 ? ` and ${changed.length - 1} more` : "";
      tell(context, `${new Date().toISOString().slice(11, 19)}Z ${changed[0]}${more} saved`);
    }
    const cause = interrupts.cause();
    if (cause !== undefined) context.exitWith(cause.exit);
  } finally {
    interrupts.dispose();
  }
}

/** What no save of an input mends: a name that does not exist, or words that leave nothing. */
function isOfTheCommandLine({ exit }: Problem): boolean {
  return exit === "usage" || exit === "nothing";
}

function tell(context: CliContext, text: string): void {
  context.process.stderr.write(`${"WATCH".padStart(12)} ${text}\n`);
}
