import { basename } from "node:path";
import { fail, ok, problem, type Result, writeFileAtomic } from "../../base/index.ts";
import { runTool } from "../../process/index.ts";
import { foreignCodes } from "./codes.ts";
import { type Note, noteFile, readNote, stampOf, type StampedNote } from "./known.ts";
import type { PackageContext } from "./packages.ts";
import { digestFile } from "./tree-file.ts";

/** The note of a package, made when there is none or the file is another than it was. */
export async function noteFor(context: PackageContext, deb: string): Promise<Result<Note>> {
  const kept = readNote(deb);
  if (kept !== undefined) return ok(kept);
  const fields = await dpkgDeb(context, deb, ["--field", deb, "Version", "Depends"]);
  if (!fields.ok) return fields;
  const value = (name: string): string => new RegExp(`^${name}: *(.*)$`, "mu").exec(fields.value)?.[1] ?? "";
  const version = value("Version");
  const standsFor = await follow(context, deb, version, value("Depends"));
  if (!standsFor.ok) return standsFor;
  const note: StampedNote = {
    stamp: stampOf(deb),
    version,
    sha256: digestFile(deb),
    ...(standsFor.value === undefined ? {} : { standsFor: standsFor.value }),
  };
  writeFileAtomic(noteFile(deb), JSON.stringify(note));
  return ok(note);
}

/** A package that depends on exactly one other, of exactly its own version, and holds nothing itself. */
async function follow(
  context: PackageContext,
  deb: string,
  version: string,
  depends: string,
): Promise<Result<string | undefined>> {
  const [, name, due] = /^([a-z0-9][a-z0-9+.-]+)(?::any)? \(= ([^)]+)\)$/u.exec(depends.trim()) ?? [];
  if (name === undefined || due !== version) return ok(undefined);
  const listed = await dpkgDeb(context, deb, ["--contents", deb]);
  if (!listed.ok) return listed;
  const files = listed.value.split("\n").filter((line) => line.startsWith("-"));
  const papers = / \.\/usr\/share\/(?:bug|doc|lintian)\//u;
  return ok(files.every((line) => papers.test(line)) ? name : undefined);
}

async function dpkgDeb(
  context: PackageContext,
  deb: string,
  args: readonly string[],
): Promise<Result<string>> {
  const ran = await runTool(context.supervisor, ["dpkg-deb", ...args], {
    env: { LC_ALL: "C.UTF-8" },
    keepBytes: 8 << 20,
    deadlineMs: 120_000,
  });
  if (!ran.ok) return ran;
  if (ran.value.succeeded) return ok(ran.value.stdout.text);
  const detail = ran.value.stderr.text.trim();
  return fail(problem(foreignCodes, "CAPOS_PACKAGE_DAMAGED", `${basename(deb)} cannot be read`, { detail }));
}
