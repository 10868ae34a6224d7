import { buildCommand, buildRouteMap } from "@stricli/core";
import type { CliContext } from "../context.ts";
import { proposeBundles } from "../names.ts";
import { text } from "../parse.ts";

const files = {
  kind: "array",
  parameter: {
    brief: "Bundle, or the folder of a case or a run; all of tasks/evidence without any",
    parse: text,
    placeholder: "bundle",
    proposeCompletions: proposeBundles,
  },
} as const;

const verify = buildCommand<Record<never, never>, string[], CliContext>({
  docs: {
    brief: "Recompute every digest of a bundle and judge its consoles again",
    fullDescription: "Needs no emulator and no network. Without a file: every bundle and the whole ledger.",
  },
  parameters: { positional: files },
  loader: async () => (await import("../run/evidence.ts")).verify,
});

const show = buildCommand<Record<never, never>, [string], CliContext>({
  docs: { brief: "Show what a bundle holds" },
  parameters: {
    positional: {
      kind: "tuple",
      parameters: [
        { brief: "Bundle file", parse: text, placeholder: "bundle", proposeCompletions: proposeBundles },
      ],
    },
  },
  loader: async () => (await import("../run/evidence.ts")).show,
});

export interface ExportFlags {
  readonly key?: string;
}

const exportStatement = buildCommand<ExportFlags, [string], CliContext>({
  docs: { brief: "Print a bundle as an in-toto test-result statement, signed when a key is given" },
  parameters: {
    flags: {
      key: {
        kind: "parsed",
        parse: text,
        optional: true,
        brief: "Ed25519 private key (PEM) to sign with",
        placeholder: "file",
      },
    },
    positional: {
      kind: "tuple",
      parameters: [
        { brief: "Bundle file", parse: text, placeholder: "bundle", proposeCompletions: proposeBundles },
      ],
    },
  },
  loader: async () => (await import("../run/evidence.ts")).exportStatement,
});

export const evidence = buildRouteMap<"verify" | "show" | "export", CliContext>({
  routes: { verify, show, export: exportStatement },
  docs: { brief: "Evidence bundles: verify, show, export" },
});
