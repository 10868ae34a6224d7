import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { oneOpenTask, scratchTree } from "./testing.ts";

const root = join(import.meta.dirname, "../..");
const launcher = join(root, "bin/capos.mjs");

/** The command line as a person runs it, from another folder and without a terminal. */
function capos(...argv: string[]): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync("node", [launcher, ...argv], { cwd: "/", encoding: "utf8" });
  return { status, stdout, stderr };
}

test("no words, -h and --help print the same help", () => {
  const help = capos("--help");
  expect(help.status).toBe(0);
  expect(help.stderr).toBe("");
  expect(help.stdout).toMatch(/^USAGE\n {2}capos prove /u);
  expect(capos("-h")).toEqual(help);
  expect(capos()).toEqual(help);
});

test("every command of the help has help of its own", () => {
  const { stdout } = capos("--help");
  const commands = [...stdout.split("COMMANDS\n")[1]!.matchAll(/^ {2}([a-z]+)/gmu)].map((m) => m[1]!);
  expect(commands).toContain("prove");
  for (const command of commands) {
    const help = capos(command, "--help");
    expect(help.status, command).toBe(0);
    expect(help.stdout, command).toMatch(/^USAGE\n/u);
  }
});

test.each([
  ["prove", [0, 1, 2, 3, 4, 5, 6, 7, 70, 130, 143]],
  ["judge", [0, 1, 2, 3, 4, 7, 70]],
  ["replay", [0, 1, 2, 3, 6, 7, 70, 130, 143]],
])("the help of %s says what it may exit with", (command, codes) => {
  const help = capos(command, "--help").stdout.replaceAll(/\s+/gu, " ");
  const told = /Exit codes: (.*?)\. /u.exec(help)?.[1]?.split("; ") ?? [];
  expect(told.map((one) => Number.parseInt(one, 10))).toEqual(codes);
});

test("the version is that of package.json", () => {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  expect(capos("--version")).toEqual({ status: 0, stdout: `${version}\n`, stderr: "" });
});

test("a mistyped command, a mistyped flag and a wrong value are usage errors with a suggestion", () => {
  expect(capos("prvoe")).toEqual({
    status: 2,
    stdout: "",
    stderr: "error[CAPOS_USAGE]: there is no command `prvoe`\n  next: did you mean `prove`?\n",
  });
  expect(capos("prove", "--reportr", "plain")).toEqual({
    status: 2,
    stdout: "",
    stderr: "error[CAPOS_USAGE]: there is no flag --reportr\n  next: did you mean `--reporter`?\n",
  });
  expect(capos("prove", "run-smoke", "--boot", "uefy").status).toBe(2);
  expect(capos("prove", "run-smoke", "--boot", "uefy").stderr).toMatch(
    /boot: "uefy" is not one of .*\n {2}next: did you mean `uefi`\?/u,
  );
});

test("a flag that would do nothing without another one is a usage error", () => {
  for (const flags of [
    ["--sample", "5%"],
    ["--cached", "--seed", "x"],
  ]) {
    expect(capos("prove", "run-smoke", "--list", ...flags)).toMatchObject({ status: 2, stdout: "" });
  }
});

test.each([
  ["prove", "run-smoke", "--list", "--repeat", "1000000000"],
  ["prove", "run-smoke", "--list", "--jobs", "99999999999999999999"],
  ["plan", "--shards", "0"],
])("a count that nobody can mean is a usage error (%#)", (...argv) => {
  const { status, stdout, stderr } = capos(...argv);
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr).toMatch(/^error\[CAPOS_USAGE\]: [a-z]+: "\d+" is not a whole number from 1 to 10000\n/u);
});

test.each([
  ["prove", "--all", "--tag", "", "--list"],
  ["prove", "--all", "--tag", "two words", "--list"],
  ["plan", "--since", ""],
  ["judge", ""],
  ["build", "smoke", "--out", ""],
  ["report", "show", "latest", "--html", ""],
])("an empty or impossible word is a usage error (%#)", (...argv) => {
  const { status, stdout, stderr } = capos(...argv);
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr).toMatch(/^error\[CAPOS_USAGE\]: [a-z]+: .*(?:is empty|is not a tag)/u);
});

test.each([
  ["build", "smoke", "--out", "/proc/capos"],
  ["build", "smoke", "--out", launcher],
  ["package", "smoke", "--provider", "gcp", "--out", "/proc/capos"],
])(
  "a place that cannot be written is told: capos %s %s %s %s",
  (...argv) => {
    const { status, stdout, stderr } = capos(...argv);
    expect({ status, stdout }).toEqual({ status: 7, stdout: "" });
    expect(stderr).toMatch(/^error\[CAPOS_(?:HOST_FILE|IMAGE_WRITE)\]: .*(?:\/proc\/capos|capos\.mjs)/mu);
  },
  120_000,
);

test.each([
  [
    ["show", "/nowhere.tar"],
    /^error\[CAPOS_EVIDENCE_MISSING\]: \S*nowhere\.tar cannot be read \(ENOENT\)\n {2}next: bundles are /u,
  ],
  [
    ["verify", `${launcher}/x`],
    /^error\[CAPOS_EVIDENCE_MISSING\]: bin\/capos\.mjs\/x cannot be read \(ENOTDIR\)\n/u,
  ],
  [["verify", root], /^error\[CAPOS_EVIDENCE_MISSING\]: \.\/started\.json is not there\n/u],
])("evidence %j is told by its name", (words, said) => {
  const { status, stderr } = capos("evidence", ...words);
  expect(status).toBe(3);
  expect(stderr).toMatch(said);
});

test("a proof that does not exist is told with the nearest name", () => {
  expect(capos("prove", "run-storage-persit")).toEqual({
    status: 2,
    stdout: "",
    stderr: [
      "error[CAPOS_PROOF_UNKNOWN]: there is no proof `run-storage-persit`",
      "  next: did you mean `run-storage-persist`?",
      "",
    ].join("\n"),
  });
});

test("naming no proof selects nothing", () => {
  expect(capos("prove")).toEqual({
    status: 4,
    stdout: "",
    stderr: [
      "error[CAPOS_PROVE_NOTHING]: no proof was named",
      "  next: name a proof, or use --all; `capos prove <Tab>` completes names",
      "",
    ].join("\n"),
  });
});

test("error codes explain themselves, mistyped ones are suggested", () => {
  expect(capos("explain", "CAPOS_PROVE_NOTHING")).toEqual({
    status: 0,
    stdout: [
      "CAPOS_PROVE_NOTHING (exit 4)",
      "",
      "No proof was selected, so nothing could be proved.",
      "",
      "Usually the next step is: name a proof, or use --all; `capos prove <Tab>` completes names.",
      "",
    ].join("\n"),
    stderr: "",
  });
  expect(capos("explain", "CAPOS_PROVE_NOTHIN").stderr).toContain("did you mean CAPOS_PROVE_NOTHING?");
});

test("a record that asks for what its proof cannot show is told before it is to be closed", () => {
  const tree = scratchTree();
  try {
    oneOpenTask(tree);
    tree.edit("tasks/sample-smoke.md", (text) => text.replace("smoke.ring", "smoke.rings"));
    const checked = tree.capos("check");
    expect(checked.status).toBe(3);
    expect(checked.stderr).toMatch(
      /^error\[CAPOS_TASK_REFERENCE\]: `run-smoke` has no landmark `smoke\.rings`\n {2}--> tasks\/sample-smoke\.md:\d+:\d+\n/u,
    );
    expect(checked.stderr).toContain("next: did you mean `smoke.ring`?");
  } finally {
    tree.dispose();
  }
});

test("a fault of a proof from which another goes on is told once", () => {
  const tree = scratchTree();
  try {
    tree.edit("proofs/run-storage-persist.cue", (text) => text.replace("cpus: 1", "cpus: 0"));
    const { status, stderr } = tree.capos("check");
    expect(status).toBe(3);
    expect(stderr.match(/^error.*`cpus` is 0/gmu)).toHaveLength(1);
  } finally {
    tree.dispose();
  }
});

test("a reader that goes away is no error", () => {
  const { stderr } = spawnSync("bash", ["-c", `node ${launcher} completion bash | head -c 1 >/dev/null`], {
    encoding: "utf8",
  });
  expect(stderr).toBe("");
});

test("what starts the command line loads no heavy package", async () => {
  expect(await packagesBefore("harness/cli/main.ts")).toEqual(["@stricli/core"]);
});

test("a proof loads neither the terminal library, nor YAML, nor a CUE engine, before it needs them", async () => {
  expect(await packagesBefore("harness/cli/run/prove.ts")).toEqual([]);
});

/** Packages in everything that a file imports before it runs: what is behind `import()` is left out. */
async function packagesBefore(entry: string): Promise<string[]> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    write: false,
    metafile: true,
    format: "esm",
    platform: "node",
  });
  const found = new Set<string>();
  const seen = new Set<string>();
  const visit = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    const name = /node_modules\/((?:@[^/]+\/)?[^/]+)/u.exec(file)?.[1];
    if (name !== undefined) found.add(name);
    for (const { path, kind } of metafile.inputs[file]?.imports ?? []) {
      if (kind !== "dynamic-import") visit(path);
    }
  };
  visit(entry);
  return [...found].toSorted();
}
