/** Real boots of which something is broken on purpose: faults, power cuts, and every state that a crash may leave. */
import { once } from "node:events";
import { cpSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sha256 } from "../base/index.ts";
import { crashMoments, type DiskEvent, type DiskHistory, type Write } from "../contract/index.ts";
import { findCases, judgeAgain, verifyCase } from "../evidence/index.ts";
import { crashStates } from "../prove/crash/states.ts";
import { buildInProject, type ScratchTree, scratchTree } from "./testing.ts";

const project = join(import.meta.dirname, "../..");
const images = [
  "scribe",
  "scribe-write",
  "scribe-read",
  "scribe-flush",
  "storage-persist",
  "storage-many",
  "storage-misordered",
];

let tree: ScratchTree;
beforeAll(() => {
  buildInProject(...images);
  tree = scratchTree();
}, 600_000);
afterAll(() => {
  expect(tree.leftovers()).toEqual([]);
  tree.dispose();
});

function prove(proof: string, status: 0 | 1): string {
  const ran = tree.capos("prove", proof);
  expect(ran.status, ran.stdout + ran.stderr).toBe(status);
  if (status === 0) expect(ran.stdout).toMatch(/^ +PROVED /mu);
  return ran.stdout;
}

/** The two files of a record of writes, as a history. */
function readHistory(attached: string): DiskHistory {
  const data = readFileSync(join(attached, "crash-writes.raw"));
  const lines = readFileSync(join(attached, "crash-writes.jsonl"), "utf8").trim().split("\n");
  const writes: Write[] = [];
  let at = 0;
  const events = lines.map((line) => {
    type Part = Pick<Write, "sector" | "fua"> & { readonly sectors: number };
    const { parts = [], ...event }: DiskEvent & { readonly parts?: readonly Part[] } = JSON.parse(line);
    for (const { sector, sectors, fua } of parts) {
      writes.push({ request: event.request, sector, fua, data: data.subarray(at, (at += 512 * sectors)) });
    }
    return event;
  });
  expect(at).toBe(data.length);
  return { events, writes };
}

/** The newest case of a proof, which must pass every check of its evidence; its judgement is made again. */
function evidenceOf(proof: string) {
  const [dir = ""] = findCases(join(tree.root, ".capos/runs"), proof, "direct");
  const report = verifyCase(tree.root, dir.slice(tree.root.length + 1), judgeAgain);
  if (report.case === undefined) throw new Error(JSON.stringify(report.problems));
  expect(report.problems).toEqual([]);
  const actions = report.case.boots.flatMap(({ inputs }) =>
    inputs.flatMap((i) =>
      i.kind === "control" && i.event.type === "action" ? [{ ...i.event, at: i.at }] : [],
    ),
  );
  return { ...report.case, dir, actions };
}

describe("a power cut", () => {
  test("takes what was not flushed, and the evidence says which writes", () => {
    prove("run-power-cut", 0);
    const { boots, actions, dir } = evidenceOf("run-power-cut");
    expect(actions).toMatchObject([{ source: "tool", name: "power-cut", ok: true }]);
    const [cut, after] = boots.map((boot) => boot.disks["data"]);
    expect(after?.before).toBe(cut?.after);
    expect(cut?.after).not.toBe(cut?.before);
    const record = readFileSync(join(dir, "boots/1-cut/attached/writes-data.jsonl"), "utf8");
    expect([...record.matchAll(/"fate":"(\w+)"/gu)].map((m) => m[1])).toEqual(["durable", "lost"]);
    expect(boots[0]?.boot.argv.join(" ")).not.toContain(tree.root);
  });

  test("may spare everything", () => {
    prove("run-power-cut-kept", 0);
  });

  test("refutes whoever claims that what was not flushed is still there", () => {
    expect(prove("run-unflushed", 1)).toMatch(/REFUTED .*`found` was never seen/u);
  });
});

describe("a fault", () => {
  test.each([
    ["run-disk-error", ["bad-write"]],
    ["run-disk-read-error", ["bad-reads"]],
    ["run-disk-flush-error", ["bad-flush"]],
    ["run-disk-full", ["full"]],
    ["run-torn-write", ["tear"]],
    ["run-nmi", ["nmi"]],
    ["run-reset", ["reset"]],
    ["run-stopped-cpu", ["stop", "stop", "bad-flush"]],
  ])("%s is proved, and what was done stands in its evidence", (proof, names) => {
    prove(proof, 0);
    const { actions } = evidenceOf(proof);
    expect(actions.map(({ source, name, ok }) => ({ source, name, ok }))).toEqual(
      names.map((name) => ({ source: "fault", name, ok: true })),
    );
  });

  test.each(["run-torn-write", "run-storage-crash"])("%s: no mutant of it is proved", (proof) => {
    const ran = tree.capos("prove", proof, "--mutants");
    expect(ran.stderr + ran.stdout).toMatch(/ (\d+) of \1 were noticed/u);
  });

  test("that stops a processor leaves it without processor time for so long", () => {
    const [stopped, resumed] = evidenceOf("run-stopped-cpu").actions;
    const passed = (unit: "wallMs" | "cpuMs"): number => (resumed?.at[unit] ?? 0) - (stopped?.at[unit] ?? 0);
    expect(passed("wallMs")).toBeGreaterThan(450);
    // The guest spins: had it run, it would have had most of that time.
    expect(passed("cpuMs")).toBeLessThan(passed("wallMs") / 3);
  });

  test("that the boot did not wait for is not proved", () => {
    expect(prove("run-fault-too-late", 1)).toMatch(/REFUTED .*ended before the fault `late`/u);
  });

  test("that the guest must take part in, and does not, is not proved", () => {
    expect(prove("run-kept-disk", 1)).toMatch(/REFUTED .*asked to let go of the disk data and does not/u);
  });

  test("that is left out of the evidence is found by judging again", () => {
    const [dir = ""] = findCases(join(tree.root, ".capos/runs"), "run-disk-error", "direct");
    const forged = join(tree.root, ".capos/forged");
    cpSync(dir, forged, { recursive: true });
    const timeline = join(forged, "boots/1-main/timeline.jsonl");
    const lines = readFileSync(timeline, "utf8").split("\n");
    writeFileSync(timeline, lines.filter((line) => !line.includes('"fault"')).join("\n"));
    const { problems } = verifyCase(tree.root, ".capos/forged", judgeAgain);
    expect(problems.map((p) => p.code)).toContain("CAPOS_EVIDENCE_CHANGED");
  });
});

describe("crash states", () => {
  test("of the store are all consistent, and a sample really recovers", () => {
    const ran = tree.capos("prove", "run-storage-crash");
    expect(ran.status, ran.stdout + ran.stderr).toBe(0);
    expect(ran.stderr).toMatch(/crash-states: 33 states, all consistent; 6 of them booted/u);
    const { actions, dir } = evidenceOf("run-storage-crash");
    expect(actions).toMatchObject([{ source: "tool", name: "crash-states", ok: true }]);
    const report: { booted: { recovery: string }[]; contents: Record<string, number> } = JSON.parse(
      readFileSync(join(dir, "boots/1-store/attached/crash-states.json"), "utf8"),
    );
    expect(new Set(report.booted.map((b) => b.recovery))).toEqual(new Set(["absent", "present"]));
    expect(report.contents).toEqual({ "generation 1 with 0 objects": 32, "generation 2 with 1 objects": 1 });
  });

  test("follow from the evidence alone: the record of the writes gives the same states again", async () => {
    const { dir, judgement } = evidenceOf("run-storage-crash");
    const attached = join(dir, "boots/1-store/attached");
    const report: { digest: string; states: number; bounds: { reorder: number; torn: boolean } } = JSON.parse(
      readFileSync(join(attached, "crash-states.json"), "utf8"),
    );
    const history = readHistory(attached);
    const ends = (judgement.boots[0]?.landmarks ?? []).map(({ offset, length }) => offset + length);
    // Its window is from the first landmark to the last, and the disk was blank.
    const moments = crashMoments(history, ends[0] ?? 0, ends.at(-1) ?? 0, ends);
    const blank = join(tree.root, ".capos/blank.raw");
    writeFileSync(blank, "");
    truncateSync(blank, 16 << 20);
    const { states } = await crashStates(history, blank, moments, report.bounds);
    expect(states).toHaveLength(report.states);
    const digests = states.map(({ digest }) => digest).toSorted();
    expect(sha256(digests.join("\n"))).toBe(report.digest);
  });

  test("interrupted in the middle are not run, and nothing stays behind", async () => {
    const child = tree.start("prove", "run-storage-crash-many", "--reporter", "json");
    await new Promise<void>((resolve) => {
      child.stdout?.on("data", (chunk) => {
        // The boot's last landmark: the states are tried now.
        if (String(chunk).includes('"name":"exited"')) resolve();
      });
    });
    child.kill("SIGINT");
    expect(await once(child, "exit")).toEqual([130, null]);
    expect(tree.leftovers()).toEqual([]);
    const [dir = ""] = findCases(join(tree.root, ".capos/runs"), "run-storage-crash-many", "direct");
    expect(readFileSync(join(dir, "verdict.json"), "utf8")).toMatch(/"verdict": "not-run"/u);
  });

  test("of many objects are thousands, none of them half a commit", () => {
    const ran = tree.capos("prove", "run-storage-crash-many");
    expect(ran.status, ran.stdout + ran.stderr).toBe(0);
    expect(ran.stderr).toMatch(
      /crash-states: 1\d{4} states, all consistent; .* at most 4 were kept or lost/u,
    );
  });

  test("catch the store that writes its superblock before the data, and name the smallest that shows it", () => {
    const out = prove("run-storage-misordered", 1);
    expect(out).toMatch(
      /REFUTED .*31 of 50 states are bad; the smallest: .* survive write 2 \(8 sectors at byte 4096\): bad index/u,
    );
    const { dir, judgement } = evidenceOf("run-storage-misordered");
    expect(judgement.cause).toContain("31 of 50 states are bad");
    const worst = readFileSync(join(dir, "boots/1-store/attached/crash-worst.json"), "utf8");
    // The same run writes the same bytes: this is the stored case.
    expect(worst).toBe(
      readFileSync(join(project, "harness/prove/crash/cases/superblock-before-data.json"), "utf8"),
    );
  });

  test("of a boot that ends otherwise than declared are not tried", () => {
    const file = "proofs/run-storage-crash.cue";
    const before = tree.read(file);
    tree.edit(file, (text) => text.replace("exited status=0", "exited status=9"));
    const ran = tree.capos("prove", "run-storage-crash");
    tree.write(file, before);
    expect(ran.status).toBe(1);
    expect(ran.stdout).toMatch(/REFUTED .*`exited` was never seen/u);
    expect(ran.stderr).not.toContain("crash-states");
  });

  test("that do not recover as declared refute, with the state and what was missed", () => {
    const file = "proofs/run-storage-crash.cue";
    const before = tree.read(file);
    tree.edit(file, (text) =>
      text.replace('{name: "absent", before: "committed"', '{name: "absent", before: "put"'),
    );
    const ran = tree.capos("prove", "run-storage-crash");
    tree.write(file, before);
    expect(ran.status).toBe(1);
    expect(ran.stdout).toMatch(/REFUTED .*one does not recover: a crash behind .*as `present`: /u);
  });
});
