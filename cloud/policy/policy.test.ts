import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { testRunScope } from "../testing.ts";
import type { RunScope } from "./bodies.ts";
import { type Grant, refusal } from "./policy.ts";

// A dot in a name must be a dot in the rule as well.
const scope: RunScope = { ...testRunScope, bucket: "example.bucket", maxRunSeconds: 900 };
const grant: Grant = { kind: "run", scope };
const id = "1b4e28ba-2fa1-41d2-883f-0016d3cca427";
const project = "https://compute.googleapis.com:443/compute/v1/projects/example-project";
const zone = `${project}/zones/europe-west1-b`;

const instance = {
  name: scope.name,
  machineType: "zones/europe-west1-b/machineTypes/e2-small",
  disks: [
    {
      boot: true,
      autoDelete: true,
      initializeParams: {
        diskName: scope.name,
        sourceImage: `projects/example-project/global/images/${scope.name}`,
        diskSizeGb: "10",
        diskType: "projects/example-project/zones/europe-west1-b/diskTypes/pd-standard",
        labels: scope.labels,
        resourceManagerTags: {},
      },
    },
  ],
  networkInterfaces: [{ subnetwork: "projects/example-project/regions/europe-west1/subnetworks/default" }],
  scheduling: {
    automaticRestart: false,
    onHostMaintenance: "MIGRATE",
    maxRunDuration: { seconds: "900" },
    instanceTerminationAction: "DELETE",
  },
  deletionProtection: false,
  labels: scope.labels,
};
const image = {
  name: scope.name,
  architecture: "X86_64",
  rawDisk: { source: `https://storage.googleapis.com/example.bucket/${scope.object}` },
  guestOsFeatures: [{ type: "UEFI_COMPATIBLE" }],
  labels: scope.labels,
};

function ask(method: string, url: string, body?: unknown, by: Grant = grant): string | undefined {
  const text = body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body);
  return refusal({ method, url: new URL(url), body: text }, by);
}

describe("what a run sends", () => {
  const encoded = encodeURIComponent(scope.object);
  test.each([
    ["POST", `${project}/global/images?requestId=${id}`, image],
    ["POST", `${zone}/instances?requestId=${id}`, instance],
    ["GET", `${zone}/instances/${scope.name}/serialPort?port=1&start=1024`, undefined],
    ["POST", `${zone}/instances/${scope.name}/stop?requestId=${id}`, undefined],
    ["DELETE", `${zone}/instances/${scope.name}?requestId=${id}`, undefined],
    ["POST", `${zone}/operations/operation-1-2-3/wait?`, undefined],
    ["GET", `${project}/aggregated/instances?filter=labels.capos-run:*`, undefined],
    [
      "POST",
      `https://storage.googleapis.com/upload/storage/v1/b/example.bucket/o?uploadType=resumable&ifGenerationMatch=0&name=${encoded}`,
      {
        contentType: "application/gzip",
        metadata: scope.labels,
      },
    ],
    ["DELETE", `https://storage.googleapis.com/storage/v1/b/example.bucket/o/${encoded}`, undefined],
  ])("%s %s may go", (method, url, body) => expect(ask(method, url, body)).toBeUndefined());
});

describe("what may never go", () => {
  const changed = (change: (body: Record<string, unknown>) => void): unknown => {
    const copy: Record<string, unknown> = structuredClone(instance);
    change(copy);
    return copy;
  };
  const nic = { ...instance.networkInterfaces[0] };
  test.each([
    ["a public address", { networkInterfaces: [{ ...nic, accessConfigs: [{ type: "ONE_TO_ONE_NAT" }] }] }],
    ["a public IPv6 address", { networkInterfaces: [{ ...nic, ipv6AccessConfigs: [{}] }] }],
    ["a second network", { networkInterfaces: [nic, nic] }],
    ["a service account", { serviceAccounts: [{ email: "a@b", scopes: [] }] }],
    ["metadata with keys", { metadata: { items: [{ key: "ssh-keys", value: "x" }] } }],
    ["another machine type", { machineType: "zones/europe-west1-b/machineTypes/a2-megagpu-16g" }],
    ["an accelerator", { guestAccelerators: [{ acceleratorCount: 1 }] }],
    ["a disk that stays", { disks: [{ ...instance.disks[0], autoDelete: false }] }],
    ["protection from deletion", { deletionProtection: true }],
    ["no limit of time", { scheduling: { automaticRestart: false, onHostMaintenance: "MIGRATE" } }],
    ["other labels", { labels: { ...scope.labels, "capos-run": "1-0000" } }],
    ["another name", { name: "web-1" }],
  ])("%s", (_, change) => {
    const body = changed((b) => Object.assign(b, change));
    expect(ask("POST", `${zone}/instances?requestId=${id}`, body)).toBeTypeOf("string");
  });

  test("a time limit beyond the scope's, or a larger disk", () => {
    const late = { ...instance.scheduling, maxRunDuration: { seconds: "901" } };
    const [disk] = instance.disks;
    const large = { ...disk, initializeParams: { ...disk?.initializeParams, diskSizeGb: "11" } };
    const url = `${zone}/instances?requestId=${id}`;
    expect(ask("POST", url, { ...instance, scheduling: late })).toContain(
      "scheduling.maxRunDuration.seconds",
    );
    expect(ask("POST", url, { ...instance, disks: [large] })).toContain(
      "disks[0].initializeParams.diskSizeGb",
    );
  });

  test.each([
    ["a firewall rule", "POST", `${project}/global/firewalls`],
    ["another project", "GET", "https://compute.googleapis.com/compute/v1/projects/other-project"],
    ["another zone", "GET", `${project}/zones/us-east1-b/instances/${scope.name}`],
    ["another run's instance", "DELETE", `${zone}/instances/capos-1769860800-ffff?requestId=${id}`],
    ["a stranger's instance", "DELETE", `${zone}/instances/web-1?requestId=${id}`],
    ["a path that climbs", "DELETE", `${zone}/instances/${scope.name}%2F..%2Fweb-1`],
    ["another host", "GET", "https://compute.example.com/compute/v1/projects/example-project"],
    ["plain HTTP", "GET", "http://compute.googleapis.com/compute/v1/projects/example-project"],
    ["a parameter of another kind", "GET", `${project}?userProject=x`],
    ["setting metadata", "POST", `${zone}/instances/${scope.name}/setMetadata`],
    ["access to the project's policy", "POST", `${project}:setIamPolicy`],
    ["the list of operations, which no run reads", "GET", `${zone}/operations`],
    ["the bucket itself", "GET", "https://storage.googleapis.com/storage/v1/b/example.bucket"],
    ["another bucket", "GET", "https://storage.googleapis.com/storage/v1/b/exampleXbucket/o?prefix=capos/"],
    [
      "objects that are not ours",
      "GET",
      "https://storage.googleapis.com/storage/v1/b/example.bucket/o?prefix=web/",
    ],
  ])("%s", (_, method, url) => expect(ask(method, url)).toBeTypeOf("string"));

  test("anything by a method, path and body of chance", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("POST", "PUT", "PATCH", "DELETE"),
        fc.webPath(),
        fc.option(fc.json(), { nil: undefined }),
        (method, path, body) => {
          expect(ask(method, `https://compute.googleapis.com${path}`, body)).toBeTypeOf("string");
        },
      ),
    );
  });

  test("a body with one more field, wherever it stands", () => {
    const places: readonly (readonly string[])[] = [
      [],
      ["disks", "0"],
      ["scheduling"],
      ["networkInterfaces", "0"],
    ];
    for (const place of places) {
      const body: unknown = structuredClone(instance);
      let at: unknown = body;
      for (const key of place) at = Object.entries(Object(at)).find(([k]) => k === key)?.[1];
      Object.assign(Object(at), { extra: 1 });
      expect(ask("POST", `${zone}/instances?requestId=${id}`, body)).toContain("extra may not be set");
    }
  });
});

test.each([
  ["a larger machine", { machineTypes: ["e2-small", "n2-standard-64"] }],
  ["a larger disk", { diskGb: 500 }],
  ["days of time", { maxRunSeconds: 86_400 }],
  ["two regions", { zones: ["europe-west1-b", "us-east1-b"] }],
])("nothing at all may go by a scope that asks for %s", (_, more) => {
  const by: Grant = { kind: "run", scope: { ...scope, ...more } };
  expect(ask("GET", project, undefined, by)).toBeTypeOf("string");
  expect(ask("POST", `${zone}/instances?requestId=${id}`, instance, by)).toBeTypeOf("string");
});

describe("whatever is changed of what a run sends", () => {
  /** Every request of a run, as the allowlist lets it through. */
  const sent = [
    { method: "POST", url: `${project}/global/images?requestId=${id}`, body: image },
    { method: "POST", url: `${zone}/instances?requestId=${id}`, body: instance },
    { method: "DELETE", url: `${zone}/instances/${scope.name}?requestId=${id}`, body: undefined },
    { method: "POST", url: `${zone}/instances/${scope.name}/stop?requestId=${id}`, body: undefined },
  ] as const;
  const someValue = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom("n2-standard-64", "default", true, false, 0, "0"),
  );

  /** Every place of a JSON value. */
  const places = (value: unknown, at: readonly string[] = []): readonly (readonly string[])[] => [
    at,
    ...(typeof value === "object" && value !== null
      ? Object.entries(value).flatMap(([key, held]) => places(held, [...at, key]))
      : []),
  ];
  const put = (value: unknown, [key, ...rest]: readonly string[], to: unknown): unknown => {
    if (key === undefined) return to;
    const held: Readonly<Record<string, unknown>> = Object(value);
    if (Array.isArray(value)) return value.map((item, i) => (String(i) === key ? put(item, rest, to) : item));
    return { ...held, [key]: put(held[key], rest, to) };
  };
  test("any other value at any place of a body is refused, or is what stood there", () => {
    const bodies = sent.flatMap(({ method, url, body }) =>
      body === undefined ? [] : [{ method, url, body }],
    );
    const cases = bodies.flatMap((one) => places(one.body).map((place) => ({ ...one, place })));
    // A time limit may be shorter, and a feature may be left out.
    const free = ["scheduling.maxRunDuration.seconds", "guestOsFeatures"];
    fc.assert(
      fc.property(fc.constantFrom(...cases), someValue, ({ method, url, body, place }, value) => {
        const changed = put(body, place, value);
        if (
          free.some((path) => place.join(".").startsWith(path)) ||
          JSON.stringify(body) === JSON.stringify(changed)
        )
          return;
        expect([place, ask(method, url, changed)]).toEqual([place, expect.any(String)]);
      }),
      { numRuns: 3000 },
    );
  });

  test("any key more, at any place of a body, is refused", () => {
    const cases = sent.flatMap(({ method, url, body }) =>
      body === undefined ? [] : places(body).map((place) => ({ method, url, body, place })),
    );
    const key = fc.oneof(
      fc.constantFrom(
        "accessConfigs",
        "serviceAccounts",
        "metadata",
        "tags",
        "labels2",
        "__proto__",
        "toString",
      ),
      fc.string({ minLength: 1 }),
    );
    fc.assert(
      fc.property(fc.constantFrom(...cases), key, ({ method, url, body, place }, name) => {
        let at: unknown = body;
        for (const step of place) at = Object(at)[step];
        if (typeof at !== "object" || at === null || Array.isArray(at) || Object.hasOwn(at, name)) return;
        const allowed = [
          "description",
          "interface",
          "guestOsFeatures",
          "storageLocations",
          "shieldedInstanceConfig",
        ];
        if (allowed.includes(name)) return;
        // As text, since a key may be one that an object of JavaScript treats in a way of its own.
        const held = JSON.stringify(at);
        const more = `{${JSON.stringify(name)}:1${held === "{}" ? "" : ","}${held.slice(1)}`;
        const text = JSON.stringify(put(body, place, "@@")).replace('"@@"', () => more);
        expect([name, ask(method, url, text)]).toEqual([name, expect.any(String)]);
      }),
      { numRuns: 2000 },
    );
  });

  test("any change of a character of its path is refused", () => {
    const character = fc.constantFrom(..."abz019-_./%?&=:;@#\\ ");
    fc.assert(
      fc.property(fc.constantFrom(...sent), fc.nat(), character, (request, place, to) => {
        const begin = request.url.indexOf("/compute/v1") + 1;
        const at = begin + (place % (request.url.length - begin));
        const url = request.url.slice(0, at) + to + request.url.slice(at + 1);
        // Another number for the same request is as good.
        if (at >= request.url.indexOf("?")) return;
        const { href } = new URL(url);
        if (href === new URL(request.url).href) return;
        expect([url, ask(request.method, url, request.body)]).toEqual([url, expect.any(String)]);
      }),
      { numRuns: 3000 },
    );
  });

  test("any other method is refused", () => {
    for (const { method, url, body } of sent) {
      for (const other of ["GET", "PUT", "PATCH", "HEAD", "OPTIONS", "TRACE", "post", "delete"]) {
        if (other !== method && !(other === "GET" && method === "DELETE")) {
          expect([other, url, ask(other, url, body)]).toEqual([other, url, expect.any(String)]);
        }
      }
    }
  });
});

describe("a sweep", () => {
  const sweep: Grant = { kind: "sweep", scope };
  test("deletes what carries a run's name, and nothing else", () => {
    expect(
      ask("DELETE", `${zone}/instances/capos-1769860800-ffff?requestId=${id}`, undefined, sweep),
    ).toBeUndefined();
    expect(ask("DELETE", `${zone}/instances/capos-web?requestId=${id}`, undefined, sweep)).toBeTypeOf(
      "string",
    );
    expect(ask("POST", `${zone}/instances?requestId=${id}`, instance, sweep)).toBeTypeOf("string");
    // In whatever zone it stands.
    const elsewhere = `${project}/zones/us-east1-b/instances/capos-1769860800-ffff?requestId=${id}`;
    expect(ask("DELETE", elsewhere, undefined, sweep)).toBeUndefined();
    expect(ask("DELETE", elsewhere)).toBeTypeOf("string");
  });
});

test("no other host than Google's own may be asked, by no other way than TLS", () => {
  const path = "/compute/v1/projects/example-project";
  const get = (url: string): string | undefined =>
    refusal({ method: "GET", url: new URL(url), body: undefined }, grant);
  expect(get(`https://compute.googleapis.com:443${path}`)).toBeUndefined();
  for (const origin of [
    "http://compute.googleapis.com",
    "https://compute.googleapis.com:8443",
    "https://storage.googleapis.com",
    "https://compute.googleapis.com.example.org",
    "https://compute.googleapis.com@example.org",
    "https://me:secret@compute.googleapis.com",
    "https://compute.googleapis.com.",
    "https://COMPUTE.googleapis.com.example.org",
    "http://127.0.0.1:4000",
  ]) {
    expect(get(`${origin}${path}`), origin).toBeTypeOf("string");
  }
});
