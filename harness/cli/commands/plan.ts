import { buildCommand } from "@stricli/core";
import type { CliContext } from "../context.ts";
import { proposeWords } from "../names.ts";
import { oneOf, whole } from "../parse.ts";
import { type SelectionFlags, selectionFlags, selectionNames } from "./selection.ts";

export const planFormats = ["text", "json", "github"] as const;

export interface PlanFlags extends SelectionFlags {
  readonly shards: number;
  readonly format: (typeof planFormats)[number];
}

export const plan = buildCommand<PlanFlags, string[], CliContext>({
  docs: {
    brief: "Divide the matrix among machines, and say what each would run and how long",
    fullDescription:
      "Takes the same words as prove, and means --all without any. Boots nothing. docs/ci.md describes the JSON,\n" +
      "by which any engine can run the shards; github is the value of strategy.matrix.\n\n" +
      "  capos plan --shards 4\n" +
      "  capos plan --shards 4 --format github",
  },
  parameters: {
    flags: {
      ...selectionFlags,
      shards: {
        kind: "parsed",
        parse: whole(1),
        default: "1",
        brief: "How many machines there are; fewer are used where there are fewer cases",
        placeholder: "n",
      },
      format: {
        kind: "parsed",
        parse: oneOf(planFormats),
        proposeCompletions: proposeWords(planFormats),
        default: "text",
        brief: `As ${planFormats.join(", ")}`,
        placeholder: "how",
      },
    },
    positional: selectionNames,
  },
  loader: async () => (await import("../run/plan.ts")).plan,
});
