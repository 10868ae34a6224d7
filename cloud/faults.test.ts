/**
 * What chaos does not bring about by itself: operations that fail later, lists that lie, strangers, clocks, a full
 * disk. After each the provider holds nothing of ours, or what it holds is told. Longer than most, since nearly each
 * fault is an entry of one list.
 */
import { appendFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createHash, randomBytes } from "node:crypto";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fail, problem } from "../harness/base/index.ts";
import { cloudCodes } from "./codes.ts";
import { notFound, ServiceError } from "./fake/errors.ts";
import type { Fault } from "./fake/faults.ts";
import type { Nature } from "./fake/nature.ts";
import type { Thing } from "./fake/project.ts";
import { createJournal, type Journal, noJournal, resumeJournal } from "./journal/journal.ts";
import { objectName, resourceName } from "./names.ts";
import { preflight } from "./run/preflight.ts";
import { sweep, type Swept } from "./run/sweep.ts";
import { connect } from "./run/session.ts";
import { upload } from "./run/upload.ts";
import {
  diskFile,
  fastPace,
  must,
  openSession,
  openSite,
  type RunOptions,
  type Site,
  testRun,
  testRunScope,
  testScope,
  wholeRun,
} from "./testing.ts";

let disk = "";
const given = diskFile();
beforeAll(() => (disk = given.make()));
afterAll(() => given.remove());

const root = join(import.meta.dirname, "..");
const name = resourceName(testRun);
const other = "1769860801-ffff";
const instancePath = `/compute/v1/projects/example-project/zones/europe-west1-b/instances/${name}`;

const answer = (status: number, reason: string) =>
  ({ what: "answer", error: new ServiceError(status, reason, reason) }) as const;
const on = (method: string, path: string) => (request: { method: string; path: string }) =>
  request.method === method && request.path.includes(path);

interface Case {
  readonly what: string;
  readonly nature?: Partial<Nature>;
  readonly faults?: readonly Fault[];
  readonly before?: (site: Site) => void;
  readonly options?: RunOptions;
  /** What the run says of itself. */
  readonly says: RegExp;
  /** What the provider holds in the end; nothing unless a stranger's. */
  readonly left?: readonly string[];
}

/** Every request behind the first reading of the port. */
function afterSerial(): Fault["when"] {
  let isRead = false;
  return ({ path }) => {
    isRead ||= path.endsWith("/serialPort");
    return isRead && !path.endsWith("/serialPort");
  };
}

const failing = (kind: string, verb: string, code: string, leaves: boolean): Partial<Nature> => ({
  operationError: (k, v) => (k === kind && v === verb ? { code, leaves } : undefined),
});

const cases: readonly Case[] = [
  {
    what: "H6: what was made is not found at first",
    faults: [{ when: on("GET", instancePath), times: 2, ...answer(404, "notFound") }],
    says: /^up; empty/u,
  },
  {
    what: "H5: there is no quota for the image, and it is asked for once",
    faults: [{ when: on("POST", "global/images"), ...answer(403, "quotaExceeded") }],
    says: /^the image failed: quotaExceeded; empty/u,
  },
  {
    what: "H8: what has the image's name says that it is this run's",
    before: (site) => {
      add(site, "image", name, undefined).labels = { "capos-tool": "cloudboot", "capos-run": testRun };
    },
    says: /^up; empty/u,
  },
  {
    what: "H10: the creation ends in a conflict, since it was deleted meanwhile",
    nature: failing("image", "insert", "CONFLICT", false),
    says: /^the image failed: .*; empty/u,
  },
  {
    what: "N3: an answer comes a byte at a time",
    faults: [{ when: on("POST", "global/images"), times: 1, what: "trickle" }],
    options: { callMs: 150 },
    says: /^up; empty/u,
  },
  {
    what: "N1: nobody is reached at the first call",
    options: { send: () => Promise.reject(new TypeError("fetch failed", { cause: new Error("ENOTFOUND") })) },
    says: /^the upload failed: ENOTFOUND; not empty/u,
  },
  {
    what: "H7: the operation is forgotten",
    faults: [{ when: on("POST", "/wait"), what: "answer", error: notFound("operation") }],
    says: /^up; empty/u,
  },
  {
    what: "H7: the zone is gone",
    faults: [{ when: on("POST", "europe-west1-b/instances"), what: "answer", error: notFound("zone") }],
    says: /^the instance failed.*; empty/u,
  },
  {
    what: "H9: a stranger has the image's name",
    before: (site) => void add(site, "image", name, undefined),
    says: /not this run's; empty/u,
    left: [`image global/${name}`],
  },
  {
    what: "H9: a stranger has the instance's name",
    before: (site) => void add(site, "instance", name, "europe-west1-b"),
    says: /not this run's; empty/u,
    left: [`instance europe-west1-b/${name}`],
  },
  {
    what: "H11: a stranger has the object's name",
    before: (site) => {
      const file = join(site.folder, "stranger");
      writeFileSync(file, "theirs");
      const object = { name: objectName(testRun), generation: "1", createdMs: 1, file, size: 6 };
      site.fake.state.objects.set(object.name, { ...object, md5Hash: "", crc32c: "", metadata: {} });
    },
    says: /^the upload failed.*; not empty.*stranger/u,
    left: [`object ${objectName(testRun)}`],
  },
  {
    what: "H14: the operation never ends",
    nature: { operationMs: 3_600_000, waitMs: 1 },
    // The fake's timer of an hour stands for ever: what it would have done is done by nobody.
    says: /did not become ready in time.*; not empty/u,
    left: [`image global/${name}`],
  },
  ...(
    [
      ["image", "QUOTA_EXCEEDED"],
      ["image", "INTERNAL_ERROR"],
      ["instance", "QUOTA_EXCEEDED"],
      ["instance", "RESOURCE_NOT_FOUND"],
      ["instance", "SOMETHING_NEW"],
    ] as const
  ).flatMap(([kind, code]): readonly Case[] =>
    [true, false].map((leaves) => ({
      what: `${leaves ? "H15" : "H16"}: the ${kind}'s creation ends in ${code}, ${leaves ? "and leaves it" : "without it"}`,
      nature: failing(kind, "insert", code, leaves),
      says: /failed: .*; empty/u,
    })),
  ),
  {
    what: "H17: the creation is done, and nothing is there",
    nature: {
      operationError: (kind, verb) =>
        kind === "image" && verb === "insert" ? { code: "", leaves: false } : undefined,
    },
    says: /was made and is not there; empty/u,
  },
  {
    what: "H18: the image stays pending",
    nature: { imageStatus: "PENDING" },
    says: /did not become ready in time; empty/u,
  },
  { what: "H18: the image failed", nature: { imageStatus: "FAILED" }, says: /is FAILED; empty/u },
  {
    what: "H19: the first zone is full",
    nature: { exhausted: ["europe-west1-b"] },
    says: /^up; empty/u,
  },
  {
    what: "H19: every zone is full",
    nature: { exhausted: ["europe-west1-b", "europe-west1-c"] },
    says: /does not have enough resources; empty/u,
  },
  {
    what: "H22: what was deleted is still there for a while",
    nature: { lingerMs: 60 },
    says: /^up; empty/u,
  },
  { what: "H23: the disk outlives its instance", nature: { keepsDisks: true }, says: /^up; empty/u },
  {
    what: "H24: a zone cannot be listed",
    nature: { unreachable: ["us-east1-b"] },
    says: /^up; not empty.*UNREACHABLE/u,
  },
  { what: "H24: lists lag behind", nature: { listLagMs: 60_000 }, says: /^up; empty/u },
  {
    what: "H25: an answer of wrong types",
    faults: [
      { when: on("POST", "global/images"), times: 1, what: "body", value: { name: 7, status: ["DONE"] } },
    ],
    says: /; empty/u,
  },
  {
    what: "H25: a status that nobody knows",
    nature: { imageStatus: "MARINATING" },
    says: /did not become ready in time; empty/u,
  },
  {
    what: "H2: the credential is refused once",
    faults: [{ when: on("POST", "global/images"), times: 1, ...answer(401, "authError") }],
    says: /^up; empty/u,
  },
  {
    what: "H3: nothing may be deleted",
    faults: [{ when: (r) => r.method === "DELETE", ...answer(403, "forbidden") }],
    says: /^up; not empty.*forbidden/u,
    left: [
      `image global/${name}`,
      `instance europe-west1-b/${name}`,
      `disk europe-west1-b/${name}`,
      `object ${objectName(testRun)}`,
    ],
  },
  {
    what: "C14: the credential is gone when all is to be taken down",
    faults: [{ when: afterSerial(), ...answer(401, "authError") }],
    says: /not empty.*authError/u,
    left: [
      `image global/${name}`,
      `instance europe-west1-b/${name}`,
      `disk europe-west1-b/${name}`,
      `object ${objectName(testRun)}`,
    ],
  },
  {
    what: "N6: the upload's session is forgotten",
    faults: [{ when: on("PUT", "/upload"), times: 1, ...answer(410, "gone") }],
    says: /^up; empty/u,
  },
  {
    what: "N6: the upload takes nothing",
    faults: [{ when: on("PUT", "/upload"), ...answer(503, "backendError") }],
    says: /^the upload failed.*; empty/u,
  },
  {
    what: "a creation is answered by nothing, and then nobody may look",
    faults: [
      { when: on("POST", "europe-west1-b/instances"), times: 1, what: "reset-after" },
      { when: on("GET", instancePath), times: 1, ...answer(403, "forbidden") },
    ],
    says: /^the instance failed.*; empty/u,
  },
  {
    what: "a run that is stopped at once makes nothing",
    options: { stopping: AbortSignal.abort() },
    says: /stopped; empty/u,
  },
];

test.each(cases)("$what", async ({ nature, faults = [], before, options, says, left = [] }) => {
  const site = await openSite(nature);
  before?.(site);
  for (const fault of faults) site.fake.faults.add(fault);
  const story = await wholeRun(site, disk, "new", options);
  expect(story.said.trim()).toMatch(says);
  expect(story.refused).toEqual([]);
  expect(site.fake.state.inventory().toSorted()).toEqual(left.toSorted());
  await site.close();
});

function add(site: Site, kind: Thing["kind"], called: string, zone: string | undefined): Thing {
  return site.fake.state.add({ kind, name: called, zone, status: "READY", labels: {}, body: {} });
}

describe("several runs and strangers", () => {
  test("C1: two runs at once do not touch each other", async () => {
    const site = await openSite();
    const [a, b] = await Promise.all([
      wholeRun(site, disk, "new"),
      wholeRun(site, disk, "new", { run: other }),
    ]);
    expect([a.said.trim(), b.said.trim()]).toEqual(["up; empty", "up; empty"]);
    expect(a.sent.some((request) => request.startsWith("DELETE") && request.includes(other))).toBe(false);
    expect(site.fake.state.inventory()).toEqual([]);
    await site.close();
  });

  test("C2, C3: a run id is one run's, and while that lives nobody else takes it down", async () => {
    const site = await openSite();
    const session = openSession(site, "new");
    const folder = join(site.folder, "journal");
    const words = (r: ReturnType<typeof createJournal>) => (r.ok ? "" : r.error[0]?.message);
    expect(words(createJournal(folder, testRun))).toContain("held by another process");
    expect(words(resumeJournal(folder, testRun))).toContain("held by another process");
    session.done();
    expect(words(createJournal(folder, testRun))).toContain("EEXIST");
    await site.close();
  });

  test("C8: what was made again under our name is not ours, and is told", async () => {
    const site = await openSite();
    const session = openSession(site, "new");
    must(await session.bringUp(disk));
    const { state } = site.fake;
    const ours = state.find("image", name);
    state.drop(ours);
    const theirs = state.add({ ...ours, labels: {} });
    const down = must(await session.takeDown());
    expect(down.removals).toContainEqual({
      ref: { kind: "image", name },
      result: "stranger",
      why: `it has the number ${theirs.id}, and this run's had ${ours.id}`,
    });
    expect(state.inventory()).toEqual([`image global/${name}`]);
    session.done();
    await site.close();
  });

  test("C11: a run outside the allowlist is refused before any request, with a code of its own", async () => {
    const site = await openSite();
    const scope = { ...testScope, machineTypes: ["n2-standard-64"] };
    const session = openSession(site, "new", { scope });
    const up = await session.bringUp(disk);
    expect(up).toMatchObject({ ok: false, error: [{ code: "CAPOS_CLOUD_REFUSED" }] });
    expect(site.fake.seen).toEqual([]);
    session.done();
    await site.close();
  });

  test("P14: what is woken after hours finds its time over, its token old, and comes to the same end", async () => {
    const site = await openSite();
    let asked = 0;
    const headers = (fresh = false): Promise<Headers> => {
      if (fresh) asked++;
      return Promise.resolve(new Headers({ authorization: fresh ? "Bearer new" : "Bearer old" }));
    };
    const session = openSession(site, "new", { headers });
    must(await session.bringUp(disk));
    // The provider has long deleted the instance, and takes the token of yesterday no more.
    const { state, faults } = site.fake;
    for (const kind of ["instance", "disk"] as const) state.drop(state.find(kind, name, "europe-west1-b"));
    faults.add({ when: () => true, times: 1, ...answer(401, "authError") });
    expect(must(await session.takeDown()).empty).toBe(true);
    expect([asked > 0, state.inventory()]).toEqual([true, []]);
    session.done();
    await site.close();
  });

  test("N5: a line that is cut in the middle of the taking down is told, and the next try ends it", async () => {
    const site = await openSite();
    let cut = false;
    const send: typeof fetch = (url, init) => {
      if (cut) return Promise.reject(new TypeError("fetch failed", { cause: new Error("ENETUNREACH") }));
      cut = init?.method === "DELETE";
      return fetch(url, init);
    };
    const story = await wholeRun(site, disk, "new", { send });
    expect(story.said).toMatch(/^up; not empty.*ENETUNREACH/u);
    expect(site.fake.state.inventory()).not.toEqual([]);
    expect((await wholeRun(site, disk, "resumed")).said).toMatch(/; empty/u);
    expect(site.fake.state.inventory()).toEqual([]);
    await site.close();
  });

  test.each(["reset-before", "reset-after"] as const)(
    "N6: an upload that is cut (%s) at any of its pieces is whole",
    async (what) => {
      const file = join(given.make(), "../large");
      // Three pieces that nothing can make smaller.
      writeFileSync(file, randomBytes(20 << 20));
      const md5Hash = createHash("md5").update(readFileSync(file)).digest("base64");
      for (const piece of [0, 1, 2, 3]) {
        const site = await openSite();
        let puts = 0;
        site.fake.faults.add({ when: ({ method }) => method === "PUT" && puts++ === piece, times: 1, what });
        const session = openSession(site, "new");
        const ref = { kind: "object", name: objectName(testRun), bucket: testScope.bucket } as const;
        const stored = await upload(must(session.making), ref, file, testRunScope.labels);
        expect([piece, "value" in stored, site.fake.state.objects.get(ref.name)?.md5Hash]).toEqual([
          piece,
          true,
          md5Hash,
        ]);
        session.done();
        await site.close();
      }
    },
  );

  test("C9: what has lost its labels is known by its number", async () => {
    const site = await openSite({ keepsDisks: true });
    const session = openSession(site, "new");
    must(await session.bringUp(disk));
    for (const thing of site.fake.state.things) thing.labels = {};
    expect(must(await session.takeDown()).empty).toBe(true);
    expect(site.fake.state.inventory()).toEqual([]);
    session.done();
    await site.close();
  });

  test("C13: a preflight changes nothing, and names every missing permission", async () => {
    const site = await openSite({ denied: ["compute.instances.delete", "storage.objects.delete"] });
    const session = openSession(site, "new");
    const findings = await preflight(must(session.making), testScope);
    expect(findings.filter((f) => f.fate !== "ok").map((f) => f.detail)).toEqual([
      "missing: compute.instances.delete",
      "missing: storage.objects.delete",
    ]);
    const changes = session.requests.filter((r) => r.method !== "GET");
    expect(changes.map((r) => r.path)).toEqual(["/v1/projects/example-project:testIamPermissions"]);
    session.done();
    await site.close();
  });

  test("C13: a preflight that is stopped says what it has not looked at, and blames nobody", async () => {
    const site = await openSite();
    const stop = new AbortController();
    let asked = 0;
    const send: typeof fetch = (url, init) => {
      // The fifth request is under way when the run is stopped.
      if (++asked === 5) stop.abort();
      return fetch(url, init);
    };
    const session = openSession(site, "new", { send, stopping: stop.signal });
    const findings = await preflight(must(session.making), testScope);
    const told = findings.map((f) => `${f.fate} ${f.detail}`.trim());
    expect(told.slice(0, 6)).toEqual(Array.from({ length: 6 }, () => "ok"));
    expect(new Set(told.slice(6))).toEqual(new Set(["not-run the run was stopped"]));
    expect(asked).toBe(5);
    session.done();
    await site.close();
  });

  test("H20: an instance that its time limit deletes makes the run no verdict, and is taken down", async () => {
    const site = await openSite({ timeScale: 1e9 });
    const session = openSession(site, "new");
    const up = await session.bringUp(disk);
    // It may be gone before it was seen to run; either way nothing is left.
    expect(up.ok ? "up" : up.error[0]?.code).toMatch(/^(up|CAPOS_CLOUD_CALL)$/u);
    expect(must(await session.takeDown()).empty).toBe(true);
    expect(site.fake.state.inventory()).toEqual([]);
    session.done();
    await site.close();
  });
});

/** A sweep as `capos cloudboot --sweep` makes it. */
async function sweeping(site: Site, known: readonly string[] = [], alive = ""): Promise<readonly Swept[]> {
  const connected = connect(
    {
      root,
      scope: testScope,
      endpoint: site.fake.endpoint,
      headers: () => Promise.resolve(new Headers()),
      grant: { kind: "sweep", scope: testScope },
      abort: new AbortController().signal,
      record: () => {},
    },
    { run: "", journal: noJournal, pace: fastPace(), say: () => {}, stopping: new AbortController().signal },
  );
  const isAlive = (run: string): boolean => run === alive;
  const { items, unlisted } = await sweep(must(connected), {
    scope: testScope,
    known: new Set(known),
    isAlive,
    dry: false,
  });
  expect(unlisted).toEqual([]);
  return items;
}

const fates = (items: readonly Swept[]): readonly string[] =>
  items.map((i) => `${i.fate} ${i.ref.kind} ${i.ref.name}`).toSorted();

describe("a sweep", () => {
  const all = ["instance", "disk", "image"].map((kind) => `${kind} ${name}`);
  const object = `object ${objectName(testRun)}`;
  let hours = 0;
  const now = (): number => Date.now() + hours * 3_600_000;

  async function abandoned(): Promise<Site> {
    hours = 0;
    const site = await openSite({ now });
    const session = openSession(site, "new");
    must(await session.bringUp(disk));
    session.done();
    return site;
  }

  test("C4, C6, P13: keeps what is young or alive, and removes what is old by the service's clock alone", async () => {
    const site = await abandoned();
    // The run's own clock, which the labels are by, is months off; here it is another one still.
    expect(fates(await sweeping(site))).toEqual([...all, object].map((what) => `kept ${what}`).toSorted());
    hours = 2;
    expect(fates(await sweeping(site, [], testRun)).every((fate) => fate.startsWith("kept"))).toBe(true);
    // The journal is gone: name and label are enough.
    rmSync(join(site.folder, "journal"), { recursive: true });
    expect(fates(await sweeping(site))).toContain(`removed instance ${name}`);
    expect(site.fake.state.inventory()).toEqual([]);
    await site.close();
  });

  test("takes down in every zone, whichever its runs are allowed", async () => {
    hours = 0;
    const site = await openSite({ now });
    const labels = { "capos-tool": "cloudboot", "capos-run": testRun };
    add(site, "instance", name, "us-east1-b").labels = labels;
    hours = 48;
    expect(fates(await sweeping(site))).toEqual([`removed instance ${name}`]);
    expect(site.fake.state.inventory()).toEqual([]);
    await site.close();
  });

  test("C7, C9: touches nothing that only looks like ours, unless a journal here knows it", async () => {
    const site = await abandoned();
    hours = 48;
    for (const thing of site.fake.state.things) thing.labels = {};
    const labels = { "capos-tool": "cloudboot", "capos-run": testRun };
    site.fake.state.add({ ...add(site, "image", "capos-web", undefined), name: "web", labels });
    const items = await sweeping(site);
    expect(fates(items)).toEqual(
      [...all.map((what) => `reported ${what}`), "reported image web", `removed ${object}`].toSorted(),
    );
    expect(site.fake.state.inventory()).toContain("image global/capos-web");
    hours = 96;
    // Without labels it is no run's by number either: a teardown by the journal takes it, and a sweep only tells.
    expect((await wholeRun(site, disk, "resumed")).said).toMatch(/; empty .*not its name/u);
    expect(site.fake.state.inventory()).toEqual(["image global/capos-web", "image global/web"]);
    await site.close();
  });

  test("P12: takes down what a damaged journal can no longer speak for", async () => {
    const site = await abandoned();
    const path = join(site.folder, "journal", `${testRun}.jsonl`);
    writeFileSync(path, readFileSync(path, "utf8").replace('"image"', '"imago"'));
    const resumed = resumeJournal(join(site.folder, "journal"), testRun);
    expect(resumed).toMatchObject({ ok: false, error: [{ code: "CAPOS_CLOUD_JOURNAL" }] });
    hours = 2;
    await sweeping(site);
    expect(site.fake.state.inventory()).toEqual([]);
    await site.close();
  });
});

describe("a journal that cannot be written", () => {
  test.each([0, 1, 2, 3, 4, 5, 6, 7, 8])(
    "P11: from record %i on makes nothing more, and takes down what is there",
    async (n) => {
      const site = await openSite();
      let count = 0;
      const full = (inner: Journal): Journal => ({
        path: inner.path,
        state: () => inner.state(),
        write: (record) =>
          count++ < n
            ? inner.write(record)
            : fail(problem(cloudCodes, "CAPOS_CLOUD_JOURNAL", "no space left on the device")),
        close: () => inner.close(),
      });
      const story = await wholeRun(site, disk, "new", { journal: full });
      expect(story.said).toMatch(n < 7 ? /no space left.*; empty/u : /^up; empty/u);
      expect(site.fake.state.inventory()).toEqual([]);
      await site.close();
    },
  );

  test("P11: in the middle of a line keeps what was whole", async () => {
    const site = await openSite();
    const session = openSession(site, "new");
    const path = join(site.folder, "journal", `${testRun}.jsonl`);
    const whole = readFileSync(path, "utf8");
    session.done();
    appendFileSync(path, '{"seq":1,"previous":"');
    const again = must(resumeJournal(join(site.folder, "journal"), testRun));
    expect(readFileSync(path, "utf8")).toBe(whole);
    again.close();
    await site.close();
  });
});
