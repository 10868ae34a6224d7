/** The command as a person uses it: real boots at the local provider, interrupts, deaths and refusals. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { scriptedRoom } from "../../cloud/fake/machines.ts";
import { startFake } from "../../cloud/fake/server.ts";
import { createSupervisor } from "../process/index.ts";
import { sha256 } from "../base/index.ts";
import { judgeAgain, verifyCase } from "../evidence/index.ts";
import { type Ran, runsOf, type ScratchTree, scratchTree } from "./testing.ts";

const project = join(import.meta.dirname, "../..");
const runPattern = /\b\d{10}-[0-9a-f]{4}\b/u;

let tree: ScratchTree;
beforeAll(() => {
  const built = spawnSync("node", [join(project, "bin/capos.mjs"), "build", "smoke"], { cwd: project });
  expect(built.status).toBe(0);
  tree = scratchTree();
  symlinkSync(join(project, "cloud"), join(tree.root, "cloud"));
}, 300_000);
afterAll(() => {
  expect(tree.leftovers()).toEqual([]);
  tree.dispose();
});

/** Runs without waiting for it in this process, which may hold the provider. */
async function capos(env: Readonly<Record<string, string>>, ...argv: string[]): Promise<Ran> {
  const child = spawn("node", [join(tree.root, "bin/capos.mjs"), ...argv], {
    cwd: tree.root,
    env: { ...process.env, ...env },
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (part) => (stdout += String(part)));
  child.stderr.on("data", (part) => (stderr += String(part)));
  await once(child, "close");
  return { status: child.exitCode, stdout, stderr };
}

const local = ["--provider", "local"];

describe("a run at the local provider", () => {
  test.each([
    ["run-smoke", "bios", "scsi"],
    ["run-twice", "uefi", "nvme"],
  ])("%s boots by %s from %s, is proved, and leaves nothing", (proof, boot, disk) => {
    const ran = tree.capos("cloudboot", proof, ...local, "--boot", boot, "--disk", disk);
    expect(ran.status, ran.stdout + ran.stderr).toBe(0);
    expect(ran.stdout).toMatch(/^ +PROVED /mu);
    expect(ran.stdout).toContain("LISTING  the provider holds nothing of this run");
    const [run = ""] = runsOf(tree.root).toReversed();
    const dir = `.capos/runs/${run}/${proof}@${boot}`;
    const checked = verifyCase(tree.root, dir, judgeAgain);
    expect(checked.problems).toEqual([]);
    expect(checked.case?.verdict.freshness).toBe("echoed");
    expect(checked.case?.boots.every((b) => b.boot.transport === "lossy")).toBe(true);
    expect(tree.capos("cloudboot", "--validate", run).stdout).toContain("every request is on the list");
    // Each file that was stored, with all that the run has printed.
    const stored = readdirSync(join(tree.root, dir, "attached")).map((f) =>
      tree.read(`${dir}/attached/${f}`),
    );
    expect(stored.join("") + ran.stdout + ran.stderr).not.toMatch(/upload_id=\d|[Aa]uthorization|Bearer/u);
  });

  test("is not evidence without the record that nothing is left", () => {
    const run = runsOf(tree.root).find((r) =>
      existsSync(join(tree.root, ".capos/runs", r, "run-smoke@bios")),
    );
    const dir = join(tree.root, ".capos/runs", run ?? "", "run-smoke@bios");
    const teardown = join(dir, "attached/cloud-teardown.json");
    const verdict = join(dir, "verdict.json");
    const changed = readFileSync(teardown, "utf8").replace('"empty": true', '"empty": false');
    // Sealed anew, as somebody would who wants it to pass.
    const old = sha256(readFileSync(teardown));
    writeFileSync(teardown, changed);
    const sealed = readFileSync(verdict, "utf8").replace(old, sha256(changed));
    const length = Buffer.byteLength(changed);
    writeFileSync(verdict, sealed.replace(`"bytes": ${length - 1},`, `"bytes": ${length},`));
    const { problems } = verifyCase(tree.root, `.capos/runs/${run}/run-smoke@bios`, judgeAgain);
    expect(problems.map((p) => p.message).join()).toContain("does not show that nothing is left");
  });

  test("is filtered before anything is sent, when the proof needs what no instance has", () => {
    const ran = tree.capos("cloudboot", "run-storage-persist", ...local);
    expect([ran.status, ran.stdout]).toEqual([
      4,
      "    FILTERED run-storage-persist: the disk `data` is on virtio-blk, and GCE has virtio-scsi and NVMe\n",
    ]);
  });
});

describe("a run that is interrupted", () => {
  async function interrupted(times: number, operationMs: string): Promise<Ran & { readonly run: string }> {
    const child = spawn("node", [join(tree.root, "bin/capos.mjs"), "cloudboot", "run-smoke", ...local], {
      cwd: tree.root,
      env: { ...process.env, CAPOS_CLOUD_OPERATION_MS: operationMs },
    });
    let [stdout, stderr, sent] = ["", "", 0];
    child.stdout.on("data", (part) => (stdout += String(part)));
    child.stderr.on("data", (part) => {
      stderr += String(part);
      if (sent > 0 || !stderr.includes("starting the instance")) return;
      sent = 1;
      child.kill("SIGINT");
      // Behind the second in which it would count as the first one's duplicate, also where the tool heard of that late.
      if (times > 1) setTimeout(() => child.kill("SIGINT"), 3000);
    });
    await once(child, "close");
    return { status: child.exitCode, stdout, stderr, run: runPattern.exec(stderr)?.[0] ?? "" };
  }

  test("once takes down what it has made", async () => {
    const { status, stdout, stderr } = await interrupted(1, "20");
    expect(status, stdout + stderr).toBe(130);
    expect(stderr).toContain("gone: image capos-");
    expect(stdout).toContain("LISTING  the provider holds nothing of this run");
  });

  test("twice says how to take it down later", async () => {
    const { status, stdout, stderr, run } = await interrupted(2, "4000");
    expect(status, stdout + stderr).toBe(130);
    expect(stdout + stderr).toContain(`capos cloudboot --teardown ${run}`);
    const later = await capos({}, "cloudboot", "--teardown", run);
    expect(later.stdout).toContain("is gone with all that was in it");
  });
});

describe("a run that is killed", () => {
  test.each([4, 8, 12])("after %i requests is taken down by another process", async (n) => {
    const supervisor = createSupervisor(`cloud-test-${process.pid}-${n}`);
    const folder = join(tree.root, `provider-${n}`);
    mkdirSync(folder);
    const fake = await startFake({
      project: "local-project",
      zones: ["local-west1-a", "local-west1-b"],
      bucket: "local-bucket",
      folder,
      supervisor,
      room: scriptedRoom(() => "no kernel\n"),
      nature: { disks: false, operationMs: 5 },
    });
    const preflight = 10;
    const env = { CAPOS_CLOUD_ENDPOINT: fake.endpoint };
    const child = spawn("node", [join(tree.root, "bin/capos.mjs"), "cloudboot", "run-smoke", ...local], {
      cwd: tree.root,
      env: { ...process.env, ...env },
    });
    let said = "";
    child.stderr.on("data", (part) => (said += String(part)));
    const watch = setInterval(() => {
      if (fake.seen.length > preflight + n) child.kill("SIGKILL");
    }, 1);
    await once(child, "close");
    clearInterval(watch);
    expect(child.signalCode).toBe("SIGKILL");
    expect(fake.state.inventory()).not.toEqual([]);
    const run = runPattern.exec(said)?.[0] ?? "";
    const down = await capos(env, "cloudboot", n === 8 ? "--resume" : "--teardown", run);
    expect(down.stdout + down.stderr).toContain(`${run}: nothing is left`);
    expect([down.status, fake.state.inventory()]).toEqual([0, []]);
    await fake.close();
    await supervisor.close();
  });
});

describe("a live run", () => {
  const where = ["--project", "example-project", "--zone", "europe-west1-b", "--bucket", "example-bucket"];
  const env = { METADATA_SERVER_DETECTION: "none", HOME: "/nonexistent", GOOGLE_APPLICATION_CREDENTIALS: "" };
  const allowed = (from: string, until: string, proof = "run-smoke"): string =>
    [
      "by: A person",
      `proof: ${proof}`,
      "project: example-project",
      "zones: [europe-west1-b]",
      `from: ${from}`,
      `until: ${until}`,
      "at-most-usd: 1",
      "resources: [object, image, instance, disk]",
      "",
    ].join("\n");
  const today = ["2020-01-01T00:00:00Z", "2099-01-01T00:00:00Z"] as const;

  async function refused(text: string | undefined): Promise<string> {
    if (text !== undefined) tree.write("allowed.yaml", text);
    const file = text === undefined ? [] : ["--authorisation", "allowed.yaml"];
    const ran = await capos(env, "cloudboot", "run-smoke", ...where, "--run", ...file);
    return `${ran.status} ${/CAPOS_CLOUD_\w+/u.exec(ran.stdout + ran.stderr)?.[0]}`;
  }

  test("is refused without an authorisation that covers it, each with its own code", async () => {
    expect(await refused(undefined)).toBe("3 CAPOS_CLOUD_UNAUTHORISED");
    expect(await refused("by: me\n")).toBe("3 CAPOS_CLOUD_AUTHORISATION_FORM");
    const old = allowed("2020-01-01T00:00:00Z", "2020-01-02T00:00:00Z");
    expect(await refused(old)).toBe("3 CAPOS_CLOUD_AUTHORISATION_EXPIRED");
    expect(await refused(allowed(...today, "run-other"))).toBe("3 CAPOS_CLOUD_AUTHORISATION_SCOPE");
    tree.write(`.capos/cloud/used/${sha256(allowed(...today))}`, "1769860800-0a1b\n");
    expect(await refused(allowed(...today))).toBe("3 CAPOS_CLOUD_AUTHORISATION_USED");
  });

  test("without a credential is none, and its authorisation is not used up", async () => {
    const text = `${allowed(...today)}# another\n`;
    expect(await refused(text)).toBe("7 CAPOS_CLOUD_CREDENTIAL");
    expect(existsSync(join(tree.root, ".capos/cloud/used", sha256(text)))).toBe(false);
  });

  test("with public ingress is planned, and refused", () => {
    const plan = tree.capos("cloudboot", ...where, "--plan", "--public-ingress");
    expect([plan.status, plan.stdout]).toEqual([0, expect.stringContaining("on hold, since")]);
    const run = tree.capos("cloudboot", "run-smoke", ...where, "--run", "--public-ingress");
    expect([run.status, run.stderr + run.stdout]).toEqual([
      3,
      expect.stringContaining("CAPOS_CLOUD_PUBLIC_HOLD"),
    ]);
  });

  test("is only planned without --run", () => {
    const { status, stdout, stderr } = tree.capos("cloudboot", "run-smoke", ...where);
    expect([status, stderr]).toEqual([0, "nothing was sent: --run runs it\n"]);
    expect(stdout).toMatch(/at most 0\.0\d+ USD/u);
  });
});

test("Google's client is loaded by no other command", async () => {
  const hook = join(tree.root, "hook.cjs");
  const heard = join(tree.root, "heard");
  tree.write(
    "hook.cjs",
    `process.on("exit", () => require("node:fs").appendFileSync(${JSON.stringify(heard)}, Object.keys(require.cache).filter((k) => /@google-cloud|google-gax/.test(k)).length + "\\n"));`,
  );
  for (const argv of [["--help"], ["prove", "run-smoke"], ["cloudboot", "--help"]]) {
    const ran = await capos({ NODE_OPTIONS: `--require ${hook}` }, ...argv);
    expect(ran.status, ran.stderr).toBe(0);
  }
  const counts = readFileSync(heard, "utf8").trim().split("\n");
  expect(counts.every((n) => n === "0")).toBe(true);
  await capos({ NODE_OPTIONS: `--require ${hook}` }, "cloudboot", "run-smoke", ...local);
  expect(
    readFileSync(heard, "utf8")
      .trim()
      .split("\n")
      .some((n) => Number(n) > 10),
  ).toBe(true);
});
