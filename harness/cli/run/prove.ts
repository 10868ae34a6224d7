import { watchInterrupts } from "../../process/index.ts";
import type { ProveFlags } from "../commands/prove.ts";
import type { CliContext } from "../context.ts";
import { proveOnce } from "../prove/attempt.ts";
import { fitting } from "../prove/extras.ts";
import { select } from "../prove/select.ts";

export async function prove(this: CliContext, flags: ProveFlags, ...names: string[]): Promise<void> {
  if (flags.watch) return (await import("../prove/watch.ts")).proveOnSave(this, flags, names);
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
