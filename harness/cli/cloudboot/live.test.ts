/**
 * A live run's gate, by the command: a credential is there and works, so whatever is refused is refused by the tool; a
 * trap stands where the credential's token is got, and counts who comes.
 */
import { spawnSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { sha256 } from "../../base/index.ts";
import { type ScratchTree } from "../testing.ts";
import { capos, cloudTree, elsewhere, local, runIn, type RunOfCommand } from "./testing.ts";

const project = join(import.meta.dirname, "../../..");
let tree: ScratchTree;
let trap: Server;
let asked: string[] = [];
let tokens = "";
beforeAll(async () => {
  const built = spawnSync("node", [join(project, "bin/capos.mjs"), "build", "smoke"], { cwd: project });
  expect(built.status).toBe(0);
  tree = cloudTree();
  trap = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.setHeader("content-type", "application/json");
    response.end(
      JSON.stringify({
        access_token: "SECRET-access-token",
        issued_token_type: "urn:ietf:params:oauth:token-type:access_token",
        token_type: "Bearer",
        expires_in: 3600,
      }),
    );
  });
  await new Promise<void>((resolve) => trap.listen(0, "127.0.0.1", resolve));
  const address = trap.address();
  tokens = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
  tree.write("subject", "SECRET-subject-token");
}, 300_000);
afterAll(async () => {
  trap.closeAllConnections();
  await new Promise((resolve) => trap.close(resolve));
  tree.dispose();
});
beforeEach(() => {
  asked = [];
});

const { privateKey } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
  publicKeyEncoding: { type: "spki", format: "pem" },
});
/** Each kind of credential, with something secret in every field that may hold it. */
const credentials = {
  "a federated identity": () => ({
    type: "external_account",
    audience: "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q",
    subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
    token_url: `${tokens}/SECRET-token-path`,
    client_id: "SECRET-client-id",
    client_secret: "SECRET-client-secret",
    credential_source: { file: join(tree.root, "subject") },
  }),
  "a person's login": () => ({
    type: "authorized_user",
    client_id: "SECRET-client-id",
    client_secret: "SECRET-client-secret",
    refresh_token: "SECRET-refresh-token",
    quota_project_id: "SECRET-quota-project",
  }),
  "a service account's key": () => ({
    type: "service_account",
    project_id: "SECRET-project",
    private_key_id: "SECRET-key-id",
    private_key: privateKey,
    client_email: "SECRET-account@example.iam.gserviceaccount.com",
    client_id: "SECRET-client-id",
  }),
  "a key that is broken": () => ({
    type: "service_account",
    private_key: "-----BEGIN PRIVATE KEY-----\nSECRET-broken-key\n-----END PRIVATE KEY-----\n",
    client_email: "SECRET-account@example.iam.gserviceaccount.com",
  }),
} as const;

function withCredential(kind: keyof typeof credentials): Readonly<Record<string, string>> {
  tree.write("SECRET-folder/key.json", JSON.stringify(credentials[kind]()));
  return {
    GOOGLE_APPLICATION_CREDENTIALS: join(tree.root, "SECRET-folder/key.json"),
    METADATA_SERVER_DETECTION: "none",
    HOME: "/nonexistent",
  };
}

const where = ["--project", "example-project", "--zone", "europe-west1-b", "--bucket", "example-bucket"];
const smoke = ["cloudboot", "run-smoke", ...where] as const;
const allowed = (changes: Readonly<Record<string, string>> = {}): string => {
  const fields = {
    by: "A person",
    proof: "run-smoke",
    project: "example-project",
    zones: "[europe-west1-b]",
    from: "2020-01-01T00:00:00Z",
    until: "2099-01-01T00:00:00Z",
    "at-most-usd": "1",
    resources: "[object, image, instance, disk]",
    ...changes,
  };
  return Object.entries(fields)
    .map(([key, value]) => `${key}: ${value}\n`)
    .join("");
};
const codeOf = ({ status, stdout, stderr }: RunOfCommand): string =>
  `${status} ${/CAPOS_[A-Z_]+/u.exec(stderr + stdout)?.[0]}`;

describe("a live run is refused before anything is sent, not even for a token", () => {
  const other = allowed({ proof: "run-other" });
  const used = allowed({ by: "Somebody else" });
  test.each([
    ["without an authorisation", undefined, "3 CAPOS_CLOUD_UNAUTHORISED"],
    ["with half an authorisation", "by: me\n", "3 CAPOS_CLOUD_AUTHORISATION_FORM"],
    [
      "with an expired one",
      allowed({ until: "2020-01-02T00:00:00Z" }),
      "3 CAPOS_CLOUD_AUTHORISATION_EXPIRED",
    ],
    [
      "with one whose time has not come",
      allowed({ from: "2098-01-01T00:00:00Z" }),
      "3 CAPOS_CLOUD_AUTHORISATION_EXPIRED",
    ],
    ["with one that was used", used, "3 CAPOS_CLOUD_AUTHORISATION_USED"],
    ["with one for another proof", other, "3 CAPOS_CLOUD_AUTHORISATION_SCOPE"],
    [
      "with one for another project",
      allowed({ project: "other-project" }),
      "3 CAPOS_CLOUD_AUTHORISATION_SCOPE",
    ],
    ["with one for another zone", allowed({ zones: "[us-east1-b]" }), "3 CAPOS_CLOUD_AUTHORISATION_SCOPE"],
    ["with one for another image", allowed({ image: "ab".repeat(32) }), "3 CAPOS_CLOUD_AUTHORISATION_SCOPE"],
    ["with one for less money", allowed({ "at-most-usd": "0.001" }), "3 CAPOS_CLOUD_AUTHORISATION_SCOPE"],
    [
      "with one that leaves out the disk",
      allowed({ resources: "[object, image, instance]" }),
      "3 CAPOS_CLOUD_AUTHORISATION_SCOPE",
    ],
  ])("%s", async (_, text, code) => {
    tree.write(`.capos/cloud/used/${sha256(used)}`, "1769860800-0a1b\n");
    if (text !== undefined) tree.write("allowed.yaml", text);
    const file = text === undefined ? [] : ["--authorisation", "allowed.yaml"];
    const ran = await capos(tree, withCredential("a federated identity"), [...smoke, "--run", ...file]);
    expect([codeOf(ran), asked]).toEqual([code, []]);
  });

  test.each([
    ["another machine type", ["--machine-type", "n2-standard-64"], "2 CAPOS_USAGE"],
    ["a day", ["--minutes", "1440"], "2 CAPOS_USAGE"],
    ["a project that is a path", ["--project", "../../x"], "2 CAPOS_CLOUD_SETTINGS"],
    ["a bucket that is a host", ["--bucket", "x/../../b"], "2 CAPOS_CLOUD_SETTINGS"],
    ["two regions", ["--zone", "europe-west1-b,us-east1-b"], "2 CAPOS_CLOUD_SETTINGS"],
    ["a preflight alone as well", ["--preflight-only"], "2 CAPOS_CLOUD_SETTINGS"],
    ["its plan as well", ["--plan"], "2 CAPOS_CLOUD_SETTINGS"],
    ["a sweep as well", ["--sweep"], "2 CAPOS_CLOUD_SETTINGS"],
    ["another run's end as well", ["--teardown", "1769860800-0a1b"], "2 CAPOS_CLOUD_SETTINGS"],
    ["a dry run", ["--dry-run"], "2 CAPOS_CLOUD_SETTINGS"],
    ["to be reached", ["--public-ingress"], "3 CAPOS_CLOUD_PUBLIC_HOLD"],
  ])("when it asks for %s", async (_, flags, code) => {
    tree.write("allowed.yaml", allowed());
    const words = smoke.filter((word, i) => !flags.includes(word) && !flags.includes(smoke[i - 1] ?? ""));
    const ran = await capos(tree, withCredential("a federated identity"), [
      ...words,
      "--run",
      "--authorisation",
      "allowed.yaml",
      ...flags,
    ]);
    expect([codeOf(ran), asked]).toEqual([code, []]);
  });

  test("whatever the plan alone would show", async () => {
    const ran = await capos(tree, withCredential("a federated identity"), [...smoke]);
    expect([ran.status, ran.stderr, asked]).toEqual([0, "nothing was sent: --run runs it\n", []]);
  });
});

/** Everything that a command has said, and everything that it has written below the checkout. */
function traces(ran: RunOfCommand): string {
  const files = [".capos/runs", ".capos/cloud", ".capos/history.jsonl"].flatMap((name) =>
    filesBelow(join(tree.root, name)),
  );
  return [ran.stdout, ran.stderr, ...files.map((file) => `${file}\n${readFileSync(file, "latin1")}`)].join(
    "\n",
  );
}
function filesBelow(path: string): readonly string[] {
  if (!existsSync(path)) return [];
  const entries = readdirSync(path, { recursive: true, withFileTypes: true });
  return entries.filter((e) => e.isFile()).map((e) => join(e.parentPath, e.name));
}

describe("no secret of a credential is ever told or written", () => {
  const key = privateKey.split("\n").slice(1, -2);
  test.each(Object.keys(credentials) as (keyof typeof credentials)[])("of %s", async (kind) => {
    tree.write("allowed.yaml", allowed({ by: kind }));
    for (const how of [["--preflight-only"], ["--run", "--authorisation", "allowed.yaml"]]) {
      // No way leads to Google from here: a name that does not resolve is told like any failure.
      const ran = await capos(tree, withCredential(kind), [...smoke, ...how]);
      expect(ran.status, ran.stdout + ran.stderr).toBe(7);
      const told = traces(ran).replaceAll(tree.root, "");
      expect(told).not.toMatch(/SECRET-(?!folder)/u);
      expect(told).not.toMatch(/Bearer|BEGIN PRIVATE KEY/u);
      for (const line of key) expect(told).not.toContain(line);
      // What was not run has not used anything up.
      expect(existsSync(join(tree.root, ".capos/cloud/used", sha256(allowed({ by: kind }))))).toBe(false);
    }
  });

  test("though a token was got, and offered to nobody but Google", async () => {
    const ran = await capos(tree, withCredential("a federated identity"), [...smoke, "--preflight-only"]);
    expect(asked[0]).toBe("POST /SECRET-token-path");
    expect(new Set(asked).size).toBe(1);
    expect(ran.stdout).toMatch(/^ FAILED {2}permissions in the project/mu);
    expect(ran.stdout).toMatch(/^not run {2}zone europe-west1-b +nobody answers$/mu);
    expect(codeOf(ran)).toBe("7 CAPOS_CLOUD_PREFLIGHT");
  });
});

describe("the way out leads where it should, whatever the environment says", () => {
  test("a run at the local provider passes no proxy, and needs no credential", async () => {
    const at = await elsewhere(tree, "scripted");
    const proxies = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"];
    const env = Object.fromEntries([
      ...proxies.map((name) => [name, tokens]),
      ["NO_PROXY", ""],
      ["no_proxy", ""],
    ]);
    const ran = await capos(tree, { ...withCredential("a federated identity"), ...env, ...at.env }, [
      "cloudboot",
      "run-smoke",
      ...local,
      "--preflight-only",
    ]);
    expect([ran.status, asked], ran.stdout + ran.stderr).toEqual([0, []]);
    expect(at.fake.seen.length).toBeGreaterThan(10);
    await at.close();
  });

  test.each(["http://localhost:4000", "http://127.0.0.1.example.org:4000", "http://me@127.0.0.1:4000"])(
    "%s is no endpoint",
    async (endpoint) => {
      const ran = await capos(tree, { CAPOS_CLOUD_ENDPOINT: endpoint }, ["cloudboot", "run-smoke", ...local]);
      expect(codeOf(ran)).toBe("2 CAPOS_CLOUD_ENDPOINT");
    },
  );

  test("another universe of Google's is not Google", async () => {
    const env = { ...withCredential("a federated identity"), GOOGLE_CLOUD_UNIVERSE_DOMAIN: "example.org" };
    const ran = await capos(tree, env, [...smoke, "--preflight-only"]);
    expect(ran.status, ran.stdout + ran.stderr).toBe(7);
    expect(ran.stdout + ran.stderr).not.toMatch(/SECRET-/u);
  });

  test("a journal that names another host leads nowhere", async () => {
    const at = await elsewhere(tree, "scripted");
    const ran = await capos(tree, at.env, ["cloudboot", "run-smoke", ...local, "--preflight-only"]);
    await at.close();
    expect(ran.status).toBe(0);
    const [name = ""] = readdirSync(join(tree.root, ".capos/cloud"))
      .filter((f) => f.endsWith(".jsonl"))
      .toSorted()
      .slice(-1);
    const path = `.capos/cloud/${name}`;
    // Only the first line stands there, so that no other one tells of the change.
    tree.write(
      path,
      `${tree
        .read(path)
        .split("\n")[0]
        ?.replace(/http:\/\/127\.0\.0\.1:\d+/u, tokens.replace("127.0.0.1", "localhost"))}\n`,
    );
    const down = await capos(tree, {}, ["cloudboot", "--teardown", name.replace(".jsonl", "")]);
    expect([codeOf(down), asked]).toEqual(["2 CAPOS_CLOUD_ENDPOINT", []]);
  });
});

test("a sweep finds what a run has left anywhere, once its time is over", async () => {
  let hours = 0;
  const now = (): number => Date.now() + hours * 3_600_000;
  const at = await elsewhere(tree, "scripted", { now, operationMs: 100 });
  let killed = false;
  const ran = await capos(tree, at.env, ["cloudboot", "run-smoke", ...local], (child) => {
    if (!killed && at.fake.seen.some(({ path }) => path.endsWith("/serialPort")))
      killed = child.kill("SIGKILL");
  });
  const held = at.fake.state.inventory().length;
  expect(held).toBe(4);
  const sweep = ["cloudboot", "--sweep", ...local];
  const young = await capos(tree, at.env, sweep);
  expect([young.status, young.stdout]).toEqual([0, expect.stringContaining("4 found, 0 removed, 4 kept")]);
  hours = 3;
  const dry = await capos(tree, at.env, [...sweep, "--dry-run"]);
  expect(dry.stdout).toContain(`KEPT  instance capos-${runIn(ran.stderr)}: it would be removed`);
  expect(at.fake.state.inventory().length).toBe(held);
  const swept = await capos(tree, at.env, sweep);
  expect([swept.status, swept.stdout]).toEqual([
    0,
    expect.stringMatching(/\d found, \d removed, 0 kept, 0 left, 0 reported/u),
  ]);
  expect(at.fake.state.inventory()).toEqual([]);
  await at.close();
});

test.each([
  [["--provider", "l"], ["local"]],
  [
    ["--machine-type", "e2-"],
    ["e2-micro", "e2-small"],
  ],
  [
    ["--boot", ""],
    ["bios", "uefi"],
  ],
  [["--disk", "n"], ["nvme"]],
  [["run-smo"], ["run-smoke"]],
  [["--preflight"], ["--preflight-only"]],
  [["--teardown", "1769860800-0"], ["1769860800-0a1b"]],
  [["--resume", "1769860800-0"], ["1769860800-0a1b"]],
  [["--validate", "1769860800-0"], ["1769860800-0a1b"]],
])("%j is completed", (words, completed) => {
  tree.write(".capos/cloud/1769860800-0a1b.jsonl", "");
  const { stdout } = tree.capos("completion", "words", "--", "cloudboot", ...words);
  expect(stdout.trim().split("\n").toSorted()).toEqual(completed);
});
