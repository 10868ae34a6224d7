import { basename, join } from "node:path";
import { brokenSeals, inspectCase } from "../../evidence/index.ts";
import type { CaseReport, RunReport } from "./types.ts";

/**
 * A stored run with a warning for each case whose evidence is not what was sealed any more: its events alone would show
 * a verdict that `judge` and `verify` refuse.
 */
export function withSeals(report: RunReport, root: string): RunReport {
  const warnings = report.cases.flatMap((one) => {
    const dir = join(report.dir, basename(one.dir === "" ? one.id : one.dir));
    const [first, ...others] = wrongWith(one, join(root, dir));
    if (first === undefined) return [];
    const more = others.length === 0 ? "" : ` and ${others.length} more`;
    const text = `${one.id}: its evidence is not what was sealed: ${first}${more}; \`capos evidence verify ${dir}\` tells`;
    return [{ level: "warning", text } as const];
  });
  return { ...report, notices: [...report.notices, ...warnings] };
}

function wrongWith({ verdict, cached }: CaseReport, dir: string): readonly string[] {
  // What was answered from another run has its evidence there.
  if (cached !== null) return [];
  const state = inspectCase(dir);
  if (!state.ok) {
    // A report may have been taken away from its evidence.
    return state.error.every(({ code }) => code === "CAPOS_EVIDENCE_MISSING") ? [] : brokenSeals(dir);
  }
  if (state.value.state !== "ended") return verdict === "proved" ? ["verdict.json is gone"] : [];
  const sealed = state.value.verdict.verdict;
  return [...(sealed === verdict ? [] : [`its verdict there is ${sealed}`]), ...brokenSeals(dir)];
}
