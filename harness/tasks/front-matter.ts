/**
 * YAML front matter with places: each value is read from the document's syntax tree, so that every fault is
 * shown where it stands, and edits replace exactly the characters they mean.
 */
import { LineCounter, type Node, isMap, isScalar, isSeq, parseDocument } from "yaml";
import { type Problem, type Span, nearest, problem } from "../base/index.ts";
import { taskCodes } from "./codes.ts";

/** A YAML node that is surely there. */
export type Value = Node;

/** Reads one document and collects the faults it meets; a reader returns undefined where it reported one. */
export class Reader {
  readonly #problems: Problem[] = [];
  readonly root: Value | undefined;
  readonly file: string;
  readonly #lines = new LineCounter();
  /** Offset and line at which the YAML begins in the file. */
  readonly #offset: number;
  readonly #line: number;

  constructor(file: string, yaml: string, offset = 0, line = 1) {
    this.file = file;
    this.#offset = offset;
    this.#line = line;
    const document = parseDocument(yaml, { lineCounter: this.#lines, version: "1.2", schema: "core" });
    for (const fault of document.errors) {
      const span = this.#spanAt(fault.pos[0], fault.pos[1]);
      const message = fault.message.split(" at line ")[0] ?? fault.message;
      this.#problems.push(problem(taskCodes, "CAPOS_TASK_SYNTAX", message, { span }));
    }
    this.root = document.errors.length === 0 ? (document.contents ?? undefined) : undefined;
    if (this.root === undefined && this.#problems.length === 0) {
      const span = this.#spanAt(0, 0);
      this.#problems.push(problem(taskCodes, "CAPOS_TASK_SYNTAX", "there is nothing here to read", { span }));
    }
  }

  /** The faults met so far, from the top of the file to its end. */
  get problems(): readonly Problem[] {
    const line = (p: Problem): number => p.span?.line ?? 0;
    return this.#problems.toSorted((a, b) => line(a) - line(b));
  }

  spanOf(node: Value): Span {
    return this.#spanAt(node.range?.[0] ?? 0, node.range?.[1] ?? 0);
  }

  /** First and last offset of a value in the file's text. */
  rangeOf(node: Value): readonly [number, number] {
    return [(node.range?.[0] ?? 0) + this.#offset, (node.range?.[1] ?? 0) + this.#offset];
  }

  refuse(node: Value, message: string): undefined {
    this.#problems.push(problem(taskCodes, "CAPOS_TASK_VALUE", message, { span: this.spanOf(node) }));
  }

  /** The fields of a mapping by name; the names are checked, the values are not. */
  fields(
    node: Value,
    what: string,
    required: readonly string[],
    optional: readonly string[] = [],
  ): ReadonlyMap<string, Value> | undefined {
    const found = this.entries(node, what);
    if (found === undefined) return undefined;
    const values = new Map(found.map(({ name, value }) => [name, value]));
    const known = [...required, ...optional];
    const misspelt = new Set<string>();
    for (const { key, name } of found) {
      if (known.includes(name)) continue;
      const meant = nearest(
        name,
        known.filter((k) => !values.has(k)),
      );
      if (meant !== undefined) misspelt.add(meant);
      this.#field(
        key,
        `${what} has no field ${name}${meant === undefined ? "" : `; did you mean ${meant}?`}`,
      );
    }
    for (const name of required) {
      if (!values.has(name) && !misspelt.has(name)) this.#field(node, `${what} lacks the field ${name}`);
    }
    return values;
  }

  /** Names and values of a mapping with any names. */
  entries(
    node: Value,
    what: string,
  ): readonly { readonly key: Value; readonly name: string; readonly value: Value }[] | undefined {
    if (!isMap<Value, Value | null>(node)) return this.refuse(node, `${what} must be a mapping`);
    const out: { key: Value; name: string; value: Value }[] = [];
    for (const { key, value } of node.items) {
      if (!isScalar(key) || typeof key.value !== "string")
        this.refuse(key, `a name in ${what} must be a word`);
      else if (value === null) this.refuse(key, `${key.value} has no value`);
      else out.push({ key, name: key.value, value });
    }
    return out;
  }

  /** A string, as it is written: a number or a date counts as its characters. */
  text(node: Value, what: string): string | undefined {
    const value = isScalar(node) ? (node.source ?? node.value) : undefined;
    if (typeof value !== "string" || value.trim() === "") return this.refuse(node, `${what} must be text`);
    return value;
  }

  matching(node: Value, what: string, expression: RegExp, form: string): string | undefined {
    const text = this.text(node, what);
    if (text === undefined || expression.test(text)) return text;
    return this.refuse(node, `${what} must be ${form}, not ${JSON.stringify(text)}`);
  }

  choice<const T extends string>(node: Value, what: string, choices: readonly T[]): T | undefined {
    const text = this.text(node, what);
    const chosen = choices.find((c) => c === text);
    if (text === undefined || chosen !== undefined) return chosen;
    const meant = nearest(text, choices);
    const hint = meant === undefined ? "" : `; did you mean ${meant}?`;
    return this.refuse(node, `${what} must be one of ${choices.join(", ")}, not ${text}${hint}`);
  }

  /** A list without the items that were refused. */
  list<T>(node: Value, what: string, item: (node: Value) => T | undefined): readonly T[] | undefined {
    if (!isSeq<Value>(node)) return this.refuse(node, `${what} must be a list`);
    return node.items.map(item).filter((v) => v !== undefined);
  }

  #field(node: Value, message: string): void {
    this.#problems.push(problem(taskCodes, "CAPOS_TASK_FIELD", message, { span: this.spanOf(node) }));
  }

  #spanAt(from: number, until: number): Span {
    const start = this.#lines.linePos(from);
    const end = this.#lines.linePos(until);
    const span = {
      file: this.file,
      line: Math.max(1, start.line) + this.#line - 1,
      col: Math.max(1, start.col),
    };
    return end.line === start.line && end.col > start.col ? { ...span, endCol: end.col } : span;
  }
}

/** The parts of a Markdown file with front matter, as offsets of its text. */
export interface Parts {
  readonly yaml: string;
  readonly start: number;
  /** Offset of the closing `---`. */
  readonly end: number;
  readonly body: string;
  /** The file's own line ending. */
  readonly eol: "\n" | "\r\n";
}

/** Splits a Markdown file; undefined when it has no front matter. */
export function splitFrontMatter(text: string): Parts | undefined {
  const opening = /^---[ \t]*(\r?\n)/u.exec(text);
  if (opening === null) return undefined;
  const start = opening[0].length;
  const closing = /^---[ \t]*(?:\r?\n|$)/mu.exec(text.slice(start));
  if (closing === null) return undefined;
  const end = start + closing.index;
  const eol = opening[1] === "\r\n" ? "\r\n" : "\n";
  return { yaml: text.slice(start, end), start, end, body: text.slice(end + closing[0].length), eol };
}

/** A reader of a Markdown file's front matter, or the fault of not having any. */
export function readFrontMatter(
  file: string,
  text: string,
): { readonly reader: Reader; readonly parts: Parts } | Problem {
  const parts = splitFrontMatter(text);
  if (parts !== undefined) return { reader: new Reader(file, parts.yaml, parts.start, 2), parts };
  const message = "the file does not begin with a block of YAML between two lines of ---";
  return problem(taskCodes, "CAPOS_TASK_SYNTAX", message, { span: { file, line: 1, col: 1 } });
}
