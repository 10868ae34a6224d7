import { accessSync, constants, statSync } from "node:fs";
import { join } from "node:path";

/** The absolute path that a shell would run for `name`, or nothing. A name with a slash is taken as it is. */
export function findProgram(name: string, path: string = process.env["PATH"] ?? ""): string | undefined {
  if (name.includes("/")) return isProgram(name) ? name : undefined;
  return path
    .split(":")
    .map((folder) => join(folder === "" ? "." : folder, name))
    .find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
