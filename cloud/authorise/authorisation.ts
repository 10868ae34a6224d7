import { LineCounter, parseDocument } from "yaml";
import { err, ok, type Problem, problem, type Result, type Span } from "../../harness/base/index.ts";
import { cloudCodes } from "../codes.ts";
import { type ResourceKind, resourceKinds, type Scope } from "../types.ts";

/** What a person allows for one live run. */
export interface Authorisation {
  /** Who allows it. */
  readonly by: string;
  /** The proof that may be run. */
  readonly proof: string;
  /** The image that may be booted, by its digest; any image of the proof when absent. */
  readonly image?: string;
  readonly project: string;
  readonly zones: readonly string[];
  /** ISO 8601 with a zone. */
  readonly from: Date;
  readonly until: Date;
  readonly atMostUsd: number;
  readonly resources: readonly ResourceKind[];
}

/** What is about to be done, for comparing. */
export interface IntendedRun {
  readonly proof: string;
  readonly imageDigest: string;
  readonly scope: Scope;
  /** The most that the run can cost. */
  readonly costUsd: number;
  readonly resources: readonly ResourceKind[];
}

/** Reads an authorisation file (YAML). Every fault is told with its place. */
export function readAuthorisation(file: string, text: string): Result<Authorisation> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, version: "1.2", schema: "core" });
  const span = (offset: number): Span => ({ file, ...lines.linePos(offset) });
  const [syntax] = document.errors;
  if (syntax !== undefined) {
    const message = syntax.message.split(" at line ")[0] ?? syntax.message;
    return err([
      problem(cloudCodes, "CAPOS_CLOUD_AUTHORISATION_FORM", message, { span: span(syntax.pos[0]) }),
    ]);
  }
  const value: unknown = document.toJS();
  const problems: Problem[] = [];
  const fields = new Fields(value, (key, message) => {
    const node: unknown = key === "" ? undefined : document.get(key, true);
    const at = hasRange(node) ? node.range[0] : 0;
    problems.push(problem(cloudCodes, "CAPOS_CLOUD_AUTHORISATION_FORM", message, { span: span(at) }));
  });
  const image = fields.optional("image", /^[0-9a-f]{64}$/u, "64 hexadecimal digits");
  const kinds = resourceKinds.join(", ");
  const resources = fields.list("resources", new RegExp(`^(${resourceKinds.join("|")})$`, "u"), kinds);
  const read: Authorisation = {
    by: fields.text("by", /\S/u, "a name"),
    proof: fields.text("proof", /^[a-z0-9][a-z0-9-]{0,47}$/u, "the name of a proof"),
    ...(image === undefined ? {} : { image }),
    project: fields.text("project", /^[a-z][a-z0-9-]{4,28}[a-z0-9]$/u, "a project id"),
    zones: fields.list("zones", /^[a-z]+-[a-z]+\d+-[a-z]$/u, "zones such as europe-west1-b"),
    from: fields.time("from"),
    until: fields.time("until"),
    atMostUsd: fields.amount("at-most-usd"),
    resources: resourceKinds.filter((kind) => resources.includes(kind)),
  };
  fields.refuseOthers();
  return problems.length === 0 ? ok(read) : err(problems);
}

/** Why the authorisation does not cover this run at this time; empty when it does. */
export function uncovered(allowed: Authorisation, run: IntendedRun, now: Date): readonly Problem[] {
  const problems: Problem[] = [];
  const outside = (message: string): void => {
    problems.push(problem(cloudCodes, "CAPOS_CLOUD_AUTHORISATION_SCOPE", message));
  };
  if (now < allowed.from || now >= allowed.until) {
    const message = `it is ${iso(now)}, and the authorisation holds from ${iso(allowed.from)} until ${iso(allowed.until)}`;
    problems.push(problem(cloudCodes, "CAPOS_CLOUD_AUTHORISATION_EXPIRED", message));
  }
  if (run.proof !== allowed.proof) outside(`it is for ${allowed.proof}, not for ${run.proof}`);
  if (allowed.image !== undefined && allowed.image !== run.imageDigest) {
    outside(`it is for the image ${allowed.image}, and this one is ${run.imageDigest}`);
  }
  if (run.scope.project !== allowed.project) {
    outside(`it is for the project ${allowed.project}, not for ${run.scope.project}`);
  }
  for (const zone of run.scope.zones) {
    if (!allowed.zones.includes(zone)) outside(`it does not name the zone ${zone}`);
  }
  for (const kind of run.resources) {
    if (!allowed.resources.includes(kind))
      outside(`it does not allow to make the kind of resource \`${kind}\``);
  }
  if (run.costUsd > allowed.atMostUsd) {
    outside(`the run may cost ${run.costUsd.toFixed(4)} USD, and it allows ${allowed.atMostUsd}`);
  }
  return problems;
}

class Fields {
  readonly #fields: Readonly<Record<string, unknown>>;
  readonly #fault: (key: string, message: string) => void;
  readonly #known = new Set<string>();

  constructor(value: unknown, fault: (key: string, message: string) => void) {
    const isMap = typeof value === "object" && value !== null && !Array.isArray(value);
    this.#fields = isMap ? Object.fromEntries(Object.entries(value)) : {};
    this.#fault = fault;
    if (!isMap) fault("", "an authorisation is a mapping of fields");
  }

  text(key: string, pattern: RegExp, what: string): string {
    return this.#match(key, this.#take(key), pattern, what) ?? "";
  }

  optional(key: string, pattern: RegExp, what: string): string | undefined {
    this.#known.add(key);
    return key in this.#fields ? this.#match(key, this.#fields[key], pattern, what) : undefined;
  }

  list(key: string, pattern: RegExp, what: string): readonly string[] {
    const value = this.#take(key);
    const items: readonly unknown[] = Array.isArray(value) ? value : [];
    const good = items.filter((item): item is string => typeof item === "string" && pattern.test(item));
    if (good.length === 0 || good.length < items.length)
      this.#fault(key, `\`${key}\` must be a list: ${what}`);
    return good;
  }

  time(key: string): Date {
    const value = this.#take(key);
    const form = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)$/u;
    const time = new Date(typeof value === "string" && form.test(value) ? value : Number.NaN);
    if (Number.isNaN(time.getTime()))
      this.#fault(key, `\`${key}\` must be a time such as 2026-11-21T18:00:00Z`);
    return time;
  }

  amount(key: string): number {
    const value = this.#take(key);
    if (typeof value === "number" && value > 0 && value <= 100) return value;
    this.#fault(key, `\`${key}\` must be an amount of US dollars, above 0 and at most 100`);
    return 0;
  }

  refuseOthers(): void {
    for (const key of Object.keys(this.#fields)) {
      if (!this.#known.has(key)) this.#fault(key, `there is no field \`${key}\``);
    }
  }

  #take(key: string): unknown {
    this.#known.add(key);
    return this.#fields[key];
  }

  #match(key: string, value: unknown, pattern: RegExp, what: string): string | undefined {
    if (typeof value === "string" && pattern.test(value)) return value;
    this.#fault(key, value === undefined ? `\`${key}\` is missing: ${what}` : `\`${key}\` must be ${what}`);
    return undefined;
  }
}

function hasRange(node: unknown): node is { readonly range: readonly [number, number, number] } {
  return typeof node === "object" && node !== null && "range" in node && Array.isArray(node.range);
}

function iso(time: Date): string {
  return time.toISOString().replace(/\.\d+Z$/u, "Z");
}
