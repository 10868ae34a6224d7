import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { writeFileAtomic } from "../base/index.ts";
import { packages, type Package } from "./packages.ts";

export interface Found {
  readonly package: Package;
  /** Debian's version; undefined when the package is not installed. */
  readonly version: string | undefined;
  /** Files that should be there and are not, although the package is. */
  readonly missing: readonly string[];
}

const dpkgStatus = "/var/lib/dpkg/status";

/**
 * Versions of the packages, by name. Asking dpkg costs tens of milliseconds, so the answer is kept in
 * `cacheDir` for as long as dpkg's own database has not changed.
 */
export function packageVersions(cacheDir: string): ReadonlyMap<string, string> {
  if (!existsSync(dpkgStatus)) return new Map();
  const { mtimeMs, size } = statSync(dpkgStatus);
  const stamp = `${mtimeMs} ${size} ${packages.map((p) => p.name).join(",")}`;
  const file = join(cacheDir, "packages.json");
  const kept = readKept(file);
  if (kept?.stamp === stamp) return new Map(kept.versions);
  const versions = askDpkg();
  writeFileAtomic(file, JSON.stringify({ stamp, versions: [...versions] }));
  return versions;
}

export function inventory(cacheDir: string): readonly Found[] {
  const versions = packageVersions(cacheDir);
  return packages.map((p) => {
    const version = versions.get(p.name);
    return {
      package: p,
      version,
      missing: version === undefined ? [] : p.files.filter((f) => !existsSync(f)),
    };
  });
}

/** What is not there and is wanted for `when`; `test` includes everything, `look` what `prove` needs. */
export function missingPackages(found: readonly Found[], when: Package["when"]): readonly Package[] {
  return found
    .filter((f) => f.version === undefined || f.missing.length > 0)
    .map((f) => f.package)
    .filter((p) => p.when === "prove" || p.when === when || when === "test");
}

/** The folder of the compiler's own sources, which the bare-metal builds compile; undefined when absent. */
export function rustSources(): string | undefined {
  const base = "/usr/src";
  if (!existsSync(base)) return undefined;
  const newest = readdirSync(base)
    .filter((name) => /^rustc-\d/u.test(name) && existsSync(join(base, name, "library", "Cargo.toml")))
    .toSorted((a, b) => b.localeCompare(a, "en", { numeric: true }))[0];
  return newest === undefined ? undefined : join(base, newest, "library");
}

function askDpkg(): ReadonlyMap<string, string> {
  const argv = ["-W", "-f", "${Package}\t${Version}\t${db:Status-Abbrev}\n", ...packages.map((p) => p.name)];
  let text: string;
  try {
    text = execFileSync("dpkg-query", argv, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  } catch (error) {
    // dpkg-query exits with 1 when any of the packages is unknown, and still prints the others.
    text =
      error instanceof Error && "stdout" in error && typeof error.stdout === "string" ? error.stdout : "";
  }
  const rows = text.split("\n").map((line) => line.split("\t"));
  return new Map(
    rows.flatMap(([name, version, state]) =>
      name && version && state?.startsWith("ii") ? [[name, version]] : [],
    ),
  );
}

function readKept(file: string): { stamp: string; versions: [string, string][] } | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (typeof value !== "object" || value === null || !("stamp" in value) || !("versions" in value))
      return undefined;
    const { stamp, versions } = value;
    if (typeof stamp !== "string" || !Array.isArray(versions)) return undefined;
    const pairs = versions.filter(
      (p): p is [string, string] => Array.isArray(p) && p.every((x) => typeof x === "string"),
    );
    return { stamp, versions: pairs };
  } catch {
    return undefined;
  }
}
