import { type Problem, type Result, err, fail, ok, problem } from "../base/index.ts";
import { manifestCodes } from "./codes.ts";
import { parseCueErrors } from "./cue-errors.ts";
import { cueProblems, type ErrorContext } from "./cue-problems.ts";
import type { CommandResult, EngineFailure, Engines, StringResult } from "./engines.ts";
import { engineFiles, joinPackage } from "./join.ts";
import type { CuePackage } from "./package.ts";
import { type FilePositions, type Path, PositionIndex, indexPositions } from "./positions.ts";
import { type CheckedFile, precheck } from "./precheck.ts";
import { tokenize } from "./tokens.ts";

/** A package's value and where its parts stand in the source: what the cache keeps. */
export interface Evaluation {
  readonly value: unknown;
  readonly positions: readonly FilePositions[];
}

/** Evaluates a package with both engines; the value is given only when they give the same one. */
export async function evaluatePackage(pkg: CuePackage, engines: Engines): Promise<Result<Evaluation>> {
  const { files, problems } = precheck(pkg);
  if (problems.length > 0) return err(problems);
  const positions = files.map((f) => indexPositions(f.path, f.text, f.tokens, f.header.end));
  const paths = [...pkg.files, pkg.binding].map((f) => `./${f.path}`);
  const [command, library] = await Promise.all([
    engines.command({ argv: ["export", ...paths, "--out", "json"], files: engineFiles(pkg) }),
    engines.evaluate(joinPackage(pkg)),
  ]);
  const context = errorContext(pkg, new PositionIndex(positions));
  const first = commandValue(command, files, context);
  if (!first.ok) return first;
  const second = libraryValue(library, files);
  if (!second.ok) return second;
  const difference = differingPath(first.value, second.value, []);
  if (difference === undefined) return ok({ value: first.value, positions });
  const span = context.index.nearest(difference);
  const message = `the two CUE engines give \`${difference.join(".")}\` different values`;
  return fail(problem(manifestCodes, "CAPOS_CUE_DISAGREE", message, span === undefined ? {} : { span }));
}

function commandValue(
  answer: CommandResult | EngineFailure,
  files: readonly CheckedFile[],
  context: ErrorContext,
): Result<unknown> {
  if ("failure" in answer) return fail(engineProblem(answer, files));
  if (answer.code === 0) return ok(JSON.parse(answer.stdout));
  const errors = parseCueErrors(answer.stderr);
  if (errors !== undefined && errors.length > 0) return err(cueProblems(errors, context));
  const reason = answer.stderr.split("\n")[0] ?? "";
  return fail(engineProblem({ failure: "died", reason: `an answer that cannot be read: ${reason}` }, files));
}

function libraryValue(answer: StringResult | EngineFailure, files: readonly CheckedFile[]): Result<unknown> {
  if ("failure" in answer) return fail(engineProblem(answer, files));
  if ("json" in answer) return ok(JSON.parse(answer.json));
  const message = "one CUE engine accepts this package, the other does not";
  return fail(
    problem(manifestCodes, "CAPOS_CUE_DISAGREE", message, { ...startOf(files), detail: answer.error }),
  );
}

function engineProblem({ failure, reason }: EngineFailure, files: readonly CheckedFile[]): Problem {
  if (failure === "absent") return problem(manifestCodes, "CAPOS_CUE_NO_ENGINE", `no CUE engine: ${reason}`);
  const message = `a CUE engine could not evaluate this package: ${reason}`;
  return problem(manifestCodes, "CAPOS_CUE_ENGINE", message, startOf(files));
}

function startOf(files: readonly CheckedFile[]) {
  const file = files[0]?.path;
  return file === undefined ? {} : { span: { file, line: 1, col: 1 } };
}

function errorContext(pkg: CuePackage, index: PositionIndex): ErrorContext {
  const own = new Set(pkg.files.map((f) => f.path));
  const imported = pkg.imported.flatMap((p) => p.files);
  const texts = new Map([...pkg.files, ...imported].map((f) => [f.path, f.text]));
  const labels = new Set<string>();
  for (const file of imported) {
    const { tokens } = tokenize(file.text);
    for (const [i, token] of tokens.entries()) {
      const following = tokens[i + 1]?.text === "?" ? tokens[i + 2] : tokens[i + 1];
      if (token.kind === "name" && following?.text === ":" && !token.text.startsWith("#"))
        labels.add(token.text);
    }
  }
  return { text: (file) => texts.get(file), own: (file) => own.has(file), index, labels: [...labels] };
}

/** The first path at which two JSON values differ; the order of fields does not count, that of elements does. */
function differingPath(a: unknown, b: unknown, path: Path): Path | undefined {
  if (Object.is(a, b)) return undefined;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return path;
  if (Array.isArray(a) !== Array.isArray(b)) return path;
  const [left, right] = [new Map(Object.entries(a)), new Map(Object.entries(b))];
  for (const key of new Set([...left.keys(), ...right.keys()])) {
    if (left.has(key) !== right.has(key)) return [...path, key];
    const inner = differingPath(left.get(key), right.get(key), [...path, key]);
    if (inner !== undefined) return inner;
  }
  return undefined;
}
