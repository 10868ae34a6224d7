import { nearest, type Problem, problem, type Span } from "../base/index.ts";
import { commonLine } from "./ambiguity.ts";
import { landmarksOf } from "./chain.ts";
import { checkRequirements, checkSpeech } from "./check-guest.ts";
import { checkSends } from "./check-interaction.ts";
import { checkNevers } from "./check-nevers.ts";
import { checkCrash, recoveryProblems } from "./check-crash.ts";
import { checkFaults } from "./check-faults.ts";
import { checkPeers } from "./check-peers.ts";
import { checkRelations } from "./check-relations.ts";
import { Automaton, stateCap, stateCount } from "./automaton.ts";
import { contractCodes } from "./codes.ts";
import { parseExpression } from "./expression.ts";
import { literalPrefix, parsePattern, type Pattern } from "./pattern.ts";
import { caposSpeech } from "./speech.ts";
import type { BootSpec, Landmark, Proof } from "./types.ts";

export type ContractCode = Extract<keyof typeof contractCodes, string>;

/** Reports a problem at a place given by its path in the proof, such as `boots.0.ends.at`. */
export type Report = (code: ContractCode, message: string, path: string, next?: string) => void;

/** The same for a fault inside a string: `at` and `length` count its characters. */
export type ReportWithin = (
  code: ContractCode,
  message: string,
  path: string,
  at: number,
  length: number,
) => void;

/** A landmark with its pattern and the place where it is declared. */
export interface PlacedLandmark {
  readonly landmark: Landmark;
  readonly pattern: Pattern | undefined;
  readonly path: string;
  /** Place in the chain; equal within a group. */
  readonly item: number;
}

export interface PlacedBoot {
  readonly boot: BootSpec;
  readonly path: string;
  readonly landmarks: readonly PlacedLandmark[];
}

/**
 * What is wrong with a proof beyond the shape of its fields: nothing is booted, nothing is read. A proof without
 * problems can be judged; it may still be that no guest satisfies it.
 */
export function checkProof(proof: Proof): readonly Problem[] {
  const problems: Problem[] = [];
  const report: Report = (code, message, path, next) => {
    const span = spanAt(proof, path);
    const extras = { ...(span === undefined ? {} : { span }), ...(next === undefined ? {} : { next }) };
    problems.push(problem(contractCodes, code, message, extras));
  };
  /** A fault inside a string: the span is moved to it, where the source writes the string as it is. */
  const reportWithin: ReportWithin = (code, message, path, at, length) => {
    const span = spanWithin(proof, path, at, length);
    problems.push(problem(contractCodes, code, message, span === undefined ? {} : { span }));
  };

  const boots = proof.boots.map((boot, b): PlacedBoot => {
    const path = `boots.${b}`;
    const landmarks = boot.chain.flatMap((item, i) => {
      if (landmarksOf(item).length === 0) {
        report("CAPOS_PROOF_DEAD", "a group without landmarks", `${path}.landmarks.${i}`);
      }
      return landmarksOf(item).map((landmark, g): PlacedLandmark => {
        const at = `${path}.landmarks.${i}${item.kind === "any" ? `.any.${g}` : ""}`;
        const parsed = parsePattern(landmark.line);
        if (!parsed.ok) {
          const { message, at: offset, length } = parsed.error;
          reportWithin("CAPOS_PROOF_PATTERN", message, `${at}.line`, offset, length);
        }
        return { landmark, pattern: parsed.ok ? parsed.value : undefined, path: at, item: i };
      });
    });
    return { boot, path, landmarks };
  });

  checkSpeech(proof, report, reportWithin);
  checkRequirements(proof, report, reportWithin);
  checkExpression(proof.foreign, "foreign", report, reportWithin);
  checkExpression(proof.closed, "closed", report, reportWithin);
  if (boots.every((b) => b.landmarks.length === 0)) {
    report(
      "CAPOS_PROOF_DEAD",
      `\`${proof.name}\` has no landmark: it would prove only that the guest ends`,
      "boots",
    );
  }
  checkUnique(
    boots.map((b) => ({ name: b.boot.name, path: `${b.path}.name` })),
    "boot",
    report,
  );
  for (const boot of boots) {
    const names = boot.landmarks.map((l) => ({ name: l.landmark.name, path: `${l.path}.name` }));
    checkUnique(names, "landmark", report);
    checkEnding(boot, report);
    checkAmbiguous(proof, boot, report);
  }
  checkNevers(proof, boots, report);
  checkSends(proof, boots, report);
  checkPeers(proof, boots, report);
  checkFaults(proof, boots, report);
  checkCrash(proof, boots, report);
  problems.push(...recoveryProblems(proof, checkProof));
  checkRelations(proof, boots, report);
  if (problems.length === 0) checkClosed(proof, boots, report);
  return problems;
}

function checkExpression(
  source: string,
  path: "foreign" | "closed",
  report: Report,
  reportWithin: ReportWithin,
): void {
  if (source === "") return;
  const parsed = parseExpression(source);
  if (!parsed.ok)
    return reportWithin("CAPOS_PROOF_EXPRESSION", parsed.error.message, path, parsed.error.at, 1);
  if (stateCount(parsed.value) > stateCap) {
    return report("CAPOS_PROOF_EXPRESSION", "the expression is too large", path, "use smaller counts");
  }
  if (path === "closed") return;
  const automaton = new Automaton(parsed.value);
  const beginnings = automaton.livingBytes(automaton.start).length;
  if (automaton.accepts(automaton.start) || beginnings > 64) {
    const message = "`foreign` fits nearly every line, so that no line could be told from a torn one";
    report(
      "CAPOS_PROOF_EXPRESSION",
      message,
      path,
      "begin it with what foreign lines begin with, such as a time stamp",
    );
  }
}

function checkUnique(
  all: readonly { readonly name: string; readonly path: string }[],
  what: string,
  report: Report,
): void {
  for (const [i, { name, path }] of all.entries()) {
    if (all.findIndex((other) => other.name === name) < i) {
      report("CAPOS_PROOF_DUPLICATE", `the ${what} \`${name}\` is declared twice`, path);
    }
  }
}

function checkEnding({ boot, path, landmarks }: PlacedBoot, report: Report): void {
  const { ends } = boot;
  if (ends.how !== "landmark" && ends.how !== "power-cut") return;
  const at = `${path}.ends.at`;
  const end = landmarks.find((l) => l.landmark.name === ends.at);
  if (end === undefined) {
    const meant = nearest(
      ends.at,
      landmarks.map((l) => l.landmark.name),
    );
    const next = meant === undefined ? undefined : `did you mean \`${meant}\`?`;
    report("CAPOS_PROOF_UNKNOWN_NAME", `boot \`${boot.name}\` has no landmark \`${ends.at}\``, at, next);
    return;
  }
  const behind = landmarks.find((l) => l.item > end.item);
  if (behind !== undefined) {
    const message = `the boot ends at \`${ends.at}\`, so \`${behind.landmark.name}\` behind it can never be seen`;
    report("CAPOS_PROOF_DEAD", message, behind.path);
  }
  if (landmarks.some((l) => l !== end && l.item === end.item)) {
    const message = `the boot ends at \`${ends.at}\`, which stands in a group: the others may or may not come before it`;
    report("CAPOS_PROOF_CONTRADICTION", message, at, "put it behind the group");
  }
  if (end.landmark.atMost > 1) {
    report(
      "CAPOS_PROOF_DEAD",
      `the boot ends when \`${ends.at}\` first comes, so \`atMost\` has no effect`,
      `${end.path}.atMost`,
    );
  }
}

function checkAmbiguous(proof: Proof, { boot, landmarks }: PlacedBoot, report: Report): void {
  const placed = landmarks.flatMap((l) => (l.pattern === undefined ? [] : [{ ...l, pattern: l.pattern }]));
  for (const [i, b] of placed.entries()) {
    for (const a of placed.slice(0, i)) {
      const line = mayMeet(a.pattern, b.pattern) ? commonLine(a.pattern, b.pattern) : undefined;
      if (line === undefined) continue;
      const message = `the line \`${line}\` would be both \`${a.landmark.name}\` and \`${b.landmark.name}\``;
      report("CAPOS_PROOF_AMBIGUOUS", message, `${b.path}.line`);
    }
  }
  const speech = proof.guest ?? caposSpeech;
  const words = [speech.banner, ...(boot.ends.how === "panic" ? [] : speech.panic)];
  for (const source of words) {
    const word = parsePattern(source);
    if (!word.ok) continue;
    for (const { landmark, pattern, path } of placed) {
      if (!mayMeet(pattern, word.value) || commonLine(pattern, word.value) === undefined) continue;
      const message = `\`${landmark.name}\` may be the line \`${source}\`, with which the boot fails`;
      report("CAPOS_PROOF_CONTRADICTION", message, `${path}.line`);
    }
  }
}

/** Cheap, and false for nearly all pairs: what both begin with must agree as far as both go. */
function mayMeet(a: Pattern, b: Pattern): boolean {
  const [x, y] = [literalPrefix(a), literalPrefix(b)];
  const length = Math.min(x.length, y.length);
  return Buffer.compare(x.subarray(0, length), y.subarray(0, length)) === 0;
}

function checkClosed(proof: Proof, boots: readonly PlacedBoot[], report: Report): void {
  if (proof.closed === "") return;
  const parsed = parseExpression(proof.closed);
  if (!parsed.ok) return;
  const automaton = new Automaton(parsed.value);
  const labels = boots.flatMap((b) => b.landmarks).map((l) => /^\[([^\]<]*)\]/u.exec(l.landmark.line)?.[1]);
  const isUsed = labels.some((label) => {
    const bytes = Buffer.from(label ?? "");
    return label !== undefined && automaton.matches(bytes, 0, bytes.length);
  });
  if (!isUsed) {
    report("CAPOS_PROOF_DEAD", "`closed` names no label that a landmark of this proof begins with", "closed");
  }
}

/** The span of a path, or of the nearest thing around it that has one. */
function spanAt(proof: Proof, path: string): Span | undefined {
  for (let at = path; at !== ""; at = at.slice(0, Math.max(0, at.lastIndexOf(".")))) {
    const span = proof.spans.get(at);
    if (span !== undefined) return span;
  }
  return proof.spans.get("");
}

function spanWithin(proof: Proof, path: string, at: number, length: number): Span | undefined {
  const span = proof.spans.get(path);
  const text = textAt(proof, path);
  // Only a plain "..." of the same length shows its characters where the value has them.
  if (span?.endCol === undefined || text === undefined || span.endCol - span.col !== text.length + 2) {
    return spanAt(proof, path);
  }
  const col = span.col + 1 + at;
  return { file: span.file, line: span.line, col, endCol: col + Math.max(1, length) };
}

function textAt(proof: Proof, path: string): string | undefined {
  if (path === "foreign" || path === "closed") return proof[path];
  const found = /^boots\.(\d+)\.landmarks\.(\d+)(?:\.any\.(\d+))?\.line$/u.exec(path);
  const item = proof.boots[Number(found?.[1])]?.chain[Number(found?.[2])];
  return item === undefined ? undefined : landmarksOf(item)[Number(found?.[3] ?? 0)]?.line;
}
