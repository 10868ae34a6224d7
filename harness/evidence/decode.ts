/**
 * Decoders: `unknown` goes in, a typed value or the place of the first fault comes out. They are strict:
 * a missing key, a key too many or a value of another kind is a fault, so a stored file says all that it
 * says in a form that is known.
 */

/** The first fault of a value: where it is (`$.boots[0].name`) and what must stand there. */
export interface Fault {
  readonly at: string;
  readonly message: string;
}

export type Decoder<T> = (value: unknown, at: string) => T;
export type Decoded<D> = D extends Decoder<infer T> ? T : never;

type Fields = Readonly<Record<string, Decoder<unknown>>>;
type Required<F extends Fields> = { readonly [K in keyof F]: Decoded<F[K]> };
type Optional<F extends Fields> = { readonly [K in keyof F]?: Decoded<F[K]> };

/** Thrown by decoders and caught by `decode`; it never leaves this file's callers. */
class Mismatch extends Error {
  readonly fault: Fault;
  constructor(at: string, message: string) {
    super(`${at}: ${message}`);
    this.fault = { at, message };
  }
}

/** Runs a decoder. Never throws for any value. */
export function decode<T>(decoder: Decoder<T>, value: unknown): { readonly value: T } | Fault {
  try {
    return { value: decoder(value, "$") };
  } catch (error) {
    if (error instanceof Mismatch) return error.fault;
    throw error;
  }
}

/** Refuses a value from within a decoder. */
export function refuse(at: string, message: string): never {
  throw new Mismatch(at, message);
}

export const string: Decoder<string> = (value, at) =>
  typeof value === "string" ? value : refuse(at, `must be a string, not ${kindOf(value)}`);

export const boolean: Decoder<boolean> = (value, at) =>
  typeof value === "boolean" ? value : refuse(at, `must be true or false, not ${kindOf(value)}`);

/** A whole number from 0 to 2^53 - 1. */
export const count: Decoder<number> = (value, at) =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0
    ? value
    : refuse(at, `must be a whole number of at least 0, not ${shown(value)}`);

/** A finite number. */
export const number: Decoder<number> = (value, at) =>
  typeof value === "number" && Number.isFinite(value)
    ? value
    : refuse(at, `must be a number, not ${shown(value)}`);

/** A string that the expression matches; `what` completes "must be …". */
export function matching(expression: RegExp, what: string): Decoder<string> {
  return (value, at) => {
    const text = string(value, at);
    return expression.test(text) ? text : refuse(at, `must be ${what}, not ${shown(text)}`);
  };
}

export const hex64 = matching(/^[0-9a-f]{64}$/u, "64 lower-case hexadecimal digits");
/** ISO 8601, UTC, milliseconds. */
export const instant = matching(
  /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/u,
  "a UTC time such as 2026-01-31T12:00:00.000Z",
);

export function oneOf<const T extends string | number | boolean | null>(values: readonly T[]): Decoder<T> {
  return (value, at) =>
    values.find((v) => v === value) ??
    // null is a legal choice and falls through `??`.
    (values.some((v) => v === value)
      ? (value as T)
      : refuse(at, `must be ${choices(values)}, not ${shown(value)}`));
}

export function nullable<T>(decoder: Decoder<T>): Decoder<T | null> {
  return (value, at) => (value === null ? null : decoder(value, at));
}

export function array<T>(item: Decoder<T>): Decoder<readonly T[]> {
  return (value, at) => {
    if (!Array.isArray(value)) return refuse(at, `must be a list, not ${kindOf(value)}`);
    return value.map((v, i) => item(v, `${at}[${i}]`));
  };
}

export function pair<A, B>(first: Decoder<A>, second: Decoder<B>): Decoder<readonly [A, B]> {
  return (value, at) => {
    if (!Array.isArray(value) || value.length !== 2) return refuse(at, "must be a list of two");
    return [first(value[0], `${at}[0]`), second(value[1], `${at}[1]`)];
  };
}

/** An object with any keys and values of one kind. */
export function record<T>(item: Decoder<T>): Decoder<Readonly<Record<string, T>>> {
  return (value, at) =>
    Object.fromEntries(entriesOf(value, at).map(([key, v]) => [key, item(v, `${at}${step(key)}`)]));
}

/** An object with exactly these keys; the second set may be absent. */
export function object<R extends Fields, O extends Fields = Record<never, never>>(
  required: R,
  optional?: O,
): Decoder<Required<R> & Optional<O>> {
  const known = { ...required, ...optional };
  return (value, at) => {
    const entries = entriesOf(value, at);
    for (const [key] of entries)
      if (!Object.hasOwn(known, key)) refuse(`${at}${step(key)}`, "is not a known key");
    const given = new Map(entries);
    const out: [string, unknown][] = [];
    for (const [key, decoder] of Object.entries<Decoder<unknown>>(known)) {
      if (given.has(key)) out.push([key, decoder(given.get(key), `${at}${step(key)}`)]);
      else if (Object.hasOwn(required, key)) refuse(at, `lacks the key ${JSON.stringify(key)}`);
    }
    return Object.fromEntries(out) as Required<R> & Optional<O>;
  };
}

/** One of several objects, told apart by the string under `tag`. */
export function tagged<C extends Readonly<Record<string, Decoder<unknown>>>>(
  tag: string,
  cases: C,
): Decoder<Decoded<C[keyof C]>> {
  return (value, at) => {
    const kind = new Map(entriesOf(value, at)).get(tag);
    const chosen = typeof kind === "string" && Object.hasOwn(cases, kind) ? cases[kind] : undefined;
    if (chosen === undefined) {
      return refuse(`${at}${step(tag)}`, `must be ${choices(Object.keys(cases))}, not ${shown(kind)}`);
    }
    return chosen(value, at) as Decoded<C[keyof C]>;
  };
}

function entriesOf(value: unknown, at: string): [string, unknown][] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return refuse(at, `must be an object, not ${kindOf(value)}`);
  }
  return Object.entries(value);
}

/** One step of a path, as `canonical.ts` writes it too. */
export function step(key: string | number): string {
  if (typeof key === "number") return `[${key}]`;
  return /^[A-Za-z_][A-Za-z0-9_]*$/u.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}

function choices(values: readonly unknown[]): string {
  return values.length === 1
    ? JSON.stringify(values[0])
    : `one of ${values.map((v) => JSON.stringify(v)).join(", ")}`;
}

function kindOf(value: unknown): string {
  if (value === undefined) return "absent";
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

function shown(value: unknown): string {
  if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean")
    return kindOf(value);
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
