/**
 * A finished case, read back. Each file alone is checked by its decoder; here the files are checked against
 * each other, so that no statement of the evidence stands unsupported.
 */
import { type Problem, type Result, err, ok, problem, sha256 } from "../base/index.ts";
import type { BootInput, Freshness } from "../contract/index.ts";
import type { Files } from "./bundle.ts";
import { parseCanonical, spanOf } from "./canonical.ts";
import { evidenceCodes } from "./codes.ts";
import type { Decoder } from "./decode.ts";
import * as f from "./formats.ts";
import { attachedName, bootFiles } from "./layout.ts";
import { joinTimeline } from "./timeline.ts";

export interface StoredBoot {
  readonly boot: f.Boot;
  /** What the judge was fed. */
  readonly inputs: readonly BootInput[];
  readonly disks: f.Disks["disks"];
}

export interface StoredCase {
  readonly started: f.Started;
  readonly inputs: f.Inputs;
  readonly boots: readonly StoredBoot[];
  readonly judgement: f.StoredJudgement;
  readonly verdict: f.VerdictRecord;
}

/** Reads the files of a finished case; `place` turns a path into the name that problems show. */
export function readCase(files: Files, place: (path: string) => string): Result<StoredCase> {
  const problems: Problem[] = [];
  const text = (path: string): string | undefined => {
    const bytes = files.get(path);
    if (bytes !== undefined) return Buffer.from(bytes).toString("utf8");
    problems.push(problem(evidenceCodes, "CAPOS_EVIDENCE_MISSING", `${place(path)} is not there`));
    return undefined;
  };
  const read = <T>(path: string, decoder: Decoder<T>): T | undefined => {
    const content = text(path);
    if (content === undefined) return undefined;
    const parsed = parseCanonical(decoder, content, place(path));
    if (parsed.ok) return parsed.value;
    problems.push(...parsed.error);
    return undefined;
  };

  const verdict = read("verdict.json", f.verdictDecoder);
  if (verdict !== undefined) problems.push(...sealProblems(files, verdict, place));
  // What has been changed is not worth reading.
  if (problems.length > 0) return err(problems);
  const started = read("started.json", f.startedDecoder);
  const inputs = read("inputs.json", f.inputsDecoder);
  const judgement = read("judgement.json", f.judgementDecoder);
  const boots: StoredBoot[] = [];
  for (const folder of bootFolders(files)) {
    const boot = read(`${folder}/boot.json`, f.bootDecoder);
    const disks = read(`${folder}/disks.json`, f.disksDecoder);
    const index = text(`${folder}/timeline.jsonl`);
    const console = files.get(`${folder}/console.raw`);
    if (console === undefined) text(`${folder}/console.raw`);
    if (boot === undefined || disks === undefined || index === undefined || console === undefined) continue;
    const terminal = files.get(`${folder}/attached/terminal.raw`) ?? new Uint8Array();
    const joined = joinTimeline({ console, terminal }, index, place(`${folder}/timeline.jsonl`));
    if (joined.ok) boots.push({ boot, disks: disks.disks, inputs: joined.value });
    else problems.push(...joined.error);
  }
  if (problems.length > 0 || !started || !inputs || !judgement || !verdict) return err(problems);
  const stored: StoredCase = { started, inputs, boots, judgement, verdict };
  problems.push(...strayFiles(files, boots, place), ...contradictions(stored, place));
  problems.push(...unsettled(files, stored, place));
  return problems.length === 0 ? ok(stored) : err(problems);
}

/** `boots/<n>-<name>`, in the order of n. */
function bootFolders(files: Files): readonly string[] {
  const folders = new Set<string>();
  for (const path of files.keys()) {
    const folder = /^(boots\/[^/]+)\//u.exec(path)?.[1];
    if (folder !== undefined) folders.add(folder);
  }
  const order = (folder: string): number => Number.parseInt(folder.slice("boots/".length), 10);
  return [...folders].toSorted((a, b) => order(a) - order(b));
}

/** A case is made of exactly these files; a boot's folder is named by its number and name. */
function strayFiles(files: Files, boots: readonly StoredBoot[], place: (path: string) => string): Problem[] {
  const known = new Set(["started.json", "inputs.json", "judgement.json", "verdict.json"]);
  const isAttached = (path: string, folder: string): boolean =>
    path.startsWith(`${folder}/`) && attachedName.test(path.slice(folder.length + 1));
  for (const [i, { boot }] of boots.entries()) {
    const names = bootFiles(i + 1, boot.name);
    for (const path of [names.boot, names.console, names.timeline, names.disks]) known.add(path);
    for (const path of files.keys()) {
      if (isAttached(path, names.attached) || isAttached(path, "attached")) known.add(path);
    }
  }
  return [...files.keys()]
    .filter((path) => !known.has(path))
    .map((path) => problem(evidenceCodes, "CAPOS_EVIDENCE_FORMAT", `${place(path)} is no file of this case`));
}

/** What an instance proves counts only with the record that nothing of its run is left, and of this run. */
function unsettled(files: Files, c: StoredCase, place: (path: string) => string): readonly Problem[] {
  if (c.inputs.target !== "gce" || c.verdict.verdict !== "proved") return [];
  const path = "attached/cloud-teardown.json";
  const bytes = files.get(path);
  if (bytes === undefined) {
    return [problem(evidenceCodes, "CAPOS_EVIDENCE_MISSING", `${place(path)} is not there`)];
  }
  const told = parseCanonical(f.teardownDecoder, Buffer.from(bytes).toString("utf8"), place(path));
  if (!told.ok) return told.error;
  const { run, empty, listed, unlisted } = told.value;
  const isShown = empty && listed.length === 0 && unlisted.length === 0;
  if (isShown && run === c.started.run) return [];
  const message = isShown ? `is of the run ${run}` : "does not show that nothing is left of the run";
  return [problem(evidenceCodes, "CAPOS_EVIDENCE_INCONSISTENT", `${place(path)} ${message}`)];
}

/** The seal names every other file of the case by its content, and nothing else. */
function sealProblems(files: Files, verdict: f.VerdictRecord, place: (path: string) => string): Problem[] {
  const problems: Problem[] = [];
  const changed = (path: string, message: string): void => {
    const span = { file: place(path), line: 1, col: 1 };
    problems.push(problem(evidenceCodes, "CAPOS_EVIDENCE_CHANGED", `${place(path)} ${message}`, { span }));
  };
  for (const [path, sealed] of Object.entries(verdict.files)) {
    const bytes = files.get(path);
    if (bytes === undefined) changed(path, "was sealed by verdict.json and is gone");
    else if (bytes.length !== sealed.bytes || sha256(bytes) !== sealed.sha256) {
      changed(path, `has the digest ${sha256(bytes)}, and verdict.json sealed ${sealed.sha256}`);
    }
  }
  for (const path of files.keys()) {
    if (path !== "verdict.json" && !Object.hasOwn(verdict.files, path))
      changed(path, "was not sealed by verdict.json");
  }
  return problems;
}

function contradictions(c: StoredCase, place: (path: string) => string): Problem[] {
  const problems: Problem[] = [];
  const check = (holds: boolean, file: string, value: unknown, path: string, message: string): void => {
    if (holds) return;
    const span = spanOf(value, path, place(file));
    problems.push(
      problem(evidenceCodes, "CAPOS_EVIDENCE_INCONSISTENT", `${place(file)}: ${message}`, { span }),
    );
  };
  const { inputs, judgement, verdict } = c;
  check(
    c.started.case.proof === inputs.proof.name,
    "started.json",
    c.started,
    "$.case.proof",
    `the case is of ${c.started.case.proof}, and the inputs declare ${inputs.proof.name}`,
  );
  check(
    f.declaredInputs(inputs.declared.parts).digest === inputs.declared.digest,
    "inputs.json",
    inputs,
    "$.declared.digest",
    "the digest of the declared inputs is not that of its parts",
  );
  check(
    judgement.verdict === verdict.verdict && judgement.cause === verdict.cause,
    "verdict.json",
    verdict,
    "$.verdict",
    `the verdict is ${verdict.verdict}, and the judgement is ${judgement.verdict}`,
  );
  check(
    weakest(c.boots.map((b) => b.boot.freshness)) === verdict.freshness,
    "verdict.json",
    verdict,
    "$.freshness",
    "the freshness is not the weakest of the boots",
  );

  for (const [i, { boot, disks }] of c.boots.entries()) {
    const files = bootFiles(i + 1, boot.name);
    check(
      boot.index === i + 1,
      files.boot,
      boot,
      "$.index",
      `the boot counts as ${boot.index}, and is number ${i + 1}`,
    );
    check(
      boot.identity === null || boot.identity.systemDigest === inputs.systemDigest,
      files.boot,
      boot,
      "$.identity.systemDigest",
      "the system digest is not that of the inputs",
    );
    check(
      boot.name === inputs.proof.boots[i]?.name,
      files.boot,
      boot,
      "$.name",
      `the proof declares no such boot ${i + 1}`,
    );
    check(
      boot.identity !== null || boot.freshness === "none",
      files.boot,
      boot,
      "$.freshness",
      "a console without an identity is fresh by nothing",
    );
    for (const [serial, disk] of Object.entries(disks)) {
      const left = c.boots[i - 1]?.disks[serial]?.after;
      check(
        left === undefined || left === disk.before,
        files.disks,
        { v: 1, disks },
        `$.disks.${serial}.before`,
        `boot ${i} left disk ${serial} with another content than boot ${i + 1} found`,
      );
    }
  }
  return problems;
}

function weakest(all: readonly Freshness[]): Freshness {
  if (all.length === 0 || all.includes("none")) return "none";
  return all.includes("by-construction") ? "by-construction" : "echoed";
}
