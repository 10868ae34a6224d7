import { readFlakes } from "../../prove/index.ts";
import type { FlakesFlags } from "../commands/ledger.ts";
import type { CliContext } from "../context.ts";

export function showFlakes(this: CliContext, flags: FlakesFlags): void {
  const all = readFlakes(this.root);
  if (flags.json) {
    for (const flake of all) this.print(JSON.stringify(flake));
    return;
  }
  if (all.length === 0) return this.print("No case has passed after the same inputs had failed.");
  for (const name of [...new Set(all.map((flake) => flake.case))].toSorted()) {
    const own = all.filter((flake) => flake.case === name);
    this.print(`${name}: ${own.length} ${own.length === 1 ? "flake" : "flakes"}`);
    for (const { failed, passed, at } of own.slice(-5)) {
      const cause = failed.cause === "" ? "" : `: ${failed.cause}`;
      this.print(
        `  ${at.slice(0, 16)}Z  ${failed.verdict} in ${failed.run}, proved in ${passed.run}${cause}`,
      );
    }
  }
}
