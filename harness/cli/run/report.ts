import type { Problem, Result } from "../../base/index.ts";
import { type FileTarget, openStored } from "../../report/index.ts";
import type { CompareFlags, MergeFlags, ShowFlags } from "../commands/report.ts";
import type { CliContext } from "../context.ts";

export async function show(this: CliContext, flags: ShowFlags, name: string): Promise<void> {
  await showRun(this, flags, name);
}

export async function merge(this: CliContext, flags: MergeFlags, ...names: string[]): Promise<void> {
  const { findRun, mergeRuns } = await openStored();
  const paths: string[] = [];
  const problems: Problem[] = [];
  for (const name of names) {
    const found = findRun(this.root, name);
    if (found.ok) paths.push(found.value);
    else problems.push(...found.error);
  }
  if (problems.length > 0) return this.report(problems);
  const merged = mergeRuns(this.root, paths, flags.out);
  if (!merged.ok) return this.report(merged.error);
  const told = await showRun(this, flags, merged.value.dir);
  // A report that is missing must not look like a run that is proved.
  if (told || merged.value.exit !== 0) this.exitWith(merged.value.exit);
}

export async function compare(
  this: CliContext,
  flags: CompareFlags,
  left: string,
  right: string,
): Promise<void> {
  const { showComparison } = await openStored();
  const { html, json } = flags;
  told(this, await showComparison(this.root, [left, right], { html, json, ...screenOf(this) }));
}

/** Whether everything that was asked for could be shown and written. */
async function showRun(context: CliContext, flags: ShowFlags, name: string): Promise<boolean> {
  const { showRun } = await openStored();
  const files: FileTarget[] = [];
  if (flags.html !== undefined) files.push({ kind: "html", file: flags.html });
  if (flags.junit !== undefined) files.push({ kind: "junit", file: flags.junit });
  return told(
    context,
    await showRun(context.root, name, {
      json: flags.json,
      files,
      earlier: flags.earlier ?? [],
      ...screenOf(context),
    }),
  );
}

function told(
  context: CliContext,
  shown: Result<{ readonly text: string; readonly problems: readonly Problem[] }>,
): boolean {
  if (!shown.ok) context.report(shown.error);
  else {
    context.process.stdout.write(shown.value.text);
    if (shown.value.problems.length > 0) context.report(shown.value.problems);
  }
  return shown.ok && shown.value.problems.length === 0;
}

function screenOf(context: CliContext): { readonly env: CliContext["env"]; readonly isTTY: boolean } {
  return { env: context.env, isTTY: context.process.stdout.isTTY === true };
}
