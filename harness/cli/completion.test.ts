import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { type Command, type RouteMap } from "@stricli/core";
import { expect, test } from "vitest";
import { app } from "./app.ts";
import { makeContext } from "./context.ts";
import { words } from "./run/completion.ts";

const root = join(import.meta.dirname, "../..");
const launcher = join(root, "bin/capos.mjs");

/** What may stand in the place of the last word. */
async function completed(...typed: string[]): Promise<readonly string[]> {
  let text = "";
  const out = { write: (part: string) => void (text += part) };
  await words.call(makeContext({ stdout: out, stderr: out, env: {} }, { root, env: {} }), {}, ...typed);
  return text.split("\n").filter((line) => line !== "");
}

test("commands, flags and names of proofs are proposed", async () => {
  expect(await completed("pro")).toEqual(["prove"]);
  expect(await completed("prove", "run-storage-pers")).toEqual(["run-storage-persist"]);
  expect(await completed("prove", "--repo")).toEqual(["--reporter"]);
  const { stdout } = spawnSync("node", [launcher, "completion", "words", "--", "prove", "run-smo"], {
    encoding: "utf8",
  });
  expect(stdout).toBe("run-smoke\n");
});

test.each([
  [["prove", "--boot", "u"], ["uefi"]],
  [["prove", "--boot", "direct,b"], ["direct,bios"]],
  [["prove", "--boot", "direct,bios,uefi,"], ["direct,bios,uefi,all"]],
  [
    ["prove", "--reporter", "j"],
    ["json", "junit=", "json="],
  ],
  [["prove", "--tag", "counter"], ["counterexample"]],
  [["prove", "--tag", "!counter"], ["!counterexample"]],
  [["plan", "--format", "gi"], ["github"]],
  [["package", "--provider", "g"], ["gcp"]],
  [["cloudboot", "--provider", "l"], ["local"]],
  [["bench", "--only", "help,p"], ["help,prove"]],
  [["debug", "--path", "b"], ["bios"]],
  [["debug", "run-smoke", "--at", "he"], ["hello"]],
  [
    ["debug", "run-storage-persist", "--at", ""],
    ["entry", "banner", "mounted", "put", "committed", "got"],
  ],
  [
    ["debug", "run-storage-persist", "--boot", "read-back", "--at", ""],
    ["entry", "banner", "mounted", "got"],
  ],
  [
    ["debug", "run-storage-persist", "--boot", ""],
    ["store", "read-back"],
  ],
  [["judge", "a.raw", "--proof", "run-storage-persist", "--boot", "r"], ["read-back"]],
  [["replay", "latest~"], ["latest~1"]],
  [["judge", "latest~"], ["latest~1"]],
  [["milestone", "show", "first"], ["first-light"]],
  [["task", "show", "storage-persist-s"], ["storage-persist-store"]],
  [["explain", "run-smo"], ["run-smoke"]],
  [["explain", "CAPOS_PROVE_NOT"], ["CAPOS_PROVE_NOTHING"]],
  [["debug", "run-none", "--at", "x"], []],
] satisfies [string[], string[]][])("%j is completed", async (typed, expected) => {
  expect(await completed(...typed)).toEqual(expected);
});

test("bundles are proposed from where one stands", async () => {
  const found = await completed("evidence", "show", "");
  expect(found.length).toBeGreaterThan(0);
  for (const path of found) expect(path).toMatch(/tasks\/evidence\/[0-9a-f]{64}\.tar$/u);
});

/** All commands below an entry with the words that lead to them. */
function commandsBelow(
  entry: Command<never> | RouteMap<never>,
  path: string,
): readonly [string, Command<never>][] {
  if (!("getAllEntries" in entry)) return [[path, entry]];
  return entry
    .getAllEntries()
    .flatMap(({ name, target }) => commandsBelow(target, `${path} ${name.original}`));
}

test("every flag that takes one of a few words proposes them", () => {
  const lacking: string[] = [];
  let seen = 0;
  // Only read: what the commands are run with does not matter.
  for (const [path, { parameters }] of commandsBelow(app.root as never, "capos")) {
    for (const [name, flag] of Object.entries(parameters.flags ?? {})) {
      if (flag.kind !== "parsed") continue;
      const parse = flag.parse as (input: string) => unknown;
      try {
        parse("?");
      } catch (error) {
        if (!/is not one of/u.test(String(error))) continue;
        seen += 1;
        if (flag.proposeCompletions === undefined) lacking.push(`${path} --${name}`);
      }
    }
  }
  expect(lacking).toEqual([]);
  expect(seen).toBeGreaterThan(8);
});

/** Whether a shell is installed; Debian's packages are bash, zsh and fish. */
function has(shell: string): boolean {
  return spawnSync(shell, ["-c", "true"]).status === 0;
}

function run(shell: string, ...args: string[]): string {
  const { stdout, stderr } = spawnSync(shell, args, { encoding: "utf8", cwd: root });
  expect(stderr).toBe("");
  return stdout;
}

test("bash completes with its script", () => {
  const complete = (...typed: string[]): string =>
    run(
      "bash",
      "-c",
      `eval "$(node ${launcher} completion bash)"
       COMP_WORDS=(capos "$@"); COMP_CWORD=$#; _capos; printf '%s\\n' "\${COMPREPLY[@]}"`,
      "bash",
      ...typed,
    );
  expect(complete("prove", "run-smo")).toBe("run-smoke\n");
  expect(complete("prove", "--reporter", "ju")).toBe("junit=\n");
  expect(complete("debug", "run-smoke", "--at", "he")).toBe("hello\n");
});

test.skipIf(!has("zsh"))("zsh completes with its script, and with files where it knows nothing", () => {
  const complete = (...typed: string[]): string =>
    run(
      "zsh",
      "-fc",
      `compdef() { : }; compadd() { print -r -- "$@" }; _files() { print files }
       eval "$(node ${launcher} completion zsh)"
       words=(capos "$@"); CURRENT=$(( $# + 1 )); _capos`,
      "zsh",
      ...typed,
    );
  expect(complete("prove", "run-smo")).toContain("-- run-smoke\n");
  expect(complete("prove", "--reporter", "ju")).toContain("-S  -- junit=\n");
  expect(complete("debug", "run-smoke", "--at", "he")).toContain("-- hello\n");
  expect(complete("history", "merge", "")).toBe("files\n");
});

test.skipIf(!has("fish"))("fish completes with its script, and with files where it knows nothing", () => {
  const complete = (line: string): string =>
    run("fish", "--no-config", "-c", `node ${launcher} completion fish | source; complete -C '${line}'`);
  expect(complete("capos prove run-smo")).toBe("run-smoke\n");
  expect(complete("capos prove --reporter ju")).toBe("junit=\n");
  expect(complete("capos debug run-smoke --at he")).toBe("hello\n");
  expect(complete("capos history merge READ")).toMatch(/^README\.md/u);
});
