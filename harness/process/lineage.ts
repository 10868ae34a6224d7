import { statOf } from "./procfs.ts";

/**
 * The processes whose death means that nobody waits for the tool any more, as far as they can be known: its parent,
 * and below npm the parent's parent, too. npx and npm scripts run the tool through a shell, which outlives an npm that
 * was killed. Elsewhere the parent alone counts: a script that was told to outlive its shell does so with its tool.
 */
export function lineage(env: NodeJS.ProcessEnv = process.env): string {
  const parent = process.ppid;
  if (env["npm_execpath"] === undefined) return String(parent);
  return `${parent} ${statOf(parent)?.parent ?? 0}`;
}
