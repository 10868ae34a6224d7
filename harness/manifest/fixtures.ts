/** Trees for tests: a temporary project root with the files given, judged by the engines of this checkout. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";
import { type Problem, type Result, showProblems, sourcesBelow } from "../base/index.ts";
import { type LoadOptions, loadImage, type SystemModel } from "./index.ts";

export const toolRoot = fileURLToPath(new URL("../..", import.meta.url));

export const options: LoadOptions = {
  interfaces: {
    Console: 1n,
    BlockDevice: 2n,
    ProcessSpawner: 3n,
    EndpointFactory: 4n,
    BootPackage: 5n,
    Store: 6n,
  },
  toolRoot,
};

const made: string[] = [];
afterAll(() => {
  for (const root of made) rmSync(root, { recursive: true, force: true });
});

/** A new root with these files, by path. */
export function tree(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), "capos-manifest-"));
  made.push(root);
  for (const [path, text] of Object.entries(files)) put(root, path, text);
  return root;
}

export function put(root: string, path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

/** An image of this tree's kernel, which must be sound. */
export async function nativeModel(root: string, name: string): Promise<SystemModel> {
  const loaded = await loadImage(root, name, options);
  if (!loaded.ok) throw new Error(shownProblems(root, loaded.error));
  if (loaded.value.kind !== "capos") throw new Error(`${name} has a kernel from elsewhere`);
  return loaded.value;
}

/** What a user would see; the word "fine" when there is nothing to see. */
export function shown(root: string, result: Result<unknown>): string {
  return result.ok ? "fine" : shownProblems(root, result.error);
}

export function shownProblems(root: string, problems: readonly Problem[]): string {
  const own = sourcesBelow(root);
  const tool = sourcesBelow(toolRoot);
  return showProblems(problems, (file) => own(file) ?? tool(file));
}
