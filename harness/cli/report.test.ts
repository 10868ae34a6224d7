/** Reports as a user asks for them, over real boots. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chooseReporters, parseReporter } from "./reporters.ts";
import { buildInProject, type Ran, runsOf, scratchTree, type ScratchTree } from "./testing.ts";

let tree: ScratchTree;
let proved: Ran;
let refuted: Ran;
const at = (...parts: readonly string[]): string => join(tree.root, ...parts);

/** In the tree's folder, as a person stands in it, with another environment. */
function capos(env: Readonly<Record<string, string>>, ...argv: string[]): Ran {
  const { status, stdout, stderr } = spawnSync("node", [at("bin/capos.mjs"), ...argv], {
    cwd: tree.root,
    encoding: "utf8",
    env: { ...process.env, ...env },
  });
  return { status, stdout, stderr };
}

beforeAll(() => {
  buildInProject("smoke", "wrong-object");
  tree = scratchTree();
  proved = tree.capos(
    "prove",
    "run-smoke",
    ...["junit", "html", "json"].flatMap((k) => ["--reporter", `${k}=${at(`out/smoke.${k}`)}`]),
  );
  refuted = capos(
    { GITHUB_ACTIONS: "true", GITHUB_STEP_SUMMARY: at("summary.md") },
    "prove",
    "run-wrong-object",
  );
}, 600_000);
afterAll(() => tree.dispose());

describe("while a run goes", () => {
  test("reports go to files, and the screen is as ever", () => {
    expect(proved.status, proved.stderr).toBe(0);
    expect(proved.stdout).toMatch(/^ +PROVED .* run-smoke@direct\n +SUMMARY .* 1 proved\n$/u);
    expect(readFileSync(at("out/smoke.junit"), "utf8")).toContain('<testcase name="run-smoke@direct"');
    expect(readFileSync(at("out/smoke.html"), "utf8")).toMatch(/^<!doctype html>/u);
    const events = readFileSync(at("out/smoke.json"), "utf8");
    expect(events).toBe(readFileSync(at(".capos/runs", runsOf(tree.root)[0]!, "events.jsonl"), "utf8"));
    expect(proved.stderr).not.toContain("Warning");
  });

  test("on GitHub a failure is an annotation at what the proof declares", () => {
    expect(refuted.status).toBe(1);
    expect(refuted.stdout).toMatch(
      /^::error file=proofs\/run-wrong-object\.cue,line=\d+,col=\d+,.*title=run-wrong-object@direct refuted::/mu,
    );
    const line = Number(/line=(\d+)/u.exec(refuted.stdout)?.[1]);
    expect(tree.read("proofs/run-wrong-object.cue").split("\n")[line - 1]).toContain("same");
    expect(tree.read("summary.md")).toContain("| run-wrong-object@direct | refuted |");
  });

  test("a report that could not be written stops the run before it begins", () => {
    const before = runsOf(tree.root).length;
    writeFileSync(at("file"), "");
    const ran = tree.capos("prove", "run-smoke", "--reporter", `junit=${at("file/report.xml")}`);
    expect(ran.status).toBe(7);
    expect(ran.stderr).toMatch(/^error\[CAPOS_REPORT_WRITE\]: .*report\.xml cannot be written/u);
    expect(runsOf(tree.root)).toHaveLength(before);
  });

  test("one that fails only at the end is told, and the run does not look proved", () => {
    mkdirSync(at("taken.xml"));
    const ran = tree.capos("prove", "run-smoke", "--reporter", `junit=${at("taken.xml")}`);
    expect(ran.stdout).toContain("1 proved");
    expect(ran.stderr).toContain("error[CAPOS_REPORT_WRITE]");
    expect(ran.status).toBe(7);
  });

  test.each([
    ["junit", /"junit" needs a file: junit=FILE/u],
    ["plain=x", /"plain" is shown as the run goes and takes no file/u],
    ["jnuit=x", /did you mean `junit`\?/u],
  ])("--reporter %s is a usage error that says why", (word, why) => {
    const ran = tree.capos("prove", "run-smoke", "--reporter", word);
    expect(ran.status).toBe(2);
    expect(ran.stderr).toMatch(why);
  });
});

describe("stored runs", () => {
  test("the evidence of all its cases is verified by the run's folder", () => {
    const { status, stdout } = tree.capos("evidence", "verify", at(".capos/runs", runsOf(tree.root)[0]!));
    expect(status).toBe(0);
    expect(stdout).toMatch(/^sound: \.capos\/runs\/\S+\/run-smoke@direct: run-smoke@direct proved\n$/u);
  });

  test("one whose evidence was changed is told to be so, whatever its events say", () => {
    const run = runsOf(tree.root)[0]!;
    const changed = `.capos/runs/${run}-changed`;
    cpSync(at(".capos/runs", run), at(changed), { recursive: true });
    const show = (): string => tree.capos("report", "show", at(changed)).stdout;
    expect(show()).not.toContain("WARNING");
    const console = `${changed}/run-smoke@direct/boots/1-smoke/console.raw`;
    tree.edit(console, (text) => `${text}more`);
    expect(show()).toMatch(
      /^ +WARNING run-smoke@direct: its evidence is not what was sealed: boots\/1-smoke\/console\.raw has been changed; /mu,
    );
    tree.edit(`${changed}/run-smoke@direct/verdict.json`, (text) => text.replace('"proved"', '"refuted"'));
    expect(show()).toContain("its verdict there is refuted and 1 more;");
    rmSync(at(changed, "run-smoke@direct/verdict.json"));
    expect(show()).toContain("verdict.json is gone;");
    rmSync(at(changed), { recursive: true });
  });

  test("a run is shown again by its name, its number back, or its path", () => {
    const shown = tree.capos("report", "show", "latest~1");
    expect(shown.status).toBe(0);
    const [first] = runsOf(tree.root);
    expect(tree.capos("report", "show", first!).stdout).toContain("PROVED");
    expect(tree.capos("report", "show", at(".capos/runs", first!, "events.jsonl")).stdout).toContain(
      "PROVED",
    );
  });

  test("a failure is shown with its story, and JSON has its places", () => {
    const name = runsOf(tree.root).find((run) =>
      tree.read(`.capos/runs/${run}/events.jsonl`).includes("wrong-object"),
    )!;
    const text = tree.capos("report", "show", name).stdout;
    expect(text).toMatch(/^ +REFUTED .* run-wrong-object@direct: boot/mu);
    expect(text).toContain("    again:     capos prove run-wrong-object --boot direct");
    const report = JSON.parse(tree.capos("report", "show", name, "--json").stdout);
    expect(report.cases[0]).toMatchObject({
      verdict: "refuted",
      accelerator: expect.any(String),
      span: { file: "proofs/run-wrong-object.cue" },
    });
    expect(report.cases[0].boots[1].marks[1]).toMatchObject({
      name: "got",
      line: expect.stringContaining("<digest:hex64>"),
    });
  });

  test("an event stream that is cut in the middle is a run that died", () => {
    const [first] = runsOf(tree.root);
    const events = tree.read(`.capos/runs/${first}/events.jsonl`);
    tree.write("dead/events.jsonl", events.slice(0, Math.floor(events.length / 2)));
    const shown = tree.capos("report", "show", at("dead"));
    expect(shown.status).toBe(0);
    expect(shown.stdout).toMatch(/DIED \[.*run-smoke@direct: the run ended before this case did/u);
    expect(shown.stdout).toContain("DIED the run ended without telling its end");
  });

  test("a name that nothing has is told with the nearest", () => {
    expect(tree.capos("report", "show", "lates")).toMatchObject({
      status: 2,
      stderr: "error[CAPOS_REPORT_UNKNOWN_RUN]: there is no run `lates`\n  next: did you mean `latest`?\n",
    });
    expect(tree.capos("report", "show", "latest~99").stderr).toContain("there are only");
  });

  test("shards are merged into a run like any other, with one exit code", () => {
    const names = runsOf(tree.root);
    const smoke = names[0]!;
    const wrong = names.find((run) => tree.read(`.capos/runs/${run}/events.jsonl`).includes("wrong-object"))!;
    const merged = tree.capos(
      "report",
      "merge",
      smoke,
      wrong,
      "-o",
      at("merged"),
      "--junit",
      at("merged.xml"),
    );
    expect(merged.status, merged.stderr).toBe(1);
    expect(merged.stdout).toMatch(/SUMMARY .* 1 proved, 1 refuted, exit code 1\n$/u);
    expect(readFileSync(at("merged.xml"), "utf8")).toContain('tests="2" failures="1"');
    expect(tree.capos("report", "show", at("merged"), "--json").stdout).toContain(
      '"dir": "merged/run-smoke@direct"',
    );
    expect(readFileSync(at("merged/run-smoke@direct/verdict.json"), "utf8")).toContain('"proved"');
    const again = tree.capos("report", "merge", smoke, wrong, "-o", at("merged"));
    expect(again).toMatchObject({ status: 2, stderr: expect.stringContaining("CAPOS_REPORT_EXISTS") });
    const twice = tree.capos("report", "merge", smoke, smoke, "-o", at("twice"));
    expect(twice).toMatchObject({ status: 3, stderr: expect.stringContaining("CAPOS_REPORT_DUPLICATE") });
  });

  test("two shards that disagree are refused, and both verdicts shown", () => {
    const smoke = runsOf(tree.root)[0]!;
    const events = tree.read(`.capos/runs/${smoke}/events.jsonl`);
    tree.write(
      "other/events.jsonl",
      events.replace('"verdict":"proved"', '"verdict":"refuted"').replaceAll(smoke, "other"),
    );
    const merged = tree.capos("report", "merge", smoke, at("other"), "-o", at("conflict"));
    expect(merged.status).toBe(3);
    expect(merged.stderr).toContain(
      `error[CAPOS_REPORT_CONFLICT]: run-smoke@direct is proved in ${smoke} and refuted in other`,
    );
  });

  test("two runs are compared as text, JSON and HTML", () => {
    const [one, other] = [runsOf(tree.root)[0]!, "latest"];
    const compared = tree.capos("report", "compare", one, other, "--html", at("compare.html"));
    expect(compared.status, compared.stderr).toBe(0);
    expect(compared.stdout).toMatch(
      /^ +SAME \[ +[\d.]+s +[\d.]+s\] run-smoke@direct\n +SUMMARY 0 of 1 cases differ in more than time\n$/u,
    );
    expect(readFileSync(at("compare.html"), "utf8")).toMatch(/^<!doctype html>/u);
    const json = JSON.parse(tree.capos("report", "compare", one, other, "--json").stdout);
    expect(json.cases[0].boots[0].marks[0].left.wallMs).toEqual(expect.any(Number));
  });
});

describe("which reporters a run gets", () => {
  const choose = (words: readonly string[], env: Record<string, string>, isTTY = false): string[] => {
    const screen = { write: () => {}, isTTY };
    const process = { stdout: screen, stderr: screen };
    return chooseReporters(words.map(parseReporter), { process, env }).map((r) =>
      "file" in r ? `${r.kind}=${r.file}` : r.kind,
    );
  };
  test.each([
    [[], {}, true, ["live"]],
    [[], {}, false, ["plain"]],
    [[], { TERM: "dumb" }, true, ["plain"]],
    [[], { CI: "true" }, true, ["plain"]],
    [[], { GITHUB_ACTIONS: "true" }, false, ["plain", "github"]],
    [["junit=a=b.xml"], {}, true, ["live", "junit=a=b.xml"]],
    [["json"], { GITHUB_ACTIONS: "true" }, false, ["json"]],
    [["github", "html=x"], { GITHUB_ACTIONS: "true" }, false, ["plain", "github", "html=x"]],
    [["plain", "json=e.ndjson"], {}, true, ["plain", "json=e.ndjson"]],
  ] as const)("%j with %o on a terminal (%s): %j", (words, env, isTTY, expected) => {
    expect(choose(words, env, isTTY)).toEqual(expected);
  });
});
