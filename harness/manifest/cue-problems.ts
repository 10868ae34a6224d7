import { type Problem, type ProblemExtras, type Span, nearest, problem, showSpan } from "../base/index.ts";
import { manifestCodes } from "./codes.ts";
import type { CueError } from "./cue-errors.ts";
import { inSourceOrder } from "./order.ts";
import type { Path, PositionIndex } from "./positions.ts";

/** What is known of the package that the errors are about. */
export interface ErrorContext {
  /** Text of a file that took part, by path below the root. */
  readonly text: (file: string) => string | undefined;
  /** Whether a file belongs to the package itself, rather than to the schema or an import. */
  readonly own: (file: string) => boolean;
  readonly index: PositionIndex;
  /** Labels that the schema knows, for suggestions. */
  readonly labels: readonly string[];
}

type Kind = "syntax" | "import" | "reference" | "field" | "value" | "missing" | "undecided";

interface Classified {
  readonly error: Fault;
  readonly kind: Kind;
  /** The path of the field at fault, which for some kinds is a child of what the engine names. */
  readonly path: Path;
}

/** Turns the engine's errors into ours: one per fault, in source order, each with a place in the source. */
export function cueProblems(errors: readonly CueError[], context: ErrorContext): readonly Problem[] {
  const classified = withoutEchoes(foldDisjunctions(errors).map((error) => classify(error, context)));
  const problems = classified.map((c) => describe(c, context));
  const seen = new Set<string>();
  const distinct = problems.filter((p) => {
    const key = `${p.code} ${p.span === undefined ? "" : showSpan(p.span)} ${p.message}`;
    return !seen.has(key) && seen.add(key) !== undefined;
  });
  return inSourceOrder(distinct);
}

/** An error with what each alternative of a disjunction says of the same value. */
interface Fault extends CueError {
  readonly alternatives?: readonly string[];
}

/**
 * An empty disjunction is followed by one error for each alternative: they are one fault. An alternative of the right
 * type is the one that was meant, and where the value is a list the one that finds fault with an element.
 */
function foldDisjunctions(errors: readonly CueError[]): readonly Fault[] {
  const heads = errors.filter((e) => / errors in empty disjunction/u.test(e.message));
  const headOf = (error: CueError): CueError | undefined =>
    heads.find((h) => h !== error && h.path.every((element, i) => element === error.path[i]));
  return errors.flatMap((error) => {
    if (headOf(error) !== undefined) return [];
    if (!heads.includes(error)) return [error];
    const alternatives = errors.filter((e) => headOf(e) === error);
    const meant = alternatives.find((e) => e.path.length > error.path.length || !isMismatch(e));
    if (meant !== undefined) return [meant];
    const places = [...error.places, ...alternatives.flatMap((e) => e.places)];
    return [{ ...error, places, alternatives: alternatives.map((e) => e.message) }];
  });
}

function isMismatch({ message }: CueError): boolean {
  return message.includes("(mismatched types ");
}

function classify(error: Fault, context: ErrorContext): Classified {
  const { message, path } = error;
  const field = /^field (\S+) not allowed$/u.exec(message)?.[1];
  if (field !== undefined) return { error, kind: "field", path: [...path, unquote(field)] };
  if (message.startsWith("explicit error")) return { error, kind: "value", path };
  if (message.startsWith("incomplete value ")) return { error, kind: "missing", path };
  if (/^non-concrete value .* in operand to /u.test(message)) {
    const name = nameAt(error.places[0], context);
    return { error, kind: "undecided", path: name === undefined ? path : [...path, name] };
  }
  if (/^reference "[^"]*" not found$/u.test(message)) return { error, kind: "reference", path };
  if (/^import failed: |^package .* imported/u.test(message)) return { error, kind: "import", path };
  return { error, kind: path.length === 0 ? "syntax" : "value", path };
}

/**
 * Leaves out what only repeats another fault:
 * behind the first syntax error of a file the parser is guessing; and where the field that decides a
 * struct's form is wrong or missing, the fields of that form are not allowed either.
 */
function withoutEchoes(all: readonly Classified[]): readonly Classified[] {
  const syntaxFiles = new Set<string>();
  const key = (path: Path): string => path.join("\u0000");
  const undecided = new Set(
    all
      .filter((c) => c.kind === "undecided" || (c.kind === "value" && c.path.at(-1) === "kind"))
      .map((c) => key(c.path.slice(0, -1))),
  );
  return all.filter((c) => {
    if (c.kind === "field") return !undecided.has(key(c.path.slice(0, -1)));
    if (c.kind !== "syntax") return true;
    const file = c.error.places[0]?.file ?? "";
    return !syntaxFiles.has(file) && syntaxFiles.add(file) !== undefined;
  });
}

function describe({ error, kind, path }: Classified, context: ErrorContext): Problem {
  const name = path.at(-1) ?? "";
  switch (kind) {
    case "syntax":
      return problem(manifestCodes, "CAPOS_CUE_SYNTAX", error.message, placed(ownSpan(error, context)));
    case "import":
      return problem(manifestCodes, "CAPOS_CUE_IMPORT", error.message, placed(ownSpan(error, context)));
    case "reference": {
      const missing = /"([^"]*)"/u.exec(error.message)?.[1] ?? "";
      const quotes = `import the package that defines it; if the text itself is meant, write "${missing}"`;
      const next = missing.startsWith("#") ? {} : { next: quotes };
      const message = `\`${missing}\` is not defined here`;
      const span = ownSpan(error, context, missing.length);
      return problem(manifestCodes, "CAPOS_CUE_REFERENCE", message, { ...placed(span), ...next });
    }
    case "field": {
      const like = nearest(name, context.labels);
      const elsewhere = "it belongs to another struct, or to another `kind` of this one";
      const hint =
        like === undefined ? {} : { next: like === name ? elsewhere : `did you mean \`${like}\`?` };
      const message = `there is no field \`${name}\` in ${around(path)}`;
      const span = ownSpan(error, context, name.length) ?? context.index.label(path);
      return problem(manifestCodes, "CAPOS_CUE_FIELD", message, { ...placed(span), ...hint });
    }
    case "undecided":
    case "missing": {
      const given = context.index.value(path);
      const message =
        given === undefined
          ? `the field \`${name}\` of ${around(path)} is missing`
          : `the field \`${name}\` of ${around(path)} has no definite value`;
      const next = given === undefined ? `add \`${name}\` here` : "write the value itself, not its type";
      const span = given ?? context.index.nearest(path);
      return problem(manifestCodes, "CAPOS_CUE_MISSING", message, { ...placed(span), next });
    }
    case "value":
      return valueProblem(error, path, context);
  }
}

function valueProblem(error: Fault, path: Path, context: ErrorContext): Problem {
  const span = ownSpan(error, context) ?? context.index.nearest(path);
  const rule = error.places.findLast((p) => !context.own(p.file) && context.text(p.file) !== undefined);
  const related =
    rule === undefined
      ? {}
      : { related: [{ span: spanAt(rule, context), message: "the schema asks for it here" }] };
  const { message, next } = explainAll(error.alternatives ?? [error.message], elementName(path));
  return problem(manifestCodes, "CAPOS_CUE_VALUE", message, {
    ...placed(span),
    ...related,
    ...(next === undefined ? {} : { next }),
  });
}

/** Says in one sentence what all alternatives ask for. */
function explainAll(messages: readonly string[], name: string): ReturnType<typeof explainValue> {
  const explained = messages.map((message) => explainValue(message, name));
  const [first] = explained;
  if (first !== undefined && explained.length === 1) return first;
  const said = [...new Set(explained.map(({ message }) => message))];
  const [head = "", ...heads] = said.map((one) => one.slice(0, one.indexOf(mustBe) + mustBe.length));
  const isOneValue = head.endsWith(mustBe) && heads.every((other) => other === head);
  if (!isOneValue) return { message: `\`${name}\`: no alternative fits: ${said.join("; ")}` };
  const wanted = said.map((one) => one.slice(head.length));
  return {
    message: `${head}${wanted.toSorted((a, b) => Number(a === aList) - Number(b === aList)).join(" or ")}`,
  };
}

const mustBe = ", but must be ";
const aList = "a list […]";

/** Says a value error in words; what is not recognised stays as the engine put it. */
function explainValue(message: string, name: string): { readonly message: string; readonly next?: string } {
  const bound = /^invalid value (.*) \((?:out of bound |does not satisfy )(.*)\)$/su.exec(message);
  if (bound !== null) {
    const [, value = "", rule = ""] = bound;
    const choices = /^=~"\^\(([\w|-]+)\)\$"$/u.exec(rule)?.[1]?.split("|");
    if (choices === undefined) return { message: `\`${name}\` is ${value}${mustBe}${inWords(rule)}` };
    const like = nearest(value.replaceAll('"', ""), choices);
    return {
      message: `\`${name}\` is ${value}${mustBe}one of ${choices.join(", ")}`,
      ...(like === undefined ? {} : { next: `did you mean "${like}"?` }),
    };
  }
  const types = /^conflicting values (.*) \(mismatched types (\w+) and (\w+)\)$/su.exec(message);
  if (types !== null) {
    const [, values = "", left = "", right = ""] = types;
    const cut = values.startsWith("[...") ? values.indexOf("] and ") + 1 : values.indexOf(" and ");
    const [first, second] = [values.slice(0, cut), values.slice(cut + " and ".length)];
    // Neither side a rule: a schema that asks for a struct is printed as the struct it has become.
    const wantsLeft = isRule(first, left) || (left === "struct" && !isRule(second, right));
    const [given, type, wanted] = wantsLeft ? [second, right, left] : [first, left, right];
    if (wantsLeft || isRule(second, right) || right === "struct")
      return { message: `\`${name}\` is ${inShort(given, type)}${mustBe}${article(wanted)}` };
    return { message: `\`${name}\` is both ${second} and ${first}` };
  }
  const values = /^conflicting values (.*) and (.*)$/su.exec(message);
  if (values !== null) return { message: `\`${name}\` is both ${values[2]} and ${values[1]}` };
  return { message: name === "" ? message : `\`${name}\`: ${message}` };
}

/** Whether one side of a conflict is what a schema says, not a value: `int`, `[...string]`, `>=1`. */
function isRule(text: string, type: string): boolean {
  return (text === type && type !== "null") || /^(?:\[\.\.\.|=~|[<>]|#)/u.test(text);
}

function inShort(value: string, type: string): string {
  return type === "struct" || type === "list" ? article(type) : value;
}

function inWords(rule: string): string {
  const [, least] = /^>=(-?\d+)$/u.exec(rule) ?? [];
  if (least !== undefined) return `at least ${least}`;
  const [, most] = /^<=(-?\d+)$/u.exec(rule) ?? [];
  if (most !== undefined) return `at most ${most}`;
  const pattern = /^=~"(.*)"$/su.exec(rule)?.[1];
  return pattern === undefined ? rule : `of the form ${pattern.replaceAll("\\\\", "\\")}`;
}

function article(type: string): string {
  if (type === "struct") return "a struct {…}";
  if (type === "list") return aList;
  if (type === "bool") return "true or false";
  if (type === "int") return "an integer";
  return type === "null" ? "null" : `a ${type}`;
}

/** Names a field by its label, and an element of a list by the list's: `boot.0`. */
function elementName(path: Path): string {
  const from = path.findLastIndex((element) => !/^\d+$/u.test(element));
  return path.slice(Math.max(0, from)).join(".");
}

/** Names what holds the last element of a path: `services.0`, or the whole. */
function around(path: Path): string {
  return path.length < 2 ? "the file" : `\`${path.slice(0, -1).map(label).join(".")}\``;
}

function label(element: string): string {
  return /^[\p{L}\p{Nd}_$#]+$/u.test(element) ? element : JSON.stringify(element);
}

function unquote(field: string): string {
  return field.startsWith('"') ? field.slice(1, -1) : field;
}

/** The place of an error in the package's own files, else the last that it names. */
function ownSpan(error: CueError, context: ErrorContext, length?: number): Span | undefined {
  const known = error.places.filter((p) => context.text(p.file) !== undefined);
  const place = known.findLast((p) => context.own(p.file)) ?? known.at(-1);
  if (place === undefined) return undefined;
  const span = spanAt(place, context, length);
  const value = context.index.value(error.path);
  const same = value?.file === span.file && value.line === span.line && value.col === span.col;
  return same ? value : span;
}

/** The engine counts columns in bytes; ours are UTF-16 units. */
function spanAt(place: CueError["places"][number], context: ErrorContext, length = 1): Span {
  const line = context.text(place.file)?.split("\n")[place.line - 1] ?? "";
  const col =
    Buffer.from(line)
      .subarray(0, place.col - 1)
      .toString("utf8").length + 1;
  return { file: place.file, line: place.line, col, endCol: col + length };
}

function nameAt(place: CueError["places"][number] | undefined, context: ErrorContext): string | undefined {
  if (place === undefined) return undefined;
  const line = context.text(place.file)?.split("\n")[place.line - 1];
  return line === undefined ? undefined : /^[\w$#]+/u.exec(line.slice(place.col - 1))?.[0];
}

function placed(span: Span | undefined): ProblemExtras {
  return span === undefined ? {} : { span };
}
