import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

export interface DebianPackage {
  readonly name: string;
  readonly version: string;
  readonly sha256: string;
  /** Absolute path of the .deb. */
  readonly file: string;
}

/** What is known of a kept package, so that a warm build reads neither it nor dpkg's answer again. */
export interface Note {
  readonly version: string;
  readonly sha256: string;
  /** Of a metapackage: the package that it stands for. */
  readonly standsFor?: string;
}

export interface StampedNote extends Note {
  /** Size and time of the file that it describes. */
  readonly stamp: string;
}

/** How deep one metapackage may stand for another. */
export const maxDepth = 4;

/** What is known without fetching or reading a package; undefined when it is not here. */
export function knownPackage(cacheDir: string, name: string): readonly DebianPackage[] | undefined {
  const chain: DebianPackage[] = [];
  for (let next: string | undefined = name; next !== undefined && chain.length < maxDepth;) {
    const file = findDeb(cacheDir, next);
    const note: Note | undefined = file === undefined ? undefined : readNote(file);
    if (file === undefined || note === undefined) return undefined;
    chain.push({ name: next, version: note.version, sha256: note.sha256, file });
    next = note.standsFor;
  }
  return chain;
}

export function packageFolder(cacheDir: string): string {
  return join(cacheDir, "packages");
}

/** The kept package of this name; of several the one of the highest version. */
export function findDeb(cacheDir: string, name: string): string | undefined {
  const dir = packageFolder(cacheDir);
  let names: string[];
  try {
    names = readdirSync(dir);
  } catch {
    return undefined;
  }
  const newest = names
    .filter((file) => file.startsWith(`${name}_`) && file.endsWith(".deb"))
    .toSorted((a, b) => a.localeCompare(b, "en", { numeric: true }))
    .at(-1);
  return newest === undefined ? undefined : join(dir, newest);
}

export function readNote(deb: string): Note | undefined {
  try {
    const note: unknown = JSON.parse(readFileSync(noteFile(deb), "utf8"));
    return isNote(note) && note.stamp === stampOf(deb) ? note : undefined;
  } catch {
    return undefined;
  }
}

export const noteFile = (deb: string): string => `${deb}.json`;

export function stampOf(deb: string): string {
  const { size, mtimeMs } = statSync(deb);
  return `${size} ${mtimeMs}`;
}

function isNote(value: unknown): value is StampedNote {
  if (typeof value !== "object" || value === null) return false;
  if (!("stamp" in value) || !("version" in value) || !("sha256" in value)) return false;
  const standsFor = "standsFor" in value ? value.standsFor : "";
  return [value.stamp, value.version, value.sha256, standsFor].every((field) => typeof field === "string");
}
