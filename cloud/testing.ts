/** What the tests of the room share: a provider on this host, and runs against it in fast time. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Result } from "../harness/base/index.ts";
import { hybridDisk } from "../harness/image/index.ts";
import { writeToMemory } from "../harness/image/targets.ts";
import { fakeSpec } from "../harness/image/testing.ts";
import { createSupervisor } from "../harness/process/index.ts";
import type { Nature } from "./fake/nature.ts";
import { type MachineRoom, scriptedRoom } from "./fake/machines.ts";
import { type FakeProvider, startFake } from "./fake/server.ts";
import type { CloudRecords } from "./evidence/private-run.ts";
import { CloudBoot } from "./instance/boot.ts";
import { gceMachine } from "./instance/machine.ts";
import { createJournal, type Journal, resumeJournal } from "./journal/journal.ts";
import { objectName, resourceName, runLabels } from "./names.ts";
import type { RunScope } from "./policy/bodies.ts";
import { hostOfPath, refusal } from "./policy/policy.ts";
import type { Pace } from "./run/context.ts";
import { defaultPolicy } from "./gce/retry.ts";
import { RunSession } from "./run/session.ts";
import type { Scope } from "./types.ts";

export const testRun = "1769860800-0a1b";
export const testScope: Scope = {
  project: "example-project",
  zones: ["europe-west1-b", "europe-west1-c"],
  bucket: "example-bucket",
  subnetwork: "default",
  machineTypes: ["e2-small"],
  diskGb: 10,
  maxRunSeconds: 600,
};
/** What the requests of `testRun` are held to. */
export const testRunScope: RunScope = {
  ...testScope,
  name: resourceName(testRun),
  object: objectName(testRun),
  labels: runLabels(testRun, 1_769_860_800, 1_769_865_000),
};

/** Waits are counted and not waited for: minutes pass in milliseconds, in the same order. */
export function fastPace(): Pace {
  let skipped = 0;
  return {
    now: () => performance.now() + skipped,
    async sleep(ms) {
      skipped += ms;
      await new Promise((resolve) => setTimeout(resolve, 1));
    },
    random: () => 0.5,
    retry: defaultPolicy,
    operationMs: 600_000,
    lookMs: 2_000,
    looks: 3,
  };
}

export interface Site {
  readonly fake: FakeProvider;
  readonly folder: string;
  close(): Promise<void>;
}

/** A provider with a folder of its own. */
export async function openSite(
  nature: Partial<Nature> = {},
  room: MachineRoom = scriptedRoom(() => "printed\n"),
): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), "capos-cloud-"));
  const supervisor = createSupervisor(`cloud-test-${process.pid}-${Math.random().toString(16).slice(2)}`);
  mkdirSync(join(folder, "provider"));
  const fake = await startFake({
    project: testScope.project,
    zones: [...testScope.zones, "us-east1-b"],
    bucket: testScope.bucket,
    folder: join(folder, "provider"),
    supervisor,
    room,
    nature: { operationMs: 2, waitMs: 50, disks: false, ...nature },
  });
  return {
    fake,
    folder,
    async close() {
      await fake.close();
      await supervisor.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What has reached the provider and is outside the allowlist of the test's run: seen from there, whoever sent it. */
export function outside({ fake }: Site): readonly string[] {
  return fake.seen.flatMap(({ method, url, body }) => {
    const host = hostOfPath(url);
    const request = { method, url: new URL(`https://${host ?? "nowhere.invalid"}${url}`), body };
    const why = refusal(request, { kind: "run", scope: testRunScope });
    return why === undefined ? [] : [why];
  });
}

export interface RunOptions {
  readonly scope?: Scope;
  readonly send?: typeof fetch;
  readonly journal?: (journal: Journal) => Journal;
  readonly stopping?: AbortSignal;
  readonly run?: string;
  readonly callMs?: number;
  readonly headers?: (fresh?: boolean) => Promise<Headers>;
}

/** A session of a new run, or of one whose tool has died. */
export function openSession(
  site: Site,
  how: "new" | "resumed",
  options: RunOptions = {},
): RunSession & { done(): void } {
  const { scope = testScope, run = testRun, send, journal: wrap = (j) => j } = options;
  const folder = join(site.folder, "journal");
  const journal = must(how === "new" ? createJournal(folder, run) : resumeJournal(folder, run));
  const createdUnix = Number(run.split("-")[0]);
  const expiresUnix = createdUnix + 4200;
  if (how === "new") {
    const { endpoint } = site.fake;
    must(
      journal.write({ type: "begin", run, proof: "run-smoke", scope, endpoint, createdUnix, expiresUnix }),
    );
  }
  const session = new RunSession({
    root: join(import.meta.dirname, ".."),
    run,
    scope,
    hardware: { firmware: "bios", disk: "scsi" },
    endpoint: site.fake.endpoint,
    headers: options.headers ?? (() => Promise.resolve(new Headers({ authorization: "Bearer very-secret" }))),
    ...(send === undefined ? {} : { send }),
    callMs: options.callMs ?? 10_000,
    journal: wrap(journal),
    createdUnix,
    expiresUnix,
    scratch: join(site.folder, "scratch", run),
    pace: fastPace(),
    say: () => {},
    stopping: options.stopping ?? new AbortController().signal,
    killing: new AbortController().signal,
  });
  return Object.assign(session, { done: () => journal.close() });
}

export function must<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.error.map((p) => `${p.code}: ${p.message}`).join("\n"));
  return result.value;
}

/** A small raw disk that can be packed, though nothing could boot it. */
export function diskFile(): { make(): string; remove(): void } {
  let folder = "";
  return {
    make() {
      folder = mkdtempSync(join(tmpdir(), "capos-disk-"));
      const file = join(folder, "disk.raw");
      writeFileSync(file, writeToMemory(must(hybridDisk(fakeSpec()))).bytes);
      return file;
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** The records of a run that nothing disturbs, and all that it has stored. */
export async function storedRecords(
  disk: string,
): Promise<{ readonly records: CloudRecords; readonly all: string }> {
  const site = await openSite();
  const session = openSession(site, "new");
  must(await session.bringUp(disk));
  const settled = await gceMachine(session).settle?.();
  session.done();
  await site.close();
  if (settled === undefined || settled.problems.length > 0) throw new Error("the run was not taken down");
  const file = (name: string): string => settled.files[name] ?? "";
  return {
    records: {
      journal: file("cloud-journal.jsonl"),
      requests: file("cloud-requests.jsonl"),
      teardown: file("cloud-teardown.json"),
    },
    all: Object.values(settled.files).join("\n"),
  };
}

/** What became of a run. */
export interface Story {
  /** What every try said, for a message. */
  readonly said: string;
  readonly sent: readonly string[];
  readonly refused: readonly string[];
}

/** Brings up, reads, takes down: a whole run. Never rejects. */
export async function wholeRun(
  site: Site,
  disk: string,
  how: "new" | "resumed",
  options: RunOptions = {},
): Promise<Story> {
  const session = openSession(site, how, options);
  try {
    let said = "";
    if (how === "new") {
      const up = await session.bringUp(disk);
      said = up.ok ? "up" : (up.error[0]?.message ?? "");
      const making = must(session.making);
      if (up.ok) {
        const boot = new CloudBoot(making, up.value);
        for await (const input of boot.inputs) if (input.kind === "bytes") boot.end("quit", "planned");
        await boot.ended;
      }
    }
    const down = must(await session.takeDown());
    const left = down.removals.filter((r) => r.result !== "absent").map((r) => JSON.stringify(r));
    return {
      said: `${said}; ${down.empty ? "empty" : "not empty"} ${left.join(" ")} ${down.unlisted.join(" ")}`,
      sent: session.requests.map((r) => `${r.method} ${r.path}`),
      refused: session.requests.flatMap((r) =>
        r.status === undefined ? [`${r.method} ${r.path}: ${r.reason ?? ""}`] : [],
      ),
    };
  } finally {
    session.done();
  }
}
