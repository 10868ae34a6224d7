/**
 * Debian packages as sources of files. They lie below `.capos/cache/packages` under apt's own file names, so one may be
 * put there by hand; beside each stands a note of what is known of it. What is there is used: a newer version is
 * fetched only when the old one is removed, and evidence names the version and the digest.
 */
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { fail, ok, problem, type Result, type Span } from "../../base/index.ts";
import { runTool, type Supervisor } from "../../process/index.ts";
import { foreignCodes } from "./codes.ts";
import { type DebianPackage, findDeb, maxDepth, type Note, packageFolder } from "./known.ts";
import { noteFor } from "./note.ts";

export interface PackageContext {
  /** `.capos/cache` */
  readonly cacheDir: string;
  readonly supervisor: Supervisor;
  readonly cancel?: AbortSignal;
  /** One line of progress, such as `fetching busybox-static`. */
  readonly progress: (line: string) => void;
}

/**
 * The package, fetched when it is not here, and where it is a metapackage (empty, and depending on one package of its own
 * version) the one that it stands for. The last is the one with the files.
 */
export async function getPackage(
  context: PackageContext,
  name: string,
  span?: Span,
): Promise<Result<readonly DebianPackage[]>> {
  const chain: DebianPackage[] = [];
  for (let next: string | undefined = name; next !== undefined && chain.length < maxDepth;) {
    const file = findDeb(context.cacheDir, next) ?? (await fetchDeb(context, next, span));
    if (typeof file !== "string") return file;
    const note: Result<Note> = await noteFor(context, file);
    if (!note.ok) return note;
    const { version, sha256, standsFor } = note.value;
    chain.push({ name: next, version, sha256, file });
    next = standsFor;
  }
  return ok(chain);
}

/** By the host's apt, which checks the archive's signature; needs its index of packages and no rights. */
async function fetchDeb(
  context: PackageContext,
  name: string,
  span: Span | undefined,
): Promise<string | Result<never>> {
  const dir = packageFolder(context.cacheDir);
  mkdirSync(dir, { recursive: true });
  const scratch = mkdtempSync(join(dir, "fetch-"));
  const missing = (why: string, detail: string): Result<never> =>
    fail(
      problem(foreignCodes, "CAPOS_PACKAGE_MISSING", `the Debian package ${name} ${why}`, {
        ...(span === undefined ? {} : { span }),
        ...(detail === "" ? {} : { detail }),
      }),
    );
  try {
    context.progress(`fetching the Debian package ${name}`);
    // As its own user apt could not write here; what it downloads it checks in any case.
    const argv = ["apt-get", "download", "--option=APT::Sandbox::User=root", name] as const;
    const ran = await runTool(context.supervisor, argv, {
      cwd: scratch,
      env: { LC_ALL: "C.UTF-8" },
      deadlineMs: 300_000,
      ...(context.cancel === undefined ? {} : { cancel: context.cancel }),
    });
    if (!ran.ok) return missing("is not here, and there is no apt-get to fetch it with", "");
    const fetched = readdirSync(scratch).find((file) => file.endsWith(".deb"));
    if (!ran.value.succeeded || fetched === undefined || statSync(join(scratch, fetched)).size === 0) {
      return missing("is not here and could not be fetched", ran.value.stderr.text.trim());
    }
    // Into its place in one step: another run may fetch the same, and neither ever sees half a file.
    renameSync(join(scratch, fetched), join(dir, fetched));
    return join(dir, fetched);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
