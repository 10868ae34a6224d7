import { type Problem, type Span, problem } from "../base/index.ts";
import { manifestCodes } from "./codes.ts";
import type { Path, PositionIndex } from "./positions.ts";

/** What readers of one document share: its positions and what they found wrong. */
export interface Reading {
  readonly index: PositionIndex;
  /** Stands in for a place that the text does not show. */
  readonly fallback: Span;
  readonly problems: Problem[];
}

/**
 * A place in an evaluated document, read as the type that the schema promises. A tree may have a schema of
 * its own, so a broken promise is reported with its place and read as an empty value, never thrown.
 */
export class Cursor {
  readonly path: Path;
  private readonly value: unknown;
  private readonly reading: Reading;

  constructor(reading: Reading, path: Path, value: unknown) {
    this.reading = reading;
    this.path = path;
    this.value = value;
  }

  get present(): boolean {
    return this.value !== undefined;
  }

  get isList(): boolean {
    return Array.isArray(this.value);
  }

  /** Where the value stands, or what is around it. */
  get span(): Span {
    return this.reading.index.nearest(this.path) ?? this.reading.fallback;
  }

  get labelSpan(): Span {
    return this.reading.index.label(this.path) ?? this.span;
  }

  field(name: string): Cursor {
    const { value } = this;
    const inner: unknown =
      typeof value === "object" && value !== null && !Array.isArray(value) && Object.hasOwn(value, name)
        ? Object.getOwnPropertyDescriptor(value, name)?.value
        : undefined;
    return new Cursor(this.reading, [...this.path, name], inner);
  }

  /** Fields of a struct in source order, for a struct whose labels are names. */
  entries(): readonly (readonly [string, Cursor])[] {
    const { value } = this;
    if (value === undefined) return [];
    if (typeof value !== "object" || value === null || Array.isArray(value))
      return this.unexpected("a struct", []);
    return Object.keys(value).map((name) => [name, this.field(name)]);
  }

  list(): readonly Cursor[] {
    const { value } = this;
    if (value === undefined) return [];
    if (!Array.isArray(value)) return this.unexpected("a list", []);
    return value.map((element: unknown, i) => new Cursor(this.reading, [...this.path, String(i)], element));
  }

  string(otherwise?: string): string {
    const { value } = this;
    if (typeof value === "string") return value;
    return value === undefined && otherwise !== undefined
      ? otherwise
      : this.unexpected("a string", otherwise ?? "");
  }

  number(otherwise?: number): number {
    const { value } = this;
    if (typeof value === "number") return value;
    return value === undefined && otherwise !== undefined
      ? otherwise
      : this.unexpected("a number", otherwise ?? 0);
  }

  boolean(otherwise: boolean): boolean {
    const { value } = this;
    if (typeof value === "boolean") return value;
    return value === undefined ? otherwise : this.unexpected("true or false", otherwise);
  }

  /** One of the given words. */
  word<const T extends string>(words: readonly T[], otherwise?: NoInfer<T>): T {
    const { value } = this;
    if (value === undefined && otherwise !== undefined) return otherwise;
    const [first] = words;
    if (first === undefined) throw new Error("no words to choose from");
    return (
      words.find((w) => w === value) ?? this.unexpected(`one of ${words.join(", ")}`, otherwise ?? first)
    );
  }

  /** Reports a value of a proof that the schema allows and the contract does not. */
  refuse(message: string): void;
  refuse<T>(message: string, instead: T): T;
  refuse<T>(message: string, instead?: T): T | undefined {
    this.reading.problems.push(problem(manifestCodes, "CAPOS_PROOF_FORM", message, { span: this.span }));
    return instead;
  }

  private unexpected<T>(wanted: string, instead: T): T {
    const name = this.path.at(-1) ?? "the file";
    const message =
      this.value === undefined ? `the field \`${name}\` is missing` : `\`${name}\` must be ${wanted}`;
    const code = this.value === undefined ? "CAPOS_CUE_MISSING" : "CAPOS_MANIFEST_SHAPE";
    this.reading.problems.push(problem(manifestCodes, code, message, { span: this.span }));
    return instead;
  }
}
