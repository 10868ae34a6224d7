/**
 * What the records of a run that was reached from outside must show. No such run can be made yet: nothing of this file
 * is known to the allowlist that requests pass. It says, offline, what would be asked of one.
 */
import { resourceName } from "../names.ts";
import { instanceBody, type RunScope } from "../policy/bodies.ts";
import { type Form, is, object, optional, text, tuple } from "../policy/shape.ts";
import { regionOf } from "../types.ts";
import type { WireRequest } from "../policy/policy.ts";
import { type CloudRecords, notListed, privateRules, privateRunFaults, type Rules } from "./private-run.ts";
import { plainPath, type Recorded, readRequests } from "./requests.ts";

/** Beside a private run's records: `cloud-ingress.json`. */
export interface PublicRecords extends CloudRecords {
  readonly ingress: string;
}

/** The one way in, and every attempt to take it. */
export interface Ingress {
  readonly run: string;
  /** Who may come: an IPv4 network of 256 addresses at most. */
  readonly source: string;
  /** The address at which the instance answered. */
  readonly address: string;
  /** What the guest was told and must tell whoever reaches it. */
  readonly nonce: string;
  /** SHA-256 of the certificate that the image holds. */
  readonly certificate: string;
  readonly probes: readonly Probe[];
}

export interface Probe {
  /** ISO 8601. */
  readonly at: string;
  readonly answered: boolean;
  /** What was shown by the handshake and said behind it; absent where nobody answered. */
  readonly certificate?: string;
  readonly nonce?: string;
}

/**
 * What is wrong with the records of a public run: all that a private one is held to; one address and one rule, which
 * lets one small network in by TCP 443 alone; the rule goes before anything else does; and probes from outside find the
 * door shut before the rule, open with this run's nonce and certificate while it stands, and shut behind it.
 */
export function publicRunFaults(run: string, records: PublicRecords): readonly string[] {
  const ingress = readIngress(records.ingress);
  if (typeof ingress === "string") return [ingress];
  if (ingress.run !== run) return [`the ingress is of the run ${ingress.run}`];
  const requests = readRequests(records.requests);
  if (typeof requests === "string") return [requests];
  return [
    ...privateRunFaults(run, records, publicRules(ingress)),
    ...(isNarrow(ingress.source) ? [] : [`${ingress.source} is more than a network of 256 addresses`]),
    ...ruleFaults(run, requests),
    ...probeFaults(ingress, requests, run),
  ];
}

/** The allowlist of a private run, with the calls for one address and one rule, and the instance that they are for. */
function publicRules(ingress: Ingress): Rules {
  return {
    refusal: (request, scope) => publicRefusal(request, scope, ingress),
    isBeside: (path) => /\/(?:addresses|firewalls)(?:\/|$)/u.test(path),
  };
}

function publicRefusal(request: WireRequest, scope: RunScope, ingress: Ingress): string | undefined {
  const why = privateRules.refusal(request, scope);
  if (why === undefined) {
    const isInstance = request.method === "POST" && request.url.pathname.endsWith("/instances");
    return isInstance ? "the instance has no address of its own" : undefined;
  }
  if (request.method === "POST" && isRegionalWait(request.url.pathname, scope)) return undefined;
  const rule = additions(scope, ingress).find(
    ({ method, path }) => method === request.method && path === request.url.pathname,
  );
  if (rule === undefined) return why;
  const extra = [...request.url.searchParams.keys()].find((key) => !["requestId", "filter"].includes(key));
  if (extra !== undefined) return `the parameter ${extra} may not be set`;
  if (rule.body === undefined)
    return ["", '""', undefined].includes(request.body) ? undefined : "a body is not expected";
  return rule.body(parsed(request.body), "");
}

/** Addresses are a region's, and so are the operations that make and delete them. */
function isRegionalWait(path: string, scope: RunScope): boolean {
  const operations = `/compute/v1/projects/${scope.project}/regions/${regionOf(scope.zones[0] ?? "")}/operations/`;
  return path.startsWith(operations) && /^[a-z][-a-z0-9]{0,127}\/wait$/u.test(path.slice(operations.length));
}

interface Addition {
  readonly method: string;
  readonly path: string;
  readonly body?: Form;
}

function additions(scope: RunScope, { source, address }: Ingress): readonly Addition[] {
  const project = `/compute/v1/projects/${scope.project}`;
  const addresses = `${project}/regions/${regionOf(scope.zones[0] ?? "")}/addresses`;
  const rules = `${project}/global/firewalls`;
  const described = { name: is(scope.name), description: optional(text(/^[\x20-\x7e]{0,500}$/u)) };
  const addressBody = object({
    ...described,
    addressType: is("EXTERNAL"),
    networkTier: optional(is("STANDARD")),
  });
  const ruleBody = object({
    ...described,
    network: text(/^projects\/[a-z0-9-]+\/global\/networks\/[a-z0-9-]+$/u),
    direction: is("INGRESS"),
    sourceRanges: tuple(is(source)),
    targetTags: tuple(is(scope.name)),
    allowed: tuple(object({ IPProtocol: is("tcp"), ports: tuple(is("443")) })),
  });
  const both = (list: string, body: Form): readonly Addition[] => [
    { method: "POST", path: list, body },
    { method: "GET", path: list },
    { method: "GET", path: `${list}/${scope.name}` },
    { method: "DELETE", path: `${list}/${scope.name}` },
  ];
  return [
    ...both(addresses, addressBody),
    ...both(rules, ruleBody),
    ...scope.zones.map((zone) => ({
      method: "POST",
      path: `${project}/zones/${zone}/instances`,
      body: reachable(scope, zone, address),
    })),
  ];
}

/** The body of a private instance, with this address and this tag and nothing else. */
function reachable(scope: RunScope, zone: string, address: string): Form {
  const access = tuple(object({ type: is("ONE_TO_ONE_NAT"), natIP: is(address) }));
  return (value, path) => {
    const { tags, networkInterfaces, ...rest }: Readonly<Record<string, unknown>> = Object(value);
    const [network, ...others]: readonly unknown[] = Array.isArray(networkInterfaces)
      ? networkInterfaces
      : [];
    const { accessConfigs, ...inner }: Readonly<Record<string, unknown>> = Object(network);
    return (
      object({ items: tuple(is(scope.name)) })(tags, `${path}tags`) ??
      access(accessConfigs, `${path}networkInterfaces[0].accessConfigs`) ??
      instanceBody(scope, zone)({ ...rest, networkInterfaces: [inner, ...others] }, path)
    );
  };
}

/** The rule and the address: made once, the rule deleted before anything else, both missing from lists in the end. */
function ruleFaults(run: string, requests: readonly Recorded[]): readonly string[] {
  const own = new RegExp(`/(firewalls|addresses)/${resourceName(run)}$`, "u");
  const faults: string[] = [];
  for (const kind of ["firewalls", "addresses"]) {
    const made = requests.filter((r) => r.method === "POST" && plainPath(r).endsWith(`/${kind}`));
    if (made.filter((r) => r.status === 200).length !== 1) faults.push(`not one of the ${kind} was made`);
    const looks = requests.filter((r) => own.exec(plainPath(r))?.[1] === kind);
    if (looks.at(-1)?.method !== "GET" || looks.at(-1)?.status !== 404) {
      faults.push(`none of the ${kind} was looked for, and found missing, in the end`);
    }
    const list = made[0] === undefined ? "" : plainPath(made[0]);
    if (list !== "") faults.push(...notListed(requests, [list]));
  }
  const [first] = requests.filter((r) => r.method === "DELETE");
  if (first !== undefined && !plainPath(first).includes("/firewalls/")) {
    faults.push(`request ${first.seq}: something was deleted before the rule`);
  }
  return faults;
}

/** Whoever was let in must have been let in by the rule, by this guest, and by nothing before or behind it. */
function probeFaults(ingress: Ingress, requests: readonly Recorded[], run: string): readonly string[] {
  const opened = requests.find((r) => r.method === "POST" && plainPath(r).endsWith("/firewalls"))?.at;
  const shut = requests.find(
    (r) => r.method === "DELETE" && plainPath(r).endsWith(`/firewalls/${resourceName(run)}`),
  );
  if (opened === undefined || shut === undefined) return ["the rule was not made and deleted"];
  const phase = ({ at }: Probe): "before" | "open" | "behind" =>
    at < opened ? "before" : at < shut.at ? "open" : "behind";
  const faults: string[] = [];
  for (const [i, probe] of ingress.probes.entries()) {
    if (probe.answered && phase(probe) !== "open")
      faults.push(`probe ${i}: it was answered while no rule stood`);
    if (probe.answered && (probe.nonce !== ingress.nonce || probe.certificate !== ingress.certificate)) {
      faults.push(`probe ${i}: it was answered by somebody else`);
    }
  }
  for (const [when, answered] of [
    ["before", false],
    ["open", true],
    ["behind", false],
  ] as const) {
    const has = ingress.probes.some((probe) => phase(probe) === when && probe.answered === answered);
    if (!has)
      faults.push(
        `no probe shows that the door is ${answered ? "open while" : "shut"} ${answered ? "the rule stands" : `${when} the rule`}`,
      );
  }
  return faults;
}

/** At most 256 addresses, of which none is everybody's. */
function isNarrow(source: string): boolean {
  const network = /^(\d{1,3})\.\d{1,3}\.\d{1,3}\.\d{1,3}\/(2[4-9]|3[0-2])$/u.exec(source);
  return network !== null && network[1] !== "0";
}

const ingressForm: Form = object({
  v: is(1),
  run: text(/./u),
  source: text(/./u),
  address: text(/^\d{1,3}(?:\.\d{1,3}){3}$/u),
  nonce: text(/^[0-9a-f]{32}$/u),
  certificate: text(/^[0-9a-f]{64}$/u),
  probes: (value, path) => (Array.isArray(value) ? undefined : `${path} is no list`),
});
const instant = text(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/u);
const shutProbe = object({ at: instant, answered: is(false) });
const openProbe = object({
  at: instant,
  answered: is(true),
  certificate: text(/^[0-9a-f]{64}$/u),
  nonce: text(/^[0-9a-f]{32}$/u),
});

function readIngress(source: string): Ingress | string {
  const value = parsed(source);
  const fault = ingressForm(value, "");
  if (fault !== undefined) return `the ingress: ${fault}`;
  const fields: Readonly<Record<string, unknown>> = Object(value);
  const list: readonly unknown[] = Array.isArray(fields["probes"]) ? fields["probes"] : [];
  const probes: Probe[] = [];
  for (const [i, one] of list.entries()) {
    const { at, answered, certificate, nonce }: Readonly<Record<string, unknown>> = Object(one);
    const bad = (answered === true ? openProbe : shutProbe)(one, `probes[${i}]`);
    if (bad !== undefined) return `the ingress: ${bad}`;
    const shown = answered === true ? { certificate: String(certificate), nonce: String(nonce) } : {};
    probes.push({ at: String(at), answered: answered === true, ...shown });
  }
  const { run, source: from, address, nonce, certificate } = fields;
  return {
    run: String(run),
    source: String(from),
    address: String(address),
    nonce: String(nonce),
    certificate: String(certificate),
    probes,
  };
}

function parsed(source: string | undefined): unknown {
  try {
    return JSON.parse(source ?? "");
  } catch {
    return undefined;
  }
}
