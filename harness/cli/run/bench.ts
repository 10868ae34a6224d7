import type { BenchFlags } from "../commands/bench.ts";
import type { CliContext } from "../context.ts";

export async function bench(this: CliContext, flags: BenchFlags): Promise<void> {
  this.print(JSON.stringify(flags));
}
