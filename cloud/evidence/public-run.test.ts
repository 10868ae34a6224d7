/** The records of a run that was reached from outside, as they would be: a private run's, with the way in put in. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { diskFile, storedRecords, testRun, testScope } from "../testing.ts";
import { privateRunFaults } from "./private-run.ts";
import { type PublicRecords, publicRunFaults } from "./public-run.ts";

type Entry = Readonly<Record<string, unknown>>;

const name = `capos-${testRun}`;
const project = `/compute/v1/projects/${testScope.project}`;
const addresses = `${project}/regions/europe-west1/addresses`;
const rules = `${project}/global/firewalls`;
const [nonce, certificate] = ["5a".repeat(16), "c0".repeat(32)];
const requestId = "1b4e28ba-2fa1-41d2-883f-0016d3cca427";

let good: PublicRecords = { journal: "", requests: "", teardown: "", ingress: "" };
let privateRequests = "";
const given = diskFile();
beforeAll(async () => {
  const { records } = await storedRecords(given.make());
  privateRequests = records.requests;
  good = { ...records, ...withIngress(records.requests) };
});
afterAll(() => given.remove());

const pick = (entries: readonly Entry[], what: string): number =>
  entries.findIndex(({ method, path }) => `${String(method)} ${String(path)}`.startsWith(what));

/** Puts in what a public run would send beside a private one. */
function withIngress(requests: string): Pick<PublicRecords, "requests" | "ingress"> {
  const entries: Entry[] = requests
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Entry);
  const zone = `${project}/zones/europe-west1-b/instances`;
  const made = pick(entries, `POST ${zone}?`);
  const body = JSON.parse(String(entries[made]?.["body"])) as { networkInterfaces: readonly object[] };
  const [network] = body.networkInterfaces;
  const accessConfigs = [{ type: "ONE_TO_ONE_NAT", natIP: "198.51.100.4" }];
  const reachable = { ...body, tags: { items: [name] }, networkInterfaces: [{ ...network, accessConfigs }] };
  entries[made] = { ...entries[made], body: JSON.stringify(reachable) };
  const call = (method: string, path: string, status: number, sent?: object): Entry => ({
    method,
    path,
    status,
    ms: 1,
    ...(sent === undefined ? {} : { body: JSON.stringify(sent) }),
  });
  const wait = (where: string): Entry =>
    call("POST", `${project}/${where}/operations/operation-1/wait?`, 200);
  const once = `?requestId=${requestId}`;
  const rule = {
    name,
    network: `projects/${testScope.project}/global/networks/default`,
    direction: "INGRESS",
    sourceRanges: ["203.0.113.0/28"],
    targetTags: [name],
    allowed: [{ IPProtocol: "tcp", ports: ["443"] }],
  };
  entries.splice(
    made,
    0,
    call("POST", `${addresses}${once}`, 200, { name, addressType: "EXTERNAL" }),
    wait("regions/europe-west1"),
  );
  const firstDelete = entries.findIndex(({ method }) => method === "DELETE");
  entries.splice(
    firstDelete,
    0,
    call("POST", `${rules}${once}`, 200, rule),
    wait("global"),
    call("DELETE", `${rules}/${name}${once}`, 200),
    wait("global"),
    call("GET", `${rules}/${name}?`, 404),
  );
  const lists = pick(entries, `GET ${project}/aggregated/instances`);
  entries.splice(
    lists,
    0,
    call("DELETE", `${addresses}/${name}${once}`, 200),
    wait("regions/europe-west1"),
    call("GET", `${addresses}/${name}?`, 404),
    call("GET", `${addresses}?filter=name`, 200),
    call("GET", `${rules}?filter=name`, 200),
  );
  const at = (i: number): string => new Date(Date.UTC(2026, 0, 31) + i * 1000).toISOString();
  const numbered = entries.map((entry, seq) => ({ ...entry, seq, at: at(seq) }));
  const [opened, shut] = [pick(numbered, `POST ${rules}?`), pick(numbered, `DELETE ${rules}/`)];
  const probes = [
    { at: at(opened - 1), answered: false },
    { at: at(opened + 1), answered: true, certificate, nonce },
    { at: at(shut + 1), answered: false },
  ];
  const ingress = {
    v: 1,
    run: testRun,
    source: "203.0.113.0/28",
    address: "198.51.100.4",
    nonce,
    certificate,
    probes,
  };
  return {
    requests: numbered.map((entry) => `${JSON.stringify(entry)}\n`).join(""),
    ingress: JSON.stringify(ingress),
  };
}

const edit = (what: keyof PublicRecords, from: string | RegExp, to: string): string => {
  const changed = { ...good, [what]: good[what].replace(from, to) };
  expect(changed[what]).not.toBe(good[what]);
  return publicRunFaults(testRun, changed).join("; ");
};

test("what a public run would leave is in order, and is no private run", () => {
  expect(publicRunFaults(testRun, good)).toEqual([]);
  expect(privateRunFaults(testRun, good).join("; ")).toContain("is not on the list");
});

test("a private run is none that was reached", () => {
  const faults = publicRunFaults(testRun, { ...good, requests: privateRequests }).join("; ");
  expect(faults).toContain("the instance has no address of its own");
  expect(faults).toContain("the rule was not made and deleted");
});

test.each([
  ["everybody may come", '"203.0.113.0/28"', '"0.0.0.0/0"', "more than a network of 256"],
  ["a large network may come", '"203.0.113.0/28"', '"203.0.0.0/16"', "more than a network of 256"],
  ["another run's", testRun, "1769860800-ffff", "the ingress is of the run 1769860800-ffff"],
  [
    "it was never seen shut before the rule",
    /\{"at":"[^"]*","answered":false\},/u,
    "",
    "shut before the rule",
  ],
  [
    "it was never seen shut behind the rule",
    /,\{"at":"[^"]*","answered":false\}\]/u,
    "]",
    "shut behind the rule",
  ],
  ["it was never seen open", /\{"at":"[^"]*","answered":true[^}]*\},/u, "", "open while the rule stands"],
  [
    "somebody else answered",
    /("nonce":)"5a[^"]*"\}/u,
    `$1"${"00".repeat(16)}"}`,
    "answered by somebody else",
  ],
  [
    "it answered with another certificate",
    /("answered":true,"certificate":)"c0[^"]*"/u,
    `$1"${"00".repeat(32)}"`,
    "answered by somebody else",
  ],
  ["a field too many", '"v":1', '"v":1,"also":2', "also may not be set"],
  ["it is no JSON", "{", "", "the ingress"],
])("its ingress is refused when %s", (_, from, to, why) => expect(edit("ingress", from, to)).toContain(why));

test("an answer while no rule stands is refused", () => {
  expect(
    edit(
      "ingress",
      /\{"at":("[^"]*"),"answered":false\}/u,
      `{"at":$1,"answered":true,"certificate":"${certificate}","nonce":"${nonce}"}`,
    ),
  ).toContain("it was answered while no rule stood");
});

test.each([
  ["the rule lets in another network", "203.0.113.0/28", "203.0.113.0/24", "sourceRanges"],
  ["the rule opens another port", '\\"443\\"', '\\"22\\"', "ports"],
  [
    "the rule opens a second protocol",
    '\\"allowed\\":[',
    '\\"allowed\\":[{\\"IPProtocol\\":\\"udp\\"},',
    "allowed",
  ],
  ["the rule is for all machines", '\\"targetTags\\":[', '\\"targetTags_\\":[', "targetTags_ may not be set"],
  ["the instance has another address", "198.51.100.4", "198.51.100.5", "natIP"],
  [
    "the instance has an identity",
    '\\"tags\\":',
    '\\"serviceAccounts\\":[],\\"tags\\":',
    "serviceAccounts may not be set",
  ],
  ["the address stays", /("path":"[^"]*\/addresses\/[^"]*","status":)404/u, "$1200", "none of the addresses"],
  ["the rule stays", /("path":"[^"]*\/firewalls\/[^"]*","status":)404/u, "$1200", "none of the firewalls"],
  [
    "the rules were not listed",
    "/global/firewalls?filter=name",
    "/global/images?filter=name",
    "nothing was listed by",
  ],
])("its requests are refused when %s", (_, from, to, why) =>
  expect(edit("requests", from, to)).toContain(why),
);

test("the rule goes before anything else does", () => {
  const lines = good.requests.trimEnd().split("\n");
  const at = lines.findIndex((line) => line.includes('"DELETE"') && line.includes("/firewalls/"));
  const early = JSON.stringify({
    method: "DELETE",
    path: `${addresses}/${name}?requestId=${requestId}`,
    status: 200,
    ms: 1,
  });
  const put = [...lines.slice(0, at), early, ...lines.slice(at)].map((line, seq) => {
    const entry: Entry = JSON.parse(line) as Entry;
    return `${JSON.stringify({ ...entry, seq, at: entry["at"] ?? (JSON.parse(lines[at] ?? "") as Entry)["at"] })}\n`;
  });
  expect(publicRunFaults(testRun, { ...good, requests: put.join("") }).join("; ")).toContain(
    "something was deleted before the rule",
  );
});
