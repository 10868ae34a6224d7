import type { Problem } from "./problem.ts";

/** An outcome that the caller must look at: expected failures are values, exceptions are bugs. */
export type Result<T, E = readonly Problem[]> = Ok<T> | Err<E>;

export interface Ok<T> {
  readonly ok: true;
  readonly value: T;
}

export interface Err<E> {
  readonly ok: false;
  readonly error: E;
}

export function ok<T>(value: T): Ok<T> {
  return { ok: true, value };
}

export function err<E>(error: E): Err<E> {
  return { ok: false, error };
}

/** A failure that consists of exactly one problem. */
export function fail(problem: Problem): Err<readonly Problem[]> {
  return { ok: false, error: [problem] };
}

/** Marks a branch that the type checker has shown to be impossible. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
