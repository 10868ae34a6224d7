import { existsSync } from "node:fs";
import { ok, type Result } from "../base/index.ts";
import { openStored } from "../report/index.ts";

/**
 * What `latest`, `latest~1` or the beginning of a run's name stands for, as an absolute path; any other word as it is.
 * A file or a folder of that name is meant first.
 */
export async function runNamed(root: string, word: string): Promise<Result<string>> {
  if (!/^(?:latest(?:~\d+)?|\d{4,10}(?:-[0-9a-f]*)?)$/u.test(word) || existsSync(word)) return ok(word);
  const { findRun } = await openStored();
  return findRun(root, word);
}
