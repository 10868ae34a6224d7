import { systemClock } from "../../base/index.ts";
import { pruneRuns } from "../../prove/index.ts";
import type { CleanFlags } from "../commands/clean.ts";
import type { CliContext } from "../context.ts";

export async function clean(this: CliContext, flags: CleanFlags): Promise<void> {
  const { keep, size, dryRun } = flags;
  const limits = { keep, maxBytes: size };
  const { removed, kept } = await pruneRuns(this.root, limits, systemClock.now(), dryRun);
  const freed = removed.reduce((sum, run) => sum + run.bytes, 0);
  if (dryRun) for (const { run } of removed) this.print(`  ${run}`);
  const runs = removed.length === 1 ? "1 run" : `${removed.length} runs`;
  const what = dryRun ? "would be removed" : "removed";
  this.print(`${runs} ${what}, ${(freed / 2 ** 20).toFixed(1)} MiB; ${kept} left.`);
}
