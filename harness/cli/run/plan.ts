import { unreachable } from "../../base/index.ts";
import type { PlanFlags } from "../commands/plan.ts";
import type { CliContext } from "../context.ts";
import { githubMatrix, planForm, planText, wordsOf } from "../prove/plan-form.ts";
import { select } from "../prove/select.ts";
import { version } from "../version.ts";

export async function plan(this: CliContext, flags: PlanFlags, ...names: string[]): Promise<void> {
  const { tag, milestone, since, failed } = flags;
  const narrowed = failed || names.length > 0 || [tag, milestone, since].some((flag) => flag !== undefined);
  const wanted = narrowed ? flags : { ...flags, all: true };
  const selected = await select(this.root, wanted, names);
  if (!selected.ok) return this.report(selected.error);
  const { cases, expected } = selected.value;
  const words = wordsOf(wanted, names);
  const form = planForm({ cases, expected: expected(), shards: flags.shards, capos: version, words });
  const { format } = flags;
  switch (format) {
    case "text":
      return this.print(planText(form));
    case "json":
      return this.print(JSON.stringify(form));
    case "github":
      return this.print(JSON.stringify(githubMatrix(form)));
    default:
      return unreachable(format);
  }
}
