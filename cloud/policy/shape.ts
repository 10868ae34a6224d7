/**
 * A form that a JSON body must have, field by field: what a form does not name is refused. Each returns the
 * first sentence about what is wrong, with the path of the field, or undefined.
 */
export type Form = (value: unknown, path: string) => string | undefined;

export interface Field {
  readonly form: Form;
  readonly optional: boolean;
}

export function object(fields: Readonly<Record<string, Form | Field>>): Form {
  return (value, path) => {
    if (!isRecord(value)) return `${path} is no object`;
    for (const key of Object.keys(value)) {
      if (!Object.hasOwn(fields, key)) return `${join(path, key)} may not be set`;
    }
    for (const [key, declared] of Object.entries(fields)) {
      const field = typeof declared === "function" ? { form: declared, optional: false } : declared;
      if (!Object.hasOwn(value, key)) {
        if (field.optional) continue;
        return `${join(path, key)} is missing`;
      }
      const fault = field.form(value[key], join(path, key));
      if (fault !== undefined) return fault;
    }
    return undefined;
  };
}

export function optional(form: Form): Field {
  return { form, optional: true };
}

/** A list of exactly these. */
export function tuple(...forms: readonly Form[]): Form {
  return (value, path) => {
    if (!Array.isArray(value) || value.length !== forms.length)
      return `${path} is no list of ${forms.length}`;
    for (const [i, form] of forms.entries()) {
      const fault = form(value[i], `${path}[${i}]`);
      if (fault !== undefined) return fault;
    }
    return undefined;
  };
}

export function listOf(form: Form, most: number): Form {
  return (value, path) => {
    if (!Array.isArray(value) || value.length > most) return `${path} is no list of at most ${most}`;
    for (const [i, item] of value.entries()) {
      const fault = form(item, `${path}[${i}]`);
      if (fault !== undefined) return fault;
    }
    return undefined;
  };
}

export function is(...allowed: readonly (string | number | boolean)[]): Form {
  return (value, path) => {
    const words = allowed.map((a) => JSON.stringify(a)).join(" or ");
    return allowed.some((a) => a === value) ? undefined : `${path} is ${show(value)}, not ${words}`;
  };
}

export function text(pattern: RegExp): Form {
  return (value, path) =>
    typeof value === "string" && pattern.test(value) ? undefined : `${path} may not be ${show(value)}`;
}

/** A whole number in bounds; 64-bit ones are strings on the wire. */
export function count(least: number, most: number): Form {
  return (value, path) => {
    const isWhole = typeof value === "number" || (typeof value === "string" && /^\d{1,15}$/u.test(value));
    const n = isWhole ? Number(value) : Number.NaN;
    return n >= least && n <= most && Number.isInteger(n)
      ? undefined
      : `${path} is ${show(value)}, not ${least} to ${most}`;
  };
}

/** Exactly these keys with these values. */
export function exactly(values: Readonly<Record<string, string>>): Form {
  return object(Object.fromEntries(Object.entries(values).map(([key, value]) => [key, is(value)])));
}

/** The client adds empty maps of its own accord. */
export const emptyMap: Form = object({});

function join(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}

function show(value: unknown): string {
  return (JSON.stringify(value) ?? String(value)).slice(0, 80);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
