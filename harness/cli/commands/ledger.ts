import { buildCommand, buildRouteMap } from "@stricli/core";
import type { CliContext } from "../context.ts";

const verify = buildCommand<Record<never, never>, [], CliContext>({
  docs: { brief: "Walk the hash chain of bundles and check every link" },
  parameters: {},
  loader: async () => (await import("../run/evidence.ts")).verifyLedgerCommand,
});

const show = buildCommand<Record<never, never>, [], CliContext>({
  docs: { brief: "List the ledger, oldest first" },
  parameters: {},
  loader: async () => (await import("../run/evidence.ts")).showLedger,
});

export interface FlakesFlags {
  readonly json: boolean;
}

const flakes = buildCommand<FlakesFlags, [], CliContext>({
  docs: {
    brief: "Cases that passed after the same inputs had failed, with how often",
    fullDescription:
      "Each is counted when it happens, within a run or between runs, and stays in .capos/flakes.jsonl.",
  },
  parameters: {
    flags: { json: { kind: "boolean", default: false, brief: "Print the flakes as JSON lines" } },
  },
  loader: async () => (await import("../run/flakes.ts")).showFlakes,
});

export const ledger = buildRouteMap<"verify" | "show" | "flakes", CliContext>({
  routes: { verify, show, flakes },
  docs: { brief: "The ledger of closed evidence, and that of flakes: verify, show, flakes" },
});
