import { readdirSync } from "node:fs";
import { join } from "node:path";
import { loadProof } from "../manifest/index.ts";
import { glanceAtCase } from "../evidence/index.ts";
import type { CliContext } from "./context.ts";
import { runNamed } from "./run-name.ts";

export interface BootMeant {
  readonly name: string;
  readonly landmarks: readonly string[];
}

/**
 * The boots that a command line speaks of, by the first of its words that names a proof, a run or a case; none, where no
 * word does. Loaded only to complete a word that needs it: proofs come from the cache of evaluated sources.
 */
export async function bootsMeant({ root, typed = [] }: CliContext): Promise<readonly BootMeant[]> {
  for (const word of typed.slice(1).filter((one) => !one.startsWith("-"))) {
    const boots = /^run-[a-z0-9-]+$/u.test(word)
      ? await bootsOfProof(root, word)
      : await bootsOfRun(root, word);
    if (boots.length > 0) return boots;
  }
  return [];
}

async function bootsOfProof(root: string, name: string): Promise<readonly BootMeant[]> {
  const proof = await loadProof(root, name);
  if (!proof.ok) return [];
  return proof.value.boots.map((boot) => ({
    name: boot.name,
    landmarks: boot.chain.flatMap((item) =>
      item.kind === "one" ? [item.landmark.name] : item.landmarks.map((one) => one.name),
    ),
  }));
}

async function bootsOfRun(root: string, word: string): Promise<readonly BootMeant[]> {
  const run = await runNamed(root, word);
  if (!run.ok) return [];
  const cases = [run.value, ...namesIn(run.value).map((name) => join(run.value, name))];
  const names = cases.flatMap((dir) => glanceAtCase(dir).inputs?.proof.boots.map(({ name }) => name) ?? []);
  return [...new Set(names)].map((name) => ({ name, landmarks: [] }));
}

function namesIn(dir: string): readonly string[] {
  try {
    return readdirSync(dir).filter((name) => name.includes("@"));
  } catch {
    return [];
  }
}
