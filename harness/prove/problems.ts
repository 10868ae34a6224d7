import { type Problem, showProblems, sourcesBelow } from "../base/index.ts";
import type { Emit } from "../events/index.ts";

/** Tells problems as one event each, drawn as a terminal shows them. */
export function emitProblems(emit: Emit, root: string, problems: readonly Problem[]): void {
  for (const p of problems) {
    emit({ type: "problem", code: p.code, text: showProblems([p], sourcesBelow(root)) });
  }
}
