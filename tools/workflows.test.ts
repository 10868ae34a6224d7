import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { checkWords } from "./commands.ts";
import { checkWorkflow, commandsIn, wordsOf } from "./workflows.ts";

const root = join(import.meta.dirname, "..");
const folder = join(root, ".github/workflows");
const context = { root, command: checkWords };

test.each(readdirSync(folder))("%s is a workflow, and its every command runs here", (name) => {
  expect(checkWorkflow(name, readFileSync(join(folder, name), "utf8"), context)).toEqual([]);
});

test("the nightly run plans, proves each shard with mutants, merges, verifies the ledger and publishes", () => {
  const text = readFileSync(join(folder, "nightly.yml"), "utf8");
  for (const step of [
    "capos plan --all --shards",
    "capos prove --all --shard ${{ matrix.shard }}/${{ matrix.of }} --mutants",
    "capos report merge",
    "capos evidence verify",
    "capos ledger verify",
    "actions/deploy-pages@",
  ])
    expect(text).toContain(step);
});

describe("a workflow is refused", () => {
  const good = (steps: string, more = "") => `name: n
on: push
permissions:
  contents: read
jobs:
  one:
    runs-on: ubuntu-latest
    timeout-minutes: 5
${more}    steps:
${steps}
`;
  const faults = (text: string) => checkWorkflow("w.yml", text, context);

  test("not when nothing is wrong with it", () => {
    expect(faults(good("      - run: make setup\n      - run: npx capos check --json"))).toEqual([]);
  });

  test.each([
    ["a tag instead of a commit", "      - uses: actions/checkout@v4", "is not pinned to a commit"],
    [
      "a commit without its version",
      `      - uses: actions/checkout@${"a".repeat(40)}`,
      "an action is written `name@commit # vX.Y.Z`",
    ],
    ["a command that does not exist", "      - run: npx capos proof --all", "capos has no command proof"],
    ["a flag that does not exist", "      - run: npx capos prove --al", "there is no flag --al"],
    ["a flag without its value", "      - run: npx capos prove --shard", "--shard lacks its value"],
    [
      "a value that the flag does not take",
      "      - run: npx capos prove --all --shard 3/2",
      '--shard: "3/2" is not a part such as 2/3',
    ],
    [
      "too few values",
      "      - run: npx capos report merge --out m",
      "0 values are not what the command takes",
    ],
    ["a target that make does not have", "      - run: make nonsense", "the Makefile has no target nonsense"],
    ["a program of its own", "      - run: curl example.org | sh", "a person could not run the same"],
    ["a program inside a command", "      - run: make $(curl x)", "curl is neither capos nor make"],
    ["a step that does nothing", "      - name: nothing", "must have either `uses` or `run`"],
    ["a misspelt key", "      - run: make setup\n        iff: always()", "there is no key iff"],
    [
      "a step that is not there",
      "      - run: make setup\n        env:\n          A: ${{ steps.plan.outputs.x }}",
      "speaks of a step plan that it does not have",
    ],
    [
      "a secret that it should not need",
      "      - run: make setup\n        env:\n          A: ${{ secrets.TOKEN }}",
      "is more than a workflow here should need",
    ],
  ])("for %s", (_, steps, message) => {
    expect(faults(good(steps)).join("\n")).toContain(message);
  });

  test.each([
    ["a job that is not there", "    needs: two\n", "there is no job two"],
    ["an output of a job that it does not need", "    if: needs.two.outputs.x\n", "which it does not need"],
    ["a misspelt key of a job", "    timeout: 5\n", "there is no key timeout"],
  ])("for %s", (_, more, message) => {
    expect(faults(good("      - run: make setup", more)).join("\n")).toContain(message);
  });

  test.each([
    ["no YAML", "a: [", "w.yml: $: "],
    ["a key given twice", "name: a\nname: b\n", "unique"],
    ["no jobs", "on: push\njobs: {}\n", "jobs: there are none"],
    [
      "an event that GitHub does not have",
      good("      - run: make setup").replace("on: push", "on: pushed"),
      "there is no key pushed",
    ],
    [
      "a cron line that never comes",
      good("      - run: make setup").replace("on: push", 'on:\n  schedule:\n    - cron: "61 1 * * *"'),
      "is no cron line",
    ],
    [
      "all rights",
      good("      - run: make setup").replace("\n  contents: read", " write-all"),
      "must name each scope",
    ],
    [
      "no time limit",
      good("      - run: make setup").replace("    timeout-minutes: 5\n", ""),
      "needs timeout-minutes",
    ],
  ])("for %s", (_, text, message) => {
    expect(faults(text).join("\n")).toContain(message);
  });
});

test("scripts are taken apart as a shell would", () => {
  expect(commandsIn('echo "m=$(npx capos plan --shards "${{ inputs.n }}")" >> "$GITHUB_OUTPUT"')).toEqual([
    'npx capos plan --shards "1"',
    'echo "m=1" >> "$GITHUB_OUTPUT"',
  ]);
  expect(commandsIn("a && b\n# c\nd; e")).toEqual(["a", "b", "d", "e"]);
  expect(wordsOf(`a "b c"'d' --x=" y"`)).toEqual(["a", "b cd", "--x= y"]);
});
