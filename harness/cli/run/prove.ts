import { problem } from "../../base/index.ts";
import { watchInterrupts } from "../../process/index.ts";
import type { ProveFlags } from "../commands/prove.ts";
import type { CliContext } from "../context.ts";
import { proveOnce } from "../prove/attempt.ts";
import { fitting } from "../prove/extras.ts";
import { cliCodes } from "../own-codes.ts";
import { select } from "../prove/select.ts";

export async function prove(this: CliContext, flags: ProveFlags, ...names: string[]): Promise<void> {
  const idle = idleFlag(flags);
  if (idle !== undefined) return this.report([problem(cliCodes, "CAPOS_USAGE", idle)]);
  if (flags.watch && !flags.list) return (await import("../prove/watch.ts")).proveOnSave(this, flags, names);
  const found = await select(this.root, flags, names);
  const selected = found.ok ? await fitting(found.value, flags) : found;
  if (!selected.ok) return this.report(selected.error);
  if (flags.list) return this.print((await import("../prove/list.ts")).listCases(selected.value));
  const interrupts = watchInterrupts();
  try {
    const exit = await proveOnce(this, flags, selected.value, interrupts);
    const code = interrupts.cause()?.exit ?? exit;
    if (code !== undefined) this.exitWith(code);
  } finally {
    interrupts.dispose();
  }
}

/** A flag that would do nothing without another one is a mistake, not a wish. */
function idleFlag({ cached, sample, seed }: ProveFlags): string | undefined {
  if (sample !== undefined && !cached)
    return "--sample runs some of the cached verdicts again, and needs --cached";
  if (seed !== undefined && sample === undefined)
    return "--seed says which cases --sample takes, and needs it";
  return undefined;
}
