import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Problem } from "./problem.ts";
import { showSource, showSpan, type Span } from "./span.ts";

/** Draws problems as text; `source` gives a file's text, or nothing when it cannot be read. */
export function showProblems(
  problems: readonly Problem[],
  source: (file: string) => string | undefined,
): string {
  return problems.map((p) => showProblem(p, source)).join("\n\n") + "\n";
}

function showProblem(p: Problem, source: (file: string) => string | undefined): string {
  const out = [`error[${p.code}]: ${p.message}`];
  if (p.span !== undefined) out.push(...place(p.span, source));
  for (const r of p.related ?? []) out.push(`  note: ${r.message}`, ...place(r.span, source));
  if (p.detail !== undefined)
    out.push(
      ...p.detail
        .trimEnd()
        .split("\n")
        .map((l) => `    ${l}`),
    );
  out.push(`  next: ${p.next}`);
  return out.join("\n");
}

function place(span: Span, source: (file: string) => string | undefined): string[] {
  const text = source(span.file);
  const drawn = text === undefined ? "" : showSource(span, text);
  const lines = drawn === "" ? [] : drawn.split("\n").map((l) => `  ${l}`);
  return [`  --> ${showSpan(span)}`, ...lines];
}

/** Reads sources below a project root, for `showProblems`. */
export function sourcesBelow(root: string): (file: string) => string | undefined {
  return (file) => {
    try {
      return readFileSync(join(root, file), "utf8");
    } catch {
      return undefined;
    }
  };
}
