import { join } from "node:path";
import { type Figure, inTurns, timed } from "./measure.ts";

/** `capos --help` against an empty program: what everybody pays at every call. */
export function benchHelp(root: string, rounds: number): Figure {
  const launcher = join(root, "bin/capos.mjs");
  timed(["node", launcher, "--help"], { cwd: root });
  const { help, node } = inTurns(rounds, {
    help: () => timed(["node", launcher, "--help"], { cwd: root }).ms,
    node: () => timed(["node", "-e", ""], { cwd: root }).ms,
  });
  return {
    name: "help",
    of: "capos --help / node",
    measured: help / node,
    budget: 1.7,
    better: "less",
    parts: { help, node },
  };
}
