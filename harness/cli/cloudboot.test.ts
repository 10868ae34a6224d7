/** The command as a person uses it: real boots at the local provider, what is stored of them, and what costs nothing. */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sha256 } from "../base/index.ts";
import { judgeAgain, packCase, verifyCase } from "../evidence/index.ts";
import { capos, cloudTree, elsewhere, local, runIn } from "./cloudboot/testing.ts";
import { runsOf, type ScratchTree } from "./testing.ts";

const project = join(import.meta.dirname, "../..");

let tree: ScratchTree;
beforeAll(() => {
  const built = spawnSync("node", [join(project, "bin/capos.mjs"), "build", "smoke"], { cwd: project });
  expect(built.status).toBe(0);
  tree = cloudTree();
}, 300_000);
afterAll(() => {
  expect(tree.leftovers()).toEqual([]);
  tree.dispose();
});

describe("a run at the local provider", () => {
  test.each([
    ["run-smoke", "bios", "scsi"],
    ["run-smoke", "bios", "nvme"],
    ["run-smoke", "uefi", "scsi"],
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
    const validated = tree.capos("cloudboot", "--validate", run);
    expect([validated.status, validated.stdout]).toEqual([
      0,
      expect.stringContaining("every one of them on the list"),
    ]);
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

  test("of two boots stops and starts one instance", () => {
    const run = runsOf(tree.root).find((r) =>
      existsSync(join(tree.root, ".capos/runs", r, "run-twice@uefi")),
    );
    const log = tree.read(`.capos/runs/${run}/run-twice@uefi/attached/cloud-requests.jsonl`);
    const sent = (what: RegExp): number => log.split("\n").filter((line) => what.test(line)).length;
    expect(sent(/"method":"POST".*\/instances\?/u)).toBe(1);
    expect(sent(/"method":"POST".*\/stop\?/u)).toBe(1);
    expect(sent(/"method":"POST".*\/start\?/u)).toBe(1);
    expect(sent(/"method":"DELETE".*\/instances\//u)).toBe(1);
  });

  test("is validated from its bundle alone, and not when a request has been changed", () => {
    const run = runsOf(tree.root).find((r) =>
      existsSync(join(tree.root, ".capos/runs", r, "run-twice@uefi")),
    );
    const dir = join(tree.root, ".capos/runs", run ?? "", "run-twice@uefi");
    const packed = packCase(dir);
    if (!packed.ok) throw new Error("the case cannot be packed");
    const file = `${packed.value.digest}.tar`;
    writeFileSync(join(tree.root, file), packed.value.bytes);
    const validated = tree.capos("cloudboot", "--validate", file);
    expect([validated.status, validated.stdout]).toEqual([
      0,
      expect.stringContaining("a private run, in order"),
    ]);
    const log = join(dir, "attached/cloud-requests.jsonl");
    writeFileSync(log, readFileSync(log, "utf8").replace("e2-small", "a2-ultra"));
    const changed = tree.capos("cloudboot", "--validate", run ?? "");
    expect([changed.status, changed.stderr]).toEqual([3, expect.stringContaining("CAPOS_EVIDENCE_CHANGED")]);
  });

  test.each([
    ["run-storage-persist", "the disk `data` is on virtio-blk, and GCE has virtio-scsi and NVMe"],
    ["run-many-disks", /the disk `\w+` is on virtio-blk/u],
    ["run-hang", "the proof declares no boot from a disk (bios or uefi)"],
  ])(
    "of %s is filtered before anything is sent, since the provider lacks what it needs",
    async (proof, why) => {
      const at = await elsewhere(tree, "scripted");
      const ran = await capos(tree, at.env, ["cloudboot", proof, ...local]);
      expect([ran.status, at.fake.seen]).toEqual([4, []]);
      expect(ran.stdout).toContain(`    FILTERED ${proof}: `);
      expect(ran.stdout).toMatch(why);
      await at.close();
    },
  );
});

describe("a run that is interrupted", () => {
  test("twice says how to take it down later", async () => {
    let sent = false;
    const ran = await capos(
      tree,
      { CAPOS_CLOUD_OPERATION_MS: "4000" },
      ["cloudboot", "run-smoke", ...local],
      (child, said) => {
        if (sent || !said().includes("starting the instance")) return;
        sent = child.kill("SIGINT");
        // Behind the second in which it would count as the first one's duplicate, also where the tool heard of that late.
        setTimeout(() => child.kill("SIGINT"), 3000);
      },
    );
    const run = runIn(ran.stderr);
    expect(ran.status, ran.stdout + ran.stderr).toBe(130);
    expect(ran.stdout + ran.stderr).toContain(`capos cloudboot --teardown ${run}`);
    const later = tree.capos("cloudboot", "--teardown", run);
    expect(later.stdout).toContain("is gone with all that was in it");
  });
});

describe("a live run", () => {
  const where = ["--project", "example-project", "--zone", "europe-west1-b", "--bucket", "example-bucket"];
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
    const ran = await capos(tree, { NODE_OPTIONS: `--require ${hook}` }, argv);
    expect(ran.status, ran.stderr).toBe(0);
  }
  const counts = readFileSync(heard, "utf8").trim().split("\n");
  expect(counts.every((n) => n === "0")).toBe(true);
  await capos(tree, { NODE_OPTIONS: `--require ${hook}` }, ["cloudboot", "run-smoke", ...local]);
  expect(
    readFileSync(heard, "utf8")
      .trim()
      .split("\n")
      .some((n) => Number(n) > 10),
  ).toBe(true);
});
