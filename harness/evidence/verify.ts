/** Verification of one bundle: every byte, every statement, and the judgement once more. */
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { type Problem, type Result, canonicalJson, err, fail, ok, problem } from "../base/index.ts";
import { checkProof } from "../contract/index.ts";
import { readBundle } from "./bundle.ts";
import { spanOf } from "./canonical.ts";
import { evidenceCodes } from "./codes.ts";
import { step } from "./decode.ts";
import type { StoredJudgement } from "./formats.ts";
import { type Rejudge, judgedCase } from "./judge.ts";
import { packCase } from "./read-directory.ts";
import { type StoredCase, readCase } from "./stored-case.ts";

export interface BundleReport {
  /** As given: relative to the project root. */
  readonly file: string;
  /** The bundle's identity; empty when it cannot be read. */
  readonly digest: string;
  /** The case, when every byte is in order. */
  readonly case?: StoredCase;
  readonly problems: readonly Problem[];
  /** What is worth knowing and breaks nothing. */
  readonly notes: readonly string[];
}

/** Verifies `file` below `root`; a name of the form `<digest>.tar` fixes the digest. Needs no network and no QEMU. */
export function verifyBundle(root: string, file: string, rejudge: Rejudge): BundleReport {
  const bytes = readBytes(root, file);
  if (bytes.ok) return verifyBundleBytes(bytes.value, file, rejudge);
  return { file, digest: "", problems: bytes.error, notes: [] };
}

/** The same for a case that still lies in its run directory below `root`; only the sealed files count. */
export function verifyCase(root: string, dir: string, rejudge: Rejudge): BundleReport {
  const packed = packCase(join(root, dir), dir);
  if (!packed.ok) return { file: dir, digest: "", problems: packed.error, notes: [] };
  const { digest, case: stored } = packed.value;
  return { file: dir, digest, case: stored, ...compareJudgements(stored, rejudge, `${dir}/judgement.json`) };
}

/** Reads the case in a bundle after every check that needs no judge. */
export function openBundle(root: string, file: string): Result<StoredCase> {
  const bytes = readBytes(root, file);
  if (!bytes.ok) return bytes;
  const opened = open(bytes.value, file);
  return opened.case === undefined ? err(opened.problems) : ok(opened.case);
}

/** The same for bytes in memory. */
export function verifyBundleBytes(bytes: Uint8Array, file: string, rejudge: Rejudge): BundleReport {
  const opened = open(bytes, file);
  if (opened.case === undefined) return { file, ...opened, notes: [] };
  return { file, ...opened, ...compareJudgements(opened.case, rejudge, `${file}!judgement.json`) };
}

function open(bytes: Uint8Array, file: string): Pick<BundleReport, "digest" | "case" | "problems"> {
  const named = /^([0-9a-f]{64})\.tar$/u.exec(basename(file))?.[1];
  const { digest, files, problems } = readBundle(bytes, file, named);
  if (problems.length > 0) return { digest, problems };
  const stored = readCase(files, (path) => `${file}!${path}`);
  return stored.ok ? { digest, case: stored.value, problems: [] } : { digest, problems: stored.error };
}

function readBytes(root: string, file: string): Result<Uint8Array> {
  try {
    return ok(readFileSync(join(root, file)));
  } catch (error) {
    // The system's own words would name the file in full.
    const why =
      error instanceof Error && "code" in error ? `cannot be read (${String(error.code)})` : "cannot be read";
    const next = "bundles are the files of tasks/evidence/; a case is proved again";
    return fail(problem(evidenceCodes, "CAPOS_EVIDENCE_MISSING", `${file} ${why}`, { next }));
  }
}

/** Judges a stored case again and compares the result with what it says of itself. */
export function compareJudgements(
  stored: StoredCase,
  rejudge: Rejudge,
  file: string,
): { readonly problems: readonly Problem[]; readonly notes: readonly string[] } {
  const then = stored.judgement;
  const given = judgedCase(stored);
  const unfit = checkProof(given.proof);
  if (unfit.length > 0) return { problems: unfit, notes: [] };
  const now: StoredJudgement = { v: 1, ...rejudge(given) };
  const differs = firstDifference({ ...then, judge: "" }, { ...now, judge: "" }, "$");
  if (differs === undefined) return { problems: [], notes: [] };
  const span = spanOf(then, differs, file);
  if (then.judge === now.judge) {
    const message = `${file}: ${differs} is not what judge ${now.judge} reads in the stored consoles`;
    return {
      problems: [problem(evidenceCodes, "CAPOS_EVIDENCE_INCONSISTENT", message, { span })],
      notes: [],
    };
  }
  if (then.verdict !== now.verdict) {
    const cause = now.cause === "" ? "" : `: ${now.cause}`;
    const message = `${file}: judge ${then.judge} said ${then.verdict}, and judge ${now.judge} says ${now.verdict}${cause}`;
    return {
      problems: [problem(evidenceCodes, "CAPOS_EVIDENCE_JUDGED_OTHERWISE", message, { span })],
      notes: [],
    };
  }
  return {
    problems: [],
    notes: [
      `${file}: judge ${now.judge} comes to the same verdict as ${then.judge}, and reads ${differs} differently`,
    ],
  };
}

/** Path of the first place where two values differ. */
function firstDifference(a: unknown, b: unknown, at: string): string | undefined {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null)
    return a === b ? undefined : at;
  if (canonicalJson(a) === canonicalJson(b)) return undefined;
  const list = Array.isArray(a);
  const right = new Map(Object.entries(b));
  for (const [key, value] of Object.entries(a)) {
    const differs = firstDifference(value, right.get(key), `${at}${step(list ? Number(key) : key)}`);
    if (differs !== undefined) return differs;
  }
  return at;
}
