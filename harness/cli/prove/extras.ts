import { err, ok, type Result } from "../../base/index.ts";
import { type Extras, type Frozen, loadReplay } from "../../prove/index.ts";
import type { ProveFlags } from "../commands/prove.ts";
import type { CliContext } from "../context.ts";
import type { Selected } from "./select.ts";

type ExtraFlags = Pick<ProveFlags, "record" | "freeze" | "cold"> & { readonly debug?: Extras["debug"] };

/** What was asked for beside proving; undefined when nothing was. */
export function extrasOf(context: CliContext, flags: ExtraFlags, stopping: AbortSignal): Extras | undefined {
  const { record, freeze, cold, debug } = flags;
  if (!record && !freeze && !cold && debug === undefined) return undefined;
  return {
    record,
    cold,
    ...(debug === undefined ? {} : { debug }),
    ...(freeze ? { freeze: (frozen) => hold(context, frozen, stopping) } : {}),
  };
}

/** The cases as they can be run with what was asked for, or why they cannot. */
export async function fitting(selected: Selected, flags: ExtraFlags): Promise<Result<Selected>> {
  if (!flags.record) return ok(selected);
  const { recordable, recordProblems } = await loadReplay();
  const problems = recordProblems(selected.cases);
  return problems.length > 0 ? err(problems) : ok({ ...selected, cases: recordable(selected.cases) });
}

/** Tells what was found in a machine that stands still; where a person sits, waits until they have seen enough. */
async function hold(context: CliContext, frozen: Frozen, stopping: AbortSignal): Promise<void> {
  const { stderr } = context.process;
  const lines = [
    `${frozen.case} ${frozen.boot} stands still: ${frozen.cause}`,
    ...frozen.processors.map((line) => `  ${line}`),
    ...frozen.missing.map((line) => `  not found out: ${line}`),
    `  all findings: ${frozen.dir}/`,
  ];
  const isWatched = process.stdin.isTTY && stderr.isTTY === true;
  if (isWatched) {
    if (frozen.attach !== undefined) lines.push(`  look inside:  ${frozen.attach}`);
    lines.push("  Enter ends the machine.");
  }
  stderr.write(`${lines.join("\n")}\n`);
  if (isWatched) await enter(stopping);
}

/** Settles at the next line of the terminal, at its end, or when the run is stopped. */
export function enter(stopping: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      process.stdin.off("data", done);
      process.stdin.off("end", done);
      stopping.removeEventListener("abort", done);
      process.stdin.pause();
      resolve();
    };
    if (stopping.aborted) return resolve();
    stopping.addEventListener("abort", done, { once: true });
    process.stdin.on("data", done);
    process.stdin.on("end", done);
    process.stdin.resume();
  });
}
