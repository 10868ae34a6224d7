import { resourceName, runIdPattern } from "../names.ts";
import { regionOf, type Scope } from "../types.ts";
import { imageBody, instanceBody, type RunScope } from "./bodies.ts";
import { type Form, listOf, object, text } from "./shape.ts";

/** A request as it would go out. */
export interface WireRequest {
  readonly method: string;
  readonly url: URL;
  /** The exact bytes of a JSON body; undefined where there is none. Uploaded content is not looked at. */
  readonly body: string | undefined;
}

/** What may be sent: by a run, with its own names and labels, or by a sweep, which only reads and deletes. */
export type Grant =
  | { readonly kind: "run"; readonly scope: RunScope }
  | { readonly kind: "sweep"; readonly scope: Scope };

const hosts = {
  compute: "compute.googleapis.com",
  storage: "storage.googleapis.com",
  resources: "cloudresourcemanager.googleapis.com",
} as const;

interface Rule {
  readonly host: keyof typeof hosts;
  readonly method: string;
  readonly path: RegExp;
  /** Query parameters that may stand there. `$alt` and its like are not among them. */
  readonly query?: Readonly<Record<string, RegExp>>;
  /** The form of the body; without one there must be none. */
  readonly body?: Form;
}

/**
 * Why a request may not be sent, or undefined when it may. Everything that is not listed is refused: another
 * project, zone, bucket or name, a field of a body that we never set, a parameter that we never use.
 */
export function refusal(request: WireRequest, grant: Grant): string | undefined {
  const beyond = beyondCeiling(grant.scope);
  if (beyond !== undefined) return beyond;
  const host = hostOf(request.url);
  if (host === undefined) return `the host ${request.url.host} is not one of ours`;
  const path = request.url.pathname;
  const candidates = rules(grant).filter(
    (r) => r.host === host && r.method === request.method && r.path.test(path),
  );
  const [rule] = candidates;
  if (rule === undefined) return `${request.method} ${path} is not on the list`;
  const fault = queryFault(request.url, rule) ?? bodyFault(request.body, rule);
  return fault === undefined ? undefined : `${request.method} ${path}: ${fault}`;
}

/** What no scope may ask for, whoever has written it. */
const ceiling = { machineTypes: ["e2-micro", "e2-small"], diskGb: 10, maxRunSeconds: 7_200 } as const;

function beyondCeiling({ machineTypes, diskGb, maxRunSeconds, zones }: Scope): string | undefined {
  const large = machineTypes.find((type) => !ceiling.machineTypes.some((one) => one === type));
  if (large !== undefined) return `the machine type ${large} is larger than any run may have`;
  if (diskGb > ceiling.diskGb) return `a disk of ${diskGb} GB is larger than any run may have`;
  if (maxRunSeconds > ceiling.maxRunSeconds)
    return `${maxRunSeconds} seconds are longer than any run may last`;
  return new Set(zones.map(regionOf)).size > 1 ? "the zones are of more than one region" : undefined;
}

function hostOf(url: URL): keyof typeof hosts | undefined {
  if (url.protocol !== "https:" || (url.port !== "" && url.port !== "443")) return undefined;
  if (url.username !== "" || url.password !== "") return undefined;
  const known = Object.entries(hosts).find(([, name]) => name === url.hostname)?.[0];
  return known === "compute" || known === "storage" || known === "resources" ? known : undefined;
}

/** The service that a recorded path is of. */
export function hostOfPath(path: string): string | undefined {
  if (path.startsWith("/compute/")) return hosts.compute;
  if (/^\/(?:upload\/)?storage\//u.test(path)) return hosts.storage;
  return path.startsWith("/v1/projects/") ? hosts.resources : undefined;
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/u;
const number = /^-?\d{1,15}$/u;
const token = /^[\w=+/.-]{1,2048}$/u;
const listQuery = { filter: /^[\w\s.:=*"()-]{0,200}$/u, maxResults: number, pageToken: token } as const;

function rules(grant: Grant): readonly Rule[] {
  const { scope } = grant;
  const project = `/compute/v1/projects/${escape(scope.project)}`;
  // A sweep finds in every zone, and so must be able to take down in every zone.
  const zone = grant.kind === "run" ? `(?:${scope.zones.map(escape).join("|")})` : anyZone;
  const region = escape(regionOf(scope.zones[0] ?? ""));
  const operation = "[a-z][-a-z0-9]{0,127}";
  const bucket = `/storage/v1/b/${escape(scope.bucket)}`;
  // A run deletes and reads only what carries its own name; a sweep whatever carries a run's name.
  const name = grant.kind === "run" ? escape(resourceName(grant.scope.labels["capos-run"])) : anyRunName;
  const object = grant.kind === "run" ? escape(encodeURIComponent(grant.scope.object)) : anyObjectName;
  const compute = (method: string, path: string, more: Partial<Rule> = {}): Rule => ({
    host: "compute",
    method,
    path: whole(`${project}${path}`),
    ...more,
  });
  const storage = (method: string, path: string, more: Partial<Rule> = {}): Rule => ({
    host: "storage",
    method,
    path: whole(path),
    ...more,
  });
  const once = { requestId: uuid } as const;
  const reading: readonly Rule[] = [
    compute("GET", ""),
    compute("GET", `/regions/${region}`),
    compute("GET", `/regions/${region}/subnetworks/${escape(scope.subnetwork)}`),
    compute("GET", `/zones/${zone}`),
    compute("GET", `/zones/${zone}/machineTypes/(?:${scope.machineTypes.map(escape).join("|")})`),
    compute("GET", `/global/images`, { query: listQuery }),
    compute("GET", `/global/images/${name}`),
    compute("GET", `/aggregated/(?:instances|disks)`, {
      query: { ...listQuery, includeAllScopes: /^(true|false)$/u, returnPartialSuccess: /^(true|false)$/u },
    }),
    compute("GET", `/zones/${zone}/(?:instances|disks)/${name}`),
    compute("POST", `/(?:global|zones/${zone})/operations/${operation}/wait`),
    storage("GET", `${bucket}/iam/testPermissions`, { query: { permissions: /^storage\.[\w.]+$/u } }),
    storage("GET", `${bucket}/o`, {
      query: { prefix: /^capos\//u, pageToken: token, maxResults: number, fields: /^[\w(),/]+$/u },
    }),
    storage("GET", `${bucket}/o/${object}`),
    {
      host: "resources",
      method: "POST",
      path: whole(`/v1/projects/${escape(scope.project)}:testIamPermissions`),
      body: permissionsBody,
    },
  ];
  const deleting: readonly Rule[] = [
    compute("DELETE", `/global/images/${name}`, { query: once }),
    compute("DELETE", `/zones/${zone}/(?:instances|disks)/${name}`, { query: once }),
    storage("DELETE", `${bucket}/o/${object}`, { query: { ifGenerationMatch: number } }),
  ];
  if (grant.kind === "sweep") return [...reading, ...deleting];
  const making: readonly Rule[] = [
    compute("POST", `/global/images`, { query: once, body: imageBody(grant.scope) }),
    ...scope.zones.map((z) =>
      compute("POST", `/zones/${escape(z)}/instances`, { query: once, body: instanceBody(grant.scope, z) }),
    ),
    compute("POST", `/zones/${zone}/instances/${name}/(?:start|stop)`, { query: once }),
    compute("GET", `/zones/${zone}/instances/${name}/serialPort`, { query: { port: /^1$/u, start: number } }),
    storage("POST", `/upload${bucket}/o`, {
      query: {
        uploadType: /^resumable$/u,
        ifGenerationMatch: /^0$/u,
        name: whole(escape(grant.scope.object)),
      },
      body: objectBody,
    }),
    // The session's address is the service's own choice; what it carries is our upload and nothing else.
    storage("PUT", `/upload${bucket}/o`, {
      query: {
        uploadType: /^resumable$/u,
        upload_id: /^[\w-]{1,512}$/u,
        name: /./u,
        ifGenerationMatch: /^0$/u,
      },
    }),
  ];
  return [...reading, ...deleting, ...making];
}

const anyZone = "[a-z]{1,20}-[a-z]{1,20}\\d{1,3}-[a-z]";
const anyRunName = `capos-${runIdPattern.source.slice(1, -1)}`;
const anyObjectName = `capos%2F${runIdPattern.source.slice(1, -1)}%2F[\\w.-]{1,64}`;

const permissionsBody: Form = object({
  permissions: listOf(text(/^(compute|storage)\.[A-Za-z]+\.[A-Za-z]+$/u), 100),
});

/** What stands beside an uploaded object: its type and whose it is. */
const objectBody: Form = object({
  contentType: text(/^application\/gzip$/u),
  metadata: object({
    "capos-tool": text(/^cloudboot$/u),
    "capos-run": text(runIdPattern),
    "capos-created": text(/^\d{1,12}$/u),
    "capos-expires": text(/^\d{1,12}$/u),
  }),
});

function queryFault(url: URL, rule: Rule): string | undefined {
  const seen = new Set<string>();
  for (const [key, value] of url.searchParams) {
    const form = rule.query?.[key];
    if (form === undefined) return `the parameter ${key} may not be set`;
    if (seen.has(key) && key !== "permissions") return `the parameter ${key} stands there twice`;
    if (!form.test(value)) return `the parameter ${key} may not be ${JSON.stringify(value.slice(0, 80))}`;
    seen.add(key);
  }
  return undefined;
}

function bodyFault(body: string | undefined, rule: Rule): string | undefined {
  if (rule.body === undefined) {
    // Google's client sends an empty text with a POST that has no body.
    return body === undefined || body === "" || body === '""' ? undefined : "a body is not expected";
  }
  if (body === undefined) return "the body is missing";
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return "the body is no JSON";
  }
  return rule.body(value, "");
}

function whole(source: string): RegExp {
  return new RegExp(`^(?:${source})$`, "u");
}

function escape(literal: string): string {
  return literal.replace(/[\\^$.*+?()[\]{}|/]/gu, String.raw`\$&`);
}
