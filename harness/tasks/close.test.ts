// Longer than most: one closing is stopped after every step and held against every refusal.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ok } from "../base/index.ts";
import { declaredInputs, findCases, openRunDirectory, readLedger } from "../evidence/index.ts";
import {
  type SampleOptions,
  must,
  sampleJudge,
  sampleParts,
  temporaryFolder,
  writeSampleCase,
} from "../evidence/testing.ts";
import {
  type CloseDeps,
  closeMilestone,
  closeTask,
  loadTasks,
  milestoneStatus,
  planClose,
  staleProofs,
  verifyAll,
} from "./index.ts";
import { sampleRecord } from "./testing.ts";

const record = sampleRecord(
  ["boot: [direct, bios]", "landmarks:", "  read-back.object: {size: 4096}"],
  "\nWhy, in words.\n",
);
const milestone = `---
id: m
title: The milestone
status: open
tasks: [sample]
claims: [It is stored.]
non_claims: [It is fast.]
---
`;

let folder: ReturnType<typeof temporaryFolder>;
let root: string;
let runs = 0;
let now = Date.UTC(2026, 0, 31, 12, 30, 59);

beforeEach(() => {
  folder = temporaryFolder();
  root = folder.path;
  now = Date.UTC(2026, 0, 31, 12, 30, 59);
  write("tasks/sample.md", record);
  write("tasks/milestones/m.md", milestone);
  write(".gitignore", ".capos/\n");
  git("init", "-q");
  git("add", ".");
  git("-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-q", "-m", "start");
});
afterEach(() => folder.remove());

function write(file: string, text: string): void {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), text);
}
function git(...args: string[]): string {
  return execFileSync("git", args, { cwd: root, encoding: "utf8" });
}
function run(options: SampleOptions = {}): string {
  return writeSampleCase(join(root, `.capos/runs/${++runs}`), options);
}
const deps = (): CloseDeps => ({
  rejudge: sampleJudge(),
  current: async () => ok(declaredInputs(sampleParts)),
  git: async (args) => ok(git(...args)),
  now: () => now,
  cases: (proof, path) => findCases(join(root, ".capos/runs"), proof, path),
});
async function refusals(change: Partial<CloseDeps> = {}): Promise<readonly string[]> {
  const before = snapshot();
  const closed = await closeTask(root, "sample", { ...deps(), ...change });
  expect(snapshot()).toEqual(before);
  return closed.ok ? ["it was closed"] : closed.error.map((p) => `${p.span?.line ?? ""} ${p.message}`.trim());
}
function snapshot(): Readonly<Record<string, string>> {
  const files = readdirSync(join(root, "tasks"), { recursive: true, withFileTypes: true }).filter((f) =>
    f.isFile(),
  );
  const paths = files.map((f) => join(f.parentPath, f.name).slice(root.length + 1)).toSorted();
  return Object.fromEntries(paths.map((p) => [p, readFileSync(join(root, p), "latin1")]));
}

describe("closing a task", () => {
  test("packs the evidence, chains it, and moves the record", async () => {
    run();
    run({ path: "bios" });
    const plan = must(await closeTask(root, "sample", deps()));
    const done = readFileSync(join(root, "tasks/done/2026-01-31/sample.md"), "utf8");
    expect(done.replaceAll(/[0-9a-f]{40,64}/gu, "…")).toBe(
      record
        .replace("status: active", "status: done")
        .replace(
          "{size: 4096}\n",
          "{size: 4096}\nclosed:\n  commit: …\n  at: 2026-01-31T12:30Z\n  evidence:\n    - …\n    - …\n",
        ),
    );
    expect(done).toContain(git("rev-parse", "HEAD").trim());
    expect(existsSync(join(root, "tasks/sample.md"))).toBe(false);
    expect(loadTasks(root).problems).toEqual([]);
    expect(plan.closed.evidence.map((d) => existsSync(join(root, `tasks/evidence/${d}.tar`)))).toEqual([
      true,
      true,
    ]);
    const report = verifyAll(root, sampleJudge());
    expect(report.problems).toEqual([]);
    expect(report.entries).toBe(2);
    expect(readFileSync(join(root, "tasks/STATUS.md"), "utf8")).toContain("1 of 1 tasks are done.");
    expect(await refusals()).toEqual(["2 sample is closed since 2026-01-31T12:30Z"]);
  });

  test("refuses without evidence, and names each missing run", async () => {
    expect(await refusals()).toEqual([
      "13 there is no run of run-sample on direct",
      "13 there is no run of run-sample on bios",
    ]);
  });

  test.each<[string, SampleOptions, string]>([
    [
      "a run that was not proved",
      { size: -1 },
      "13 run-sample@direct: it ended refuted: landmark object was not seen",
    ],
    [
      "another value",
      { size: 512 },
      "16 run-sample@direct: read-back.object.size is 512, and the record closes on 4096",
    ],
    [
      "a console of no one's",
      { freshness: "none" },
      "13 run-sample@direct: nothing shows that the console belongs to this run (freshness none)",
    ],
    [
      "a stored console",
      { target: "record" },
      "13 run-sample@direct: nothing shows that the console belongs to this run (freshness none)",
    ],
    [
      "a pass on retry",
      { attempt: 2 },
      "13 run-sample@direct: it passed at attempt 2; a pass on retry closes nothing",
    ],
    [
      "a boot that was never powered on",
      { forked: true },
      "13 run-sample@direct: boot `store` went on from `ready` of run-shared; what closes a task must be powered on",
    ],
    [
      "another tree",
      { declared: { ...sampleParts, kernel: "0".repeat(64), "tool:rustc": "1".repeat(64) } },
      "13 run-sample@direct: it is stale, for these have changed since: kernel, tool:rustc",
    ],
  ])("refuses evidence of %s", async (_, options, why) => {
    run({ path: "bios" });
    run(options);
    expect(await refusals()).toEqual([why]);
  });

  test("takes an older run that was powered on before a newer one that was not", async () => {
    run({ path: "bios" });
    run();
    run({ forked: true });
    must(await closeTask(root, "sample", deps()));
  });

  test("says how to power a machine on", async () => {
    run({ path: "bios" });
    run({ forked: true });
    const closed = await closeTask(root, "sample", deps());
    expect(closed.ok ? "" : closed.error[0]?.next).toBe(
      "`npx capos prove run-sample --boot direct --cold`, then close again",
    );
  });

  test("refuses a landmark that the proof does not have", async () => {
    run();
    run({ path: "bios" });
    write("tasks/sample.md", record.replace("read-back.object", "read-back.objekt"));
    expect(await refusals()).toEqual([
      "16 run-sample@direct: landmark read-back.objekt was not seen",
      "16 run-sample@bios: landmark read-back.objekt was not seen",
    ]);
  });

  test("refuses a judgement that today's judge does not share", async () => {
    run();
    run({ path: "bios" });
    const strict = sampleJudge("2");
    const said = await refusals({
      rejudge: (c) => ({ ...strict(c), verdict: "refuted", cause: "torn line" }),
    });
    expect(said[0]).toContain("judge 1 said proved, and judge 2 says refuted: torn line");
  });

  test("refuses while the tree has changes outside tasks/", async () => {
    run();
    run({ path: "bios" });
    write("kernel/main.rs", "fn main() {}\n");
    write("tasksheet", "not a record\n");
    write("tasks/note.txt", "beside the records\n");
    expect(await refusals()).toEqual(["the tree has changes outside tasks/: kernel/main.rs, tasksheet"]);
  });

  test("knows its own tasks/ where the project is a folder of the checkout", async () => {
    const top = root;
    root = join(top, "kernel-tree");
    write("tasks/sample.md", record);
    write("tasks/milestones/m.md", milestone);
    run();
    run({ path: "bios" });
    must(await closeTask(root, "sample", deps()));
    root = top;
    expect((await refusals())[0]).toContain("changes outside tasks/: kernel-tree/tasks/STATUS.md");
  });

  test("refuses on hold, and before what it depends on", async () => {
    write(
      "tasks/sample.md",
      record.replace("active", "on-hold\non_hold: {reason: no disk, lifted_by: a disk}"),
    );
    expect(await refusals()).toEqual(["2 sample is on hold: no disk (lifted by: a disk)"]);
    write("tasks/sample.md", record.replace("depends_on: []", "depends_on: [other]"));
    write("tasks/other.md", record.replace("id: sample", "id: other"));
    write("tasks/milestones/m.md", milestone.replace("[sample]", "[sample, other]"));
    expect(await refusals()).toEqual(["8 sample depends on other, which is not done"]);
  });

  test("an older pass does not stand against a newer failure, nor a run of another tree against a pass", async () => {
    const dirs = [run({ size: -1 }), run(), run({ declared: { kernel: "0".repeat(64) } })];
    run({ path: "bios" });
    const newestFirst = (path: string, list: readonly string[]) =>
      path === "direct" ? list : deps().cases("run-sample", "bios");
    const cases = (list: readonly (string | undefined)[]): Partial<CloseDeps> => ({
      cases: (_, path) =>
        newestFirst(
          path,
          list.filter((d) => d !== undefined),
        ),
    });
    expect(await refusals(cases([dirs[0], dirs[1]]))).toEqual([
      "13 run-sample@direct: it ended refuted: landmark object was not seen",
    ]);
    expect((await planClose(root, "sample", { ...deps(), ...cases([dirs[2], dirs[1], dirs[0]]) })).ok).toBe(
      true,
    );
  });

  test("one run may meet two requirements", async () => {
    run();
    run({ path: "bios" });
    const again = "  - proof: run-sample\n    boot: [direct]\n---";
    write("tasks/sample.md", record.replace("{size: 4096}\n---", `{size: 4096}\n${again}`));
    const plan = must(await closeTask(root, "sample", deps()));
    expect(plan.closed.evidence.length).toBe(2);
    expect(verifyAll(root, sampleJudge()).problems).toEqual([]);
  });

  test("overwrites nothing that is in the way", async () => {
    run();
    run({ path: "bios" });
    write("tasks/done/2026-01-31/sample.md", record.replace("id: sample", "id: other"));
    write("tasks/milestones/m.md", milestone.replace("[sample]", "[sample, other]"));
    expect(await refusals()).toEqual([
      "2 tasks/done/2026-01-31/sample.md is in the way, and is not a record of sample",
    ]);
  });

  test("a run that was stopped decides nothing, and is told when there is no other", async () => {
    run();
    run({ path: "bios" });
    const stopped = must(
      openRunDirectory({
        runDir: join(root, `.capos/runs/${++runs}`),
        run: "stopped",
        case: { id: "run-sample@direct", proof: "run-sample", path: "direct" },
        capos: "0.1.0",
      }),
    );
    must(stopped.finish({ verdict: "not-run", cause: "interrupted", freshness: "none" }));
    const only = (path: string) => (path === "direct" ? [stopped.path] : deps().cases("run-sample", "bios"));
    expect(await refusals({ cases: (_, path) => only(path) })).toEqual([
      "13 run-sample@direct: it ended not-run: interrupted",
    ]);
    expect((await planClose(root, "sample", deps())).ok).toBe(true);
  });

  test("suggests the id that was meant", async () => {
    const closed = await closeTask(root, "sampel", deps());
    expect(closed.ok ? "" : closed.error[0]?.message).toBe("there is no task sampel; did you mean sample?");
  });
});

describe("a closing that is interrupted", () => {
  test("after any number of steps is completed by the same command", async () => {
    run();
    run({ path: "bios" });
    const plan = must(await planClose(root, "sample", deps()));
    const steps = [
      ...plan.writes.map(({ file, content }) => () => {
        mkdirSync(dirname(join(root, file)), { recursive: true });
        writeFileSync(join(root, file), content);
      }),
      ...plan.removes.map((file) => () => rmSync(join(root, file))),
    ];
    const start = snapshot();
    for (let done = 0; done < steps.length; done++) {
      for (const file of Object.keys(snapshot())) rmSync(join(root, file));
      for (const [file, content] of Object.entries(start)) writeFileSync(join(root, file), content, "latin1");
      for (const step of steps.slice(0, done)) step();
      // The next try comes at another minute, so none of its ledger entries is the same.
      now += 60_000;
      must(await closeTask(root, "sample", deps()));
      const report = verifyAll(root, sampleJudge());
      expect([done, report.problems, report.entries]).toEqual([done, [], 2]);
      expect(loadTasks(root).problems).toEqual([]);
    }
  });

  test("leaves no half-written file for ever", async () => {
    run();
    run({ path: "bios" });
    write("tasks/evidence/aaaa.tar.1-0.tmp", "half a bun");
    write("tasks/ledger/bbbb.json.1-0.tmp", "{");
    must(await closeTask(root, "sample", deps()));
    expect(verifyAll(root, sampleJudge()).problems).toEqual([]);
  });

  test("by another closing at the same time waits its turn", async () => {
    write("tasks/other.md", record.replace("id: sample", "id: other"));
    write("tasks/milestones/m.md", milestone.replace("[sample]", "[sample, other]"));
    run();
    run({ path: "bios" });
    const closed = await Promise.all([closeTask(root, "sample", deps()), closeTask(root, "other", deps())]);
    expect(closed.map((c) => c.ok)).toEqual([true, true]);
    const report = verifyAll(root, sampleJudge());
    expect([report.problems, report.entries]).toEqual([[], 4]);
    expect(readFileSync(join(root, "tasks/STATUS.md"), "utf8")).toContain("2 of 2 tasks are done.");
  });

  test("shows until then as what it is", async () => {
    run();
    run({ path: "bios" });
    must(await closeTask(root, "sample", deps()));
    write("tasks/sample.md", record);
    expect(loadTasks(root).problems.map((p) => p.code)).toEqual(["CAPOS_TASK_INTERRUPTED"]);
    write("tasks/sample.md", record.replace("Why", "What"));
    expect(loadTasks(root).problems.map((p) => p.code)).toEqual(["CAPOS_TASK_DUPLICATE"]);
  });
});

describe("afterwards", () => {
  const close = async () => {
    run();
    run({ path: "bios" });
    return must(await closeTask(root, "sample", deps()));
  };

  test("a closed task is stale when its declared inputs change, and not when HEAD does", async () => {
    await close();
    const task = must({ ok: true, value: loadTasks(root).tasks.get("sample") });
    if (task === undefined) throw new Error("no task");
    expect(must(await staleProofs(root, task, deps().current))).toEqual([]);
    const changed = declaredInputs({ ...sampleParts, proof: "f".repeat(64) });
    const stale = must(await staleProofs(root, task, async () => ok(changed)));
    expect(stale).toEqual([
      { proof: "run-sample", path: "direct", changed: ["proof"] },
      { proof: "run-sample", path: "bios", changed: ["proof"] },
    ]);
    expect(must(await milestoneStatus(root, "m", async () => ok(changed))).tasks[0]?.stale).toEqual(stale);
  });

  test("a record that is edited to ask for more than was shown no longer verifies", async () => {
    await close();
    const file = "tasks/done/2026-01-31/sample.md";
    write(file, readFileSync(join(root, file), "utf8").replace("size: 4096", "size: 8192"));
    expect(
      verifyAll(root, sampleJudge()).problems.map((p) => `${p.span?.file}:${p.span?.line} ${p.code}`),
    ).toEqual([`${file}:13 CAPOS_TASK_EVIDENCE`, `${file}:13 CAPOS_TASK_EVIDENCE`]);
  });

  test("a milestone closes when all its tasks are closed by evidence that verifies", async () => {
    const open = await closeMilestone(root, "m", deps());
    expect(open.ok ? [] : open.error.map((p) => `${p.span?.line} ${p.message}`)).toEqual([
      "5 sample is not done",
    ]);
    const plan = await close();
    const bundle = join(root, `tasks/evidence/${plan.closed.evidence[0]}.tar`);
    const bytes = readFileSync(bundle);
    writeFileSync(bundle, Buffer.concat([bytes, Buffer.from("x")]));
    const damaged = await closeMilestone(root, "m", deps());
    expect(damaged.ok ? "" : damaged.error[0]?.code).toBe("CAPOS_EVIDENCE_CHANGED");
    writeFileSync(bundle, bytes);
    const closed = must(await closeMilestone(root, "m", deps()));
    expect(closed).toEqual({
      milestone: "m",
      commit: git("rev-parse", "HEAD").trim(),
      at: "2026-01-31T12:30Z",
    });
    expect(loadTasks(root).milestones.get("m")?.status).toBe("closed");
    const again = await closeMilestone(root, "m", deps());
    expect(again.ok ? "" : again.error[0]?.message).toBe("m is closed since 2026-01-31T12:30Z");
  });

  test("two branches that close different tasks merge, and the next entry names both", async () => {
    write("tasks/other.md", record.replace("id: sample", "id: other"));
    write("tasks/third.md", record.replace("id: sample", "id: third"));
    write("tasks/milestones/m.md", milestone.replace("[sample]", "[sample, other, third]"));
    git("add", "tasks");
    git("-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-q", "-m", "more");
    run();
    run({ path: "bios" });
    const before = snapshot();
    must(await closeTask(root, "sample", deps()));
    const left = snapshot();
    for (const file of Object.keys(left)) rmSync(join(root, file));
    for (const [file, content] of Object.entries(before)) write2(file, content);
    must(await closeTask(root, "other", deps()));
    rmSync(join(root, "tasks/sample.md"));
    for (const [file, content] of Object.entries(left)) if (!file.endsWith("other.md")) write2(file, content);
    must(await closeTask(root, "third", deps()));
    const report = verifyAll(root, sampleJudge());
    expect([report.problems, report.entries]).toEqual([[], 6]);
    const merged = [...readLedger(root).entries.values()].filter((e) => e.entry.parents.length === 2);
    expect(merged.map((e) => e.entry.task)).toEqual(["third"]);
  });

  function write2(file: string, content: string): void {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), content, "latin1");
  }
});
