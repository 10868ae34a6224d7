// Longer than most: a tree is made once, and each way to choose and repeat cases is tried on it as a person would.
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findProgram } from "../process/index.ts";
import { buildInProject, runsOf, scratchTree, type ScratchTree, until } from "./testing.ts";

let tree: ScratchTree;

beforeAll(() => {
  buildInProject("smoke", "hang", "spawn");
  tree = scratchTree();
  tree.write(".gitignore", ".capos\nnode_modules\nharness\nbin\n");
  git("init", "-q");
  git("add", ".");
  git("-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-q", "-m", "start");
}, 600_000);
afterAll(() => {
  expect(tree.leftovers()).toEqual([]);
  tree.dispose();
});

function git(...args: readonly string[]): void {
  execFileSync("git", args, { cwd: tree.root });
}

/** Lines of `--list` that name cases, without their times. */
function listed(...words: readonly string[]): readonly string[] {
  const { stdout, stderr, status } = tree.capos("prove", ...words, "--list");
  expect(status, stderr).toBe(0);
  const [table = ""] = stdout.split("\n\n");
  return table
    .split("\n")
    .slice(1)
    .map((line) => line.slice(11));
}

function record(id: string, ms: number): string {
  const rest = { attempt: 1, verdict: "proved", cause: "", guestMs: ms, cpuMs: ms, digest: "d" };
  return `${JSON.stringify({ v: 1, at: "2026-01-31T12:00:00.000Z", run: "r", case: id, ms, ...rest, accelerator: "tcg", under: "u" })}\n`;
}

describe("choosing cases", () => {
  test("a list says what would be run, how long it takes and why, and boots nothing", () => {
    const history = join(tree.root, ".capos/given.jsonl");
    writeFileSync(
      history,
      record("run-smoke@direct", 200) + record("run-smoke@uefi", 3400) + record("run-smoke@bios", 500),
    );
    const ran = tree.capos("prove", "run-smoke", "run-spaw?", "--all", "--history", history, "--list");
    expect(ran).toEqual({
      status: 0,
      stderr: "",
      stdout: [
        " EXPECTED  CASE              WHY",
        "    3.4 s  run-smoke@uefi    named",
        "    0.5 s  run-smoke@bios    named",
        "   ~0.5 s  run-spawn@bios    named by run-spaw?",
        "   ~0.5 s  run-spawn@direct  named by run-spaw?",
        "   ~0.5 s  run-spawn@uefi    named by run-spaw?",
        "    0.2 s  run-smoke@direct  named",
        "",
        "6 cases, 5.6 s if they ran one after the other.",
        "",
      ].join("\n"),
    });
    expect(runsOf(tree.root)).toEqual([]);
  });

  test("by tag, by milestone and by case", () => {
    expect(listed("run-hang")).toEqual(["run-hang@direct  named"]);
    expect(listed("--tag", "counterexample").length).toBeGreaterThan(3);
    expect(listed("run-s*@uefi", "--tag", "!disk").every((line) => line.includes("@uefi"))).toBe(true);
    expect(listed("--milestone", "first-light")).toContainEqual(
      expect.stringMatching(/^run-smoke@direct +closes first-light-smoke$/u),
    );
  });

  test("by what has changed since a revision, and what is there in any case", () => {
    const none = tree.capos("prove", "--since", "HEAD", "--list");
    expect(none.status).toBe(4);
    expect(none.stderr).toMatch(
      /^error\[CAPOS_PROVE_NOTHING\]: none of \d+ cases is left by --since HEAD\n/u,
    );
    expect(listed("--since", "HEAD", "--also", "run-smoke")).toEqual(["run-smoke@direct  named"]);
    tree.edit("proofs/run-spawn.cue", (text) => `${text}\n// changed\n`);
    expect(listed("--since", "HEAD")).toEqual(["run-spawn@direct  proofs/run-spawn.cue changed"]);
    tree.edit("manifests/smoke.cue", (text) => `${text}\n// changed\n`);
    const touched = listed("--since", "HEAD").map((line) => line.split(" ")[0]);
    expect(touched).toContain("run-smoke@direct");
    expect(touched).toContain("run-spawn@direct");
    expect(touched).not.toContain("run-forge@direct");
    git("checkout", "-q", "proofs", "manifests");
    expect(tree.capos("prove", "--since", "nowhere").stderr).toBe(
      [
        "error[CAPOS_PROVE_REVISION]: git cannot tell what has changed since `nowhere`",
        "  next: name a commit, a branch or a tag of this checkout; a shallow clone may not have it",
        "",
      ].join("\n"),
    );
  });

  test.each([
    [["run-z*"], 4, "no proof matches `run-z*`"],
    [["run-smoke@uefy"], 4, "no case matches `run-smoke@uefy`\n  next: did you mean `run-smoke@uefi`?"],
    [["--milestone", "first-ligt"], 2, "there is no milestone `first-ligt`"],
    [["--all", "--shard", "3/2"], 2, '"3/2" is not a part such as 2/3'],
    [["--all", "--history", "/nowhere"], 2, "/nowhere cannot be read"],
    [["run-smoke", "--shard", "2/2"], 4, "shard 2/2 of 1 cases is empty"],
    [["--failed"], 4, "is left by --failed"],
  ] as const)("%s ends with %i: %s", (words, status, message) => {
    const ran = tree.capos("prove", ...words);
    expect([ran.status, ran.stdout]).toEqual([status, ""]);
    expect(ran.stderr).toContain(message);
  });
});

describe("a plan", () => {
  test("divides the matrix: each case is in one shard, and the shards' words select exactly theirs", () => {
    const { stdout, status } = tree.capos(
      "plan",
      "run-smoke",
      "run-spawn",
      "--all",
      "--shards",
      "3",
      "--format",
      "json",
    );
    expect(status).toBe(0);
    const plan: {
      readonly cases: readonly { readonly id: string; readonly shard: number }[];
      readonly shards: readonly { readonly cases: readonly string[]; readonly argv: readonly string[] }[];
    } = JSON.parse(stdout);
    expect(plan).toMatchObject({ v: 1, capos: expect.any(String) });
    expect(plan.cases.map((c) => c.id).toSorted()).toEqual(plan.shards.flatMap((s) => s.cases).toSorted());
    expect(plan.cases.length).toBe(6);
    for (const { cases, argv } of plan.shards) {
      const ids = listed(...argv.slice(1)).map((line) => line.split(" ")[0]);
      expect(ids.toSorted()).toEqual([...cases].toSorted());
    }
  });

  test("for GitHub is the value of a matrix, with no shard that is empty", () => {
    const { stdout } = tree.capos("plan", "run-smoke", "--tag", "!x", "--shards", "9", "--format", "github");
    expect(JSON.parse(stdout)).toEqual({
      include: [
        {
          shard: 1,
          of: 1,
          name: "1 of 1",
          cases: 1,
          seconds: expect.any(Number),
          select: "run-smoke --tag '!x'",
        },
      ],
    });
  });

  test("as text names each shard's command", () => {
    const { stdout } = tree.capos("plan", "run-smoke", "run-spawn", "--shards", "2");
    expect(stdout).toMatch(
      /^shard 1 of 2, \d+\.\d s: capos prove run-smoke run-spawn --shard 1\/2\n +~\d+\.\d s {2}run-s\w+@direct\n\nshard 2 of 2, /u,
    );
  });
});

describe("the matrix of a proof", () => {
  test("is every number of processors and every memory, each proved under its own name", () => {
    tree.edit("proofs/run-smoke.cue", (text) =>
      text.replace('memory: "128Mi", cpus: 1', 'memory: ["64Mi", "128Mi"], cpus: [1, 2]'),
    );
    const ran = tree.capos("prove", "run-smoke@direct*", "--reporter", "plain");
    expect(ran.status, ran.stdout + ran.stderr).toBe(0);
    const proved = [...ran.stdout.matchAll(/PROVED .* (run-smoke@\S+)/gu)].map((m) => m[1]).toSorted();
    expect(proved).toEqual(
      ["1cpu+128Mi", "1cpu+64Mi", "2cpu+128Mi", "2cpu+64Mi"].map((p) => `run-smoke@direct+${p}`),
    );
    expect(ran.stdout).toMatch(
      /SUMMARY .* 4 proved; guests ran \d+\.\d s in \d+\.\d s, \d+ processors \d+ % busy\n$/u,
    );
    const [run] = runsOf(tree.root).slice(-1);
    const argv = tree.read(`.capos/runs/${run}/run-smoke@direct+2cpu+64Mi/boots/1-smoke/boot.json`);
    expect(argv).toContain('"64M"');
    expect(
      tree.capos("evidence", "verify", join(tree.root, `.capos/runs/${run}/run-smoke@direct+2cpu+64Mi`))
        .status,
    ).toBe(0);
    git("checkout", "-q", "proofs");
  });
});

describe("cached verdicts", () => {
  /** The emulator, started so that the kernel finds no boot module: what no declared input shows. */
  const brokenHost = (): string => {
    const bin = join(tree.root, ".capos/broken");
    mkdirSync(bin, { recursive: true });
    const file = join(bin, "qemu-system-x86_64");
    const real = findProgram("qemu-system-x86_64") ?? "";
    const drop =
      'for w; do shift; [ "$w" = -initrd ] && { skip=1; continue; }; [ "$skip" ] && { skip=; continue; }; set -- "$@" "$w"; done';
    writeFileSync(file, `#!/bin/sh\n${drop}\nexec ${real} "$@"\n`);
    chmodSync(file, 0o755);
    return bin;
  };
  const withPath = <T>(bin: string, action: () => T): T => {
    const before = process.env["PATH"] ?? "";
    process.env["PATH"] = `${bin}${delimiter}${before}`;
    try {
      return action();
    } finally {
      process.env["PATH"] = before;
    }
  };

  test("answer with their date, until an input changes or the evidence does", () => {
    expect(tree.capos("prove", "run-spawn").status).toBe(0);
    const [run = ""] = runsOf(tree.root).slice(-1);
    const cached = tree.capos("prove", "run-spawn", "--cached");
    expect(cached.status, cached.stderr).toBe(0);
    expect(cached.stdout).toMatch(
      new RegExp(
        String.raw`^ +CACHED \[ +0\.000s\] run-spawn@direct, proved \d{4}-\d{2}-\d{2} \d{2}:\d{2}Z in ${run}\n +SUMMARY .* 1 proved, 1 of them cached\n$`,
        "u",
      ),
    );
    const explained = tree.capos("explain", "run-spawn").stdout;
    expect(explained).toMatch(
      new RegExp(`run-spawn@direct {2}runs, or with --cached is answered by ${run}`, "u"),
    );
    tree.edit("manifests/spawn.cue", (text) => `${text}\n// changed\n`);
    const changed = tree.capos("explain", "run-spawn").stdout;
    expect(changed).toMatch(/^ {2}changed manifests\/spawn\.cue +[0-9a-f]{16}, was [0-9a-f]{16}$/mu);
    expect(changed).toMatch(
      /run-spawn@direct {2}runs: since it was proved on .*, changed: manifests\/spawn\.cue$/mu,
    );
    expect(tree.capos("prove", "run-spawn", "--cached").stdout).toMatch(/^ +PROVED /u);
    git("checkout", "-q", "manifests");
    tree.edit(`.capos/runs/${run}/run-spawn@direct/boots/1-spawn/console.raw`, (text) => `${text}x`);
    expect(tree.capos("prove", "run-spawn", "--cached").stdout).toMatch(/^ +PROVED /u);
  });

  test("are sampled: the same seed takes the same, and a disagreement fails the run and is not answered again", () => {
    expect(tree.capos("prove", "run-smoke").status).toBe(0);
    const bin = brokenHost();
    const words = ["prove", "run-smoke", "--cached", "--sample", "1%", "--seed", "a"];
    const agreed = tree.capos(...words);
    expect(agreed.stdout).toMatch(/^ +PROVED \[/u);
    expect(agreed.stderr).toContain("NOTE 1 of 1 cached verdicts are run again (--seed a)");
    const disagreed = withPath(bin, () => tree.capos(...words));
    expect(disagreed.status, disagreed.stdout + disagreed.stderr).toBe(1);
    const [, verdict = ""] =
      /error\[CAPOS_PROVE_CACHE_DISAGREES\]: run-smoke@direct was proved in run \S+ on \S+, and is (\S+) now, under the same inputs\n/u.exec(
        disagreed.stderr,
      ) ?? [];
    // Its banner refutes it, and the machine is ended; that it panics is graver, where it still came to that.
    expect(["refuted", "guest-died"]).toContain(verdict);
    expect(listed("--failed")).toEqual([
      expect.stringMatching(new RegExp(`^run-smoke@direct +${verdict} in run `, "u")),
    ]);
    const after = tree.capos("prove", "run-smoke", "--cached");
    expect(after.stdout).toMatch(/^ +PROVED \[/u);
    expect(tree.capos("explain", "run-smoke").stdout).toMatch(
      new RegExp(`run-smoke@direct +runs: it was ${verdict} under the same inputs on `, "u"),
    );
    const flakes = tree.capos("ledger", "flakes");
    expect(flakes.stdout).toMatch(
      new RegExp(String.raw`^run-smoke@direct: 1 flake\n {2}\S+Z {2}${verdict} in \S+, proved in \S+: `, "u"),
    );
  });
});

describe("a quarantine", () => {
  const quarantine = (until: string): void =>
    tree.edit("proofs/run-hang.cue", (text) =>
      text.replace(
        "image:",
        `quarantine: {reason: "it hangs", ticket: "T-1", owner: "kernel", until: "${until}"}\n\timage:`,
      ),
    );
  const day = (offset: number): string =>
    new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);

  test("lets the run pass and shows the failure all the same", () => {
    quarantine(day(1));
    const ran = tree.capos("prove", "run-hang");
    expect(ran.status, ran.stderr).toBe(0);
    expect(ran.stdout).toMatch(
      /^ NO-PROGRESS .* \(not counted: quarantined until \S+: it hangs \(T-1, kernel\)\)\n/u,
    );
    expect(ran.stdout).toMatch(/SUMMARY .* 0 proved \(1 slow\), 1 no-progress, 1 not counted\n$/u);
    expect(tree.capos("check").status).toBe(0);
    git("checkout", "-q", "proofs");
  });

  test("that is over counts, and is told at its place by check", () => {
    quarantine(day(-1));
    expect(tree.capos("prove", "run-hang").status).toBe(1);
    const checked = tree.capos("check");
    expect(checked.status).toBe(3);
    expect(checked.stderr).toMatch(
      /^error\[CAPOS_PROOF_EXPIRED\]: the quarantine of run-hang ended on \S+ \(T-1, kernel\), and its failures count again\n {2}--> proofs\/run-hang\.cue:3:\d+\n/u,
    );
    git("checkout", "-q", "proofs");
  });
});

describe("watching", () => {
  test("proves again at each save, ends a run that a save makes pointless, and leaves nothing at Ctrl-C", async () => {
    tree.edit("proofs/run-hang.cue", (source) => source.replace('within: "2s"', 'within: "60m"'));
    const child = tree.start("prove", "run-hang", "--watch", "--reporter", "json");
    let text = "";
    child.stdout?.on("data", (bytes) => (text += String(bytes)));
    let said = "";
    child.stderr?.on("data", (bytes) => (said += String(bytes)));
    const count = (what: string): number => text.split(what).length - 1;
    const seen = async (what: () => boolean): Promise<void> => {
      await until(what);
      expect(what(), `${text.slice(-800)}\n${said}`).toBe(true);
    };
    await seen(() => count('"type":"banner"') === 1);
    // While the guest hangs, its run is ended, and another begins.
    tree.edit("proofs/run-hang.cue", (source) => source.replace('within: "60m"', 'within: "2s"'));
    await seen(() => count('"type":"banner"') === 2);
    expect(said).toMatch(/WATCH \d\d:\d\d:\d\dZ proofs\/run-hang\.cue saved\n/u);
    expect(text).toContain('"verdict":"not-run"');
    await seen(() => said.includes("WATCH waits for a save; Ctrl-C ends"));
    expect(text).toContain('"verdict":"no-progress"');
    tree.edit("proofs/run-hang.cue", (source) => source.replace("{name:", "{nam:"));
    await seen(() => said.includes("error[CAPOS_"));
    git("checkout", "-q", "proofs");
    await seen(() => count('"type":"banner"') === 3);
    child.kill("SIGINT");
    expect(await once(child, "exit")).toEqual([130, null]);
    expect(tree.leftovers()).toEqual([]);
  });

  test.each([
    [["run-hag"], 2],
    [["--all", "--tag", "no-such-tag"], 4],
  ])("%j is refused: there is nothing to wait for", (words, exit) => {
    const ran = tree.capos("prove", ...words, "--watch");
    expect(ran).toMatchObject({ status: exit, stdout: "" });
    expect(ran.stderr).not.toContain("WATCH");
  });
});

test("old runs are removed, but for the newest and each case's newest proof", () => {
  const before = runsOf(tree.root).length;
  const dry = tree.capos("clean", "--keep", "0", "--dry-run");
  expect(dry.stdout).toMatch(/^0 runs would be removed, 0\.0 MiB; \d+ left\.\n$/u);
  expect(runsOf(tree.root).length).toBe(before);
});
