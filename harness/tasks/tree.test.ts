import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { temporaryFolder } from "../evidence/testing.ts";
import { checkView, findTask, loadTasks, statusView } from "./index.ts";

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => (folder = temporaryFolder()));
afterEach(() => folder.remove());

function write(file: string, text: string): void {
  mkdirSync(dirname(join(folder.path, file)), { recursive: true });
  writeFileSync(join(folder.path, file), text);
}

const task = (id: string, dependsOn = "[]", milestone = "m") => `---
id: ${id}
title: Task ${id}
status: ready
milestone: ${milestone}
priority: normal
slice_class: behavior
depends_on: ${dependsOn}
conflict_domains: []
write_scope: []
hazards: []
closes_on: [{proof: run-${id}, boot: [direct]}]
---
`;
const milestone = (tasks: string) => `---
id: m
title: The milestone
status: open
tasks: ${tasks}
claims: [It works.]
non_claims: [It is fast.]
---
`;
const messages = () =>
  loadTasks(folder.path).problems.map((p) => `${p.span?.file}:${p.span?.line} ${p.message}`);

describe("the records together", () => {
  test("are found wherever they lie, by id", () => {
    write("tasks/a.md", task("a"));
    write("tasks/active/b.md", task("b", "[a]"));
    write("tasks/README.md", "# not a record\n");
    write("tasks/STATUS.md", "# neither\n");
    write("tasks/milestones/m.md", milestone("[a, b]"));
    write("tasks/state.yaml", "selected: m\n");
    const tree = loadTasks(folder.path);
    expect(tree.problems).toEqual([]);
    expect([...tree.tasks.keys()]).toEqual(["a", "b"]);
    expect(tree.selected).toBe("m");
    const missing = findTask(tree, "aa");
    expect(missing.ok ? "" : missing.error[0]?.message).toBe("there is no task aa; did you mean a?");
  });

  test("name only what exists, and each other back", () => {
    write("tasks/one.md", task("one", "[ona]"));
    write("tasks/two.md", task("two", "[]", "n"));
    write("tasks/milestones/m.md", milestone("[two, three]"));
    write("tasks/state.yaml", "selected: first\n");
    expect(messages()).toMatchInlineSnapshot(`
      [
        "tasks/state.yaml:1 there is no milestone first",
        "tasks/one.md:8 there is no task ona; did you mean one?",
        "tasks/one.md:5 milestone m does not list one, which names it",
        "tasks/two.md:5 there is no milestone n",
        "tasks/milestones/m.md:5 two is listed here and serves milestone n",
        "tasks/milestones/m.md:5 there is no task three",
      ]
    `);
  });

  test("do not depend on each other in a circle", () => {
    write("tasks/a.md", task("a", "[c]"));
    write("tasks/b.md", task("b", "[a]"));
    write("tasks/c.md", task("c", "[b]"));
    write("tasks/milestones/m.md", milestone("[a, b, c]"));
    expect(messages()).toEqual(["tasks/b.md:8 a -> c -> b -> a"]);
  });

  test("do not share an id", () => {
    write("tasks/a.md", task("a"));
    write("tasks/other/a.md", task("a").replace("normal", "high"));
    write("tasks/milestones/m.md", milestone("[a]"));
    write("tasks/milestones/again.md", milestone("[a]"));
    expect(messages()).toEqual([
      "tasks/other/a.md:2 a is the id of two records",
      "tasks/milestones/m.md:2 m is the id of two records",
    ]);
  });

  test("are text, or are not read", () => {
    mkdirSync(join(folder.path, "tasks"));
    writeFileSync(
      join(folder.path, "tasks/a.md"),
      Buffer.concat([Buffer.from("---\nid: a\n"), Buffer.from([0xff])]),
    );
    expect(messages()).toEqual(["tasks/a.md:3 tasks/a.md is not UTF-8 text"]);
  });

  test("an absent folder holds none", () => {
    expect(loadTasks(folder.path).problems).toEqual([]);
  });
});

describe("the view", () => {
  test("shows the selected milestone with its tasks, and where it has drifted", () => {
    write("tasks/a.md", task("a"));
    write(
      "tasks/b.md",
      task("b", "[a]").replace("ready", "on-hold\non_hold: {reason: no | disk, lifted_by: a disk}"),
    );
    write("tasks/milestones/m.md", milestone("[a, b]"));
    write("tasks/state.yaml", "selected: m\n");
    const tree = loadTasks(folder.path);
    expect(tree.problems).toEqual([]);
    expect(statusView(tree)).toMatchInlineSnapshot(`
      "# Tasks

      Generated from the records by \`capos task status --write\`; edits here are lost.

      ## The milestone (selected)

      0 of 2 tasks are done.

      Claims:

      - It works.

      Does not claim:

      - It is fast.

      | task | status | closes on | evidence |
      | --- | --- | --- | --- |
      | [a](a.md) | ready | \`run-a\` on direct |  |
      | [b](b.md) | on-hold: no \\| disk; after a | \`run-b\` on direct |  |
      "
    `);
    expect(checkView(folder.path, tree)[0]?.span?.line).toBe(1);
    write("tasks/STATUS.md", statusView(tree));
    expect(checkView(folder.path, tree)).toEqual([]);
    write("tasks/STATUS.md", statusView(tree).replace("It works.", "It sings."));
    expect(checkView(folder.path, tree)[0]?.span?.line).toBe(11);
  });
});

describe("the repository's own records", () => {
  const root = new URL("../..", import.meta.url).pathname;

  test("are in order, and the view fits them", () => {
    const tree = loadTasks(root);
    expect(tree.problems).toEqual([]);
    expect(checkView(root, tree)).toEqual([]);
    expect(tree.milestones.get(tree.selected ?? "")?.tasks.length).toBeGreaterThan(0);
  });

  test("stand in version control with the text that they are read from", () => {
    for (const task of loadTasks(root).tasks.values()) {
      expect(readFileSync(join(root, task.source.file), "utf8")).toBe(task.source.text);
    }
  });
});
