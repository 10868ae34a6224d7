import type { Span } from "./span.ts";

/** The process exit codes of the command line (docs/errors.md). */
export const exitCodes = {
  proved: 0,
  notProved: 1,
  usage: 2,
  invalid: 3,
  nothing: 4,
  build: 5,
  tool: 6,
  host: 7,
  bug: 70,
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitName = keyof typeof exitCodes;

/** What is known of an error code before it happens: printed by `capos explain CODE`. */
export interface CodeInfo {
  readonly exit: ExitName;
  /** One sentence: what it means. */
  readonly summary: string;
  /** The usual next step, when the place that reports it has no better one. */
  readonly next: string;
}

export type CodeTable = Readonly<Record<`CAPOS_${string}`, CodeInfo>>;

/** An expected failure, told to a person: a code, a place, one sentence, the next step. */
export interface Problem {
  readonly code: string;
  readonly exit: ExitName;
  readonly message: string;
  readonly next: string;
  readonly span?: Span;
  /** Other places that matter, such as the rule that was broken. */
  readonly related?: readonly { readonly span: Span; readonly message: string }[];
  /** Raw material for the curious (a tool's stderr), printed indented after the sentence. */
  readonly detail?: string;
}

/** Declares the error codes of a room; the table is also what the documentation check reads. */
export function defineCodes<const T extends CodeTable>(table: T): T {
  return table;
}

export type ProblemExtras = Partial<Pick<Problem, "next" | "span" | "related" | "detail">>;

/** Makes a problem of one of the room's declared codes. */
export function problem<T extends CodeTable>(
  table: T,
  code: Extract<keyof T, string>,
  message: string,
  extras: ProblemExtras = {},
): Problem {
  const info = (table as CodeTable)[code as `CAPOS_${string}`];
  if (info === undefined) throw new Error(`undeclared error code ${code}`);
  return { code, exit: info.exit, next: info.next, message, ...extras };
}
