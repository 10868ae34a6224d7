import { existsSync, readFileSync } from "node:fs";

import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { choose, describeNotice, noticed, packagesFor, planted, readBugs } from "./bugs.ts";
import type { Bug } from "./bugs.ts";

const bugs = readBugs(readFileSync("tools/planted-bugs/bugs.json", "utf8"));
const some: Bug = { name: "a", file: "kernel/core/src/x.rs", find: "<", replace: "<=" };

describe("the list", () => {
  test.each(bugs.map((bug) => [bug.name, bug] as const))("%s has its place in the tree, once", (_, bug) => {
    expect(existsSync(bug.file)).toBe(true);
    const source = readFileSync(bug.file, "utf8");
    expect(planted(source, bug)).toBeDefined();
    const tests = source.search(/^#\[cfg\(test\)\]\nmod \w+ \{/mu);
    expect(source.indexOf(bug.find), "it is no test that is changed").toBeLessThan(
      tests < 0 ? Infinity : tests,
    );
  });

  test("is long enough to say something", () => expect(bugs.length).toBeGreaterThanOrEqual(30));

  test.each([
    ["{}", /no list/u],
    ['[{"name": "a", "file": "f", "find": "x"}]', /bug 0 has no text `replace`/u],
    ["[null]", /no text `name`/u],
    [JSON.stringify([some, some]), /two planted bugs are named a/u],
  ])("%s is refused", (text, reason) => expect(() => readBugs(text)).toThrow(reason));
});

describe("the choice", () => {
  const others = [some, { ...some, name: "b" }];
  test("is all when nothing is named", () => expect(choose(others, [])).toBe(others));
  test("is what is named", () => expect(choose(others, ["b"]).map(({ name }) => name)).toEqual(["b"]));
  test("is never silently nothing", () =>
    expect(() => choose(others, ["c"])).toThrow("there is no planted bug c"));
});

describe("planting", () => {
  test("changes the one place and nothing else", () => {
    const text = fc.string().filter((part) => !part.includes("<"));
    fc.assert(
      fc.property(text, text, (before, after) => {
        expect(planted(`${before}<${after}`, some)).toBe(`${before}<=${after}`);
        expect(planted(before + after, some)).toBeUndefined();
        expect(planted(`${before}<${after}<`, some)).toBeUndefined();
      }),
    );
  });

  test("takes no part of the replacement for a pattern", () =>
    expect(planted("a < b", { ...some, replace: "$& $1" })).toBe("a $& $1 b"));

  test("of what changes nothing is refused", () =>
    expect(planted("a < b", { ...some, replace: "<" })).toBeUndefined());

  test("is noticed by the tests of the crate, or of what stands on it", () => {
    expect(packagesFor("kernel/formats/src/store/index.rs")).toEqual(["capos-formats"]);
    expect(packagesFor("kernel/abi/src/ring.rs")).toEqual(["capos-abi", "capos-core"]);
  });
});

describe("what a run says", () => {
  const ran = { status: 101, stdout: "", stderr: "" };
  test.each([
    [{ ...ran, status: 0, stdout: "test a ... ok\n" }, { by: "nobody" }],
    [
      { ...ran, stdout: "test a::b ... FAILED\ntest c ... ok\ntest d - should panic ... FAILED\n" },
      { by: "tests", tests: ["a::b", "d"] },
    ],
    [{ ...ran, stderr: "error[E0425]: no such name\n" }, { by: "the compiler" }],
    [{ ...ran, stderr: "error: this arithmetic operation will overflow\n" }, { by: "the compiler" }],
    [
      { ...ran, stderr: "error: test failed, to rerun pass `--lib`\n" },
      { by: "tests", tests: ["a test program that did not end by itself"] },
    ],
    [{ ...ran, status: undefined }, { by: "the clock" }],
    [
      { ...ran, status: undefined, stdout: "test a ... FAILED\n" },
      { by: "tests", tests: ["a"] },
    ],
  ] as const)("%j", (run, notice) => expect(noticed(run)).toEqual(notice));

  test("is one line", () => {
    const tests = ["a", "b", "c", "d", "e"];
    expect(describeNotice("x", { by: "tests", tests })).toBe("found     x: a, b, c and 2 more");
    expect(describeNotice("x", { by: "nobody" })).toBe("SURVIVED  x");
    expect(describeNotice("x", { by: "the compiler" })).toMatch(/^BROKEN {4}x: /u);
    expect(describeNotice("x", { by: "the clock" })).toMatch(/^found {5}x: /u);
  });
});
