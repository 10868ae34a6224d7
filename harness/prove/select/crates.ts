import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The packages of the cargo workspace: where each lies, and which others of the workspace it is made of. */
export interface Crate {
  readonly name: string;
  /** Folder below the root, with forward slashes. */
  readonly dir: string;
  /** Names of the workspace's packages that it depends on directly. */
  readonly uses: readonly string[];
}

/** Folders in which the workspace keeps its packages. */
const places = ["kernel", "userspace"];

/** Every package below the workspace's folders. Only what a change can be traced by is read of their files. */
export function readCrates(root: string): readonly Crate[] {
  const dirs = places.flatMap((place) => manifestDirs(root, place));
  const read = dirs.map((dir) => ({ dir, text: readFileSync(join(root, dir, "Cargo.toml"), "utf8") }));
  const named = read.flatMap(({ dir, text }) => {
    const name = packageName(text);
    return name === undefined ? [] : [{ name, dir, text }];
  });
  const names = named.map((crate) => crate.name);
  return named.map(({ name, dir, text }) => ({
    name,
    dir,
    uses: names.filter((other) => other !== name && dependsOn(text, other)),
  }));
}

/** The packages that a change in one of `changed` reaches: those, and all that are made of them. */
export function reached(crates: readonly Crate[], changed: ReadonlySet<string>): ReadonlySet<string> {
  const found = new Set(changed);
  for (let before = -1; before !== found.size;) {
    before = found.size;
    for (const crate of crates) if (crate.uses.some((name) => found.has(name))) found.add(crate.name);
  }
  return found;
}

/** The package that a file belongs to: that of the innermost folder. */
export function ownerOf(crates: readonly Crate[], file: string): Crate | undefined {
  return crates
    .filter(({ dir }) => file.startsWith(`${dir}/`))
    .toSorted((a, b) => b.dir.length - a.dir.length)[0];
}

function manifestDirs(root: string, dir: string): readonly string[] {
  let entries;
  try {
    entries = readdirSync(join(root, dir), { withFileTypes: true });
  } catch {
    return [];
  }
  const below = entries
    .filter((entry) => entry.isDirectory() && entry.name !== "target" && entry.name !== "src")
    .flatMap((entry) => manifestDirs(root, `${dir}/${entry.name}`));
  return existsSync(join(root, dir, "Cargo.toml")) ? [dir, ...below] : below;
}

function packageName(text: string): string | undefined {
  return /^\[package\][^[]*?^name\s*=\s*"([^"]+)"/mu.exec(text)?.[1];
}

/** A dependency is a key of any kind of table, or the name of such a table; a name in a comment does no harm. */
function dependsOn(text: string, name: string): boolean {
  const quoted = name.replace(/[-]/gu, "[-_]");
  return new RegExp(
    `^\\s*(?:\\[[^\\]]*\\.)?"?${quoted}"?\\s*(?:\\.|=|\\])|package\\s*=\\s*"${quoted}"`,
    "mu",
  ).test(text);
}
