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

export const ledger = buildRouteMap<"verify" | "show", CliContext>({
  routes: { verify, show },
  docs: { brief: "The ledger of closed evidence: verify, show" },
});
